package eventgate

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
)

// maxEvents bounds the events of one request, and with them the memory that a body of many small ones takes; keepEvents is how many a run has had
// at most if it is kept for the next request.
const (
	maxEvents  = 10_000
	keepEvents = 1000
)

// keepBytes is the most memory of one kind that a run keeps for the next request.
const keepBytes = 1 << 20

// run is the state of one request. Runs are pooled; all their memory is kept, so that in a steady state no event allocates.
type run struct {
	gate       *Gate
	ctx        context.Context
	lost       *string // for an error event of our own: why it was refused; nil for a request
	req        *Request
	splitter   event.Splitter
	events     []Event
	batch      kafka.Batch
	inBatch    []int  // the event of each record
	arena      []byte // texts that live as long as the request: spliced events, keys
	filling    []byte // the text that is being spliced into one event
	ins        []rawjson.Insertion
	values     [][]byte
	fields     []event.Field // of a plan that is not the gate's
	now        time.Time
	nowText    []byte // JSON string, made when it is needed
	idText     []byte
	headers    []headerText
	trace      []kafka.Header
	traceKnown bool
	handed     int64        // bytes handed over by a hasty request
	hands      atomic.Int32 // of a hasty request: who still needs the run, its handler and its records
	errors     int          // listed so far
}

func newRun(g *Gate) *run {
	return &run{gate: g, splitter: event.Splitter{Max: maxEvents}}
}

func (g *Gate) begin(ctx context.Context, req *Request) *run {
	r := g.runs.Get().(*run)
	r.ctx, r.req, r.now = ctx, req, g.cfg.Now()
	r.nowText = r.nowText[:0]
	r.headers = r.headers[:0]
	r.arena = r.arena[:0]
	r.trace, r.traceKnown, r.handed, r.errors = nil, false, 0, 0
	return r
}

// release gives the run back. It may only be called when no record refers to its memory.
func (r *run) release() {
	clear(r.events)
	r.events = r.events[:0]
	r.inBatch = r.inBatch[:0]
	r.batch.Reset()
	r.batch.Done = nil
	r.ctx, r.req, r.lost = nil, nil, nil
	if cap(r.events) > keepEvents {
		return
	}
	if cap(r.arena) > keepBytes {
		r.arena = nil
	}
	if cap(r.filling) > keepBytes {
		r.filling = nil
	}
	r.gate.runs.Put(r)
}

// start makes the events of the split body.
func (r *run) start() {
	n := r.splitter.Len()
	if cap(r.events) < n {
		r.events = make([]Event, n)
	}
	r.events = r.events[:n]
	body := r.req.Body
	var before *Event
	for i := range r.events {
		fields := r.splitter.Fields(i)
		sent := fields[0].In(body)
		r.events[i] = Event{run: r, before: before, sent: sent, bytes: sent, fields: fields, base: body, record: -1}
		before = &r.events[i]
	}
}

// keep appends text to the run's memory and returns it there.
func (r *run) keep(text []byte) []byte {
	start := len(r.arena)
	r.arena = append(r.arena, text...)
	return r.arena[start:len(r.arena):len(r.arena)]
}

// splice returns src with the insertions made, in the run's memory.
func (r *run) splice(src []byte, ins []rawjson.Insertion) []byte {
	start := len(r.arena)
	r.arena = rawjson.Splice(r.arena, src, ins)
	return r.arena[start:len(r.arena):len(r.arena)]
}

// timeText is the time of arrival as a JSON string.
func (r *run) timeText() []byte {
	if len(r.nowText) == 0 {
		r.nowText = append(event.AppendTime(append(r.nowText, '"'), r.now), '"')
	}
	return r.nowText
}

// newID is a new event id as a JSON string, valid until the next call.
func (r *run) newID() []byte {
	r.idText = append(event.AppendID(append(r.idText[:0], '"'), r.now), '"')
	return r.idText
}

// peer returns the address of an "address:port".
func peer(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}
