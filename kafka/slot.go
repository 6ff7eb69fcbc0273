package kafka

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// slot is one record as the client takes it, with the way back to the batch. It is its own record's Context: the client hands the record, and so the
// slot, to one shared promise function, and no closure is made for each record.
type slot struct {
	record     kgo.Record
	batch      *Batch
	index      int
	topic      *topicState
	size       int64
	acksBefore uint64 // the topic's, when this was sent
	late       bool   // it was sent after a lookup
	state      atomic.Uint32
}

// The states of a slot decide who completes its record: who settles it, unless it was taken.
const (
	held    uint32 = iota // nothing was sent: the topic is being looked up, or it is still the producer's turn
	taken                 // a lookup is over and gives it to the client; it completes the record if that was settled meanwhile
	sent                  // the client has it
	settled               // its outcome is known, although the client may have it still
)

// As a context a slot never ends (deadlines are given to the client beside it), and it reads nothing of itself: the client may still ask it after the
// outcome, when the slot is in use again.
var _ context.Context = (*slot)(nil)

func (*slot) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }
func (*slot) Done() <-chan struct{}                   { return nil }
func (*slot) Err() error                              { return nil }
func (*slot) Value(any) any                           { return nil }

// slot returns the batch's slot of record i, filled.
func (b *Batch) slot(i int, t *topicState) *slot {
	s, r := &b.slots[i], &b.Records[i]
	s.batch, s.index, s.topic = b, i, t
	s.size = r.size()
	s.acksBefore, s.late = t.acks.Load(), s.state.Load() == taken
	headers := s.record.Headers[:0]
	for _, h := range r.Headers {
		headers = append(headers, kgo.RecordHeader(h))
	}
	s.record = kgo.Record{Topic: t.name, Key: r.Key, Value: r.Value, Headers: headers, Context: s}
	if r.Timestamp != 0 {
		s.record.Timestamp = time.UnixMilli(r.Timestamp)
	}
	return s
}

// makeSlots is called once for each Produce, before the first slot is used.
func (b *Batch) makeSlots() {
	if n := len(b.Records); cap(b.slots) < n {
		b.slots = make([]slot, n, cap(b.Records))
	} else {
		b.slots = b.slots[:n]
	}
}

// size is about what the record takes in memory while it waits.
func (r *Record) size() int64 {
	n := len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return int64(n)
}

// refuse completes a record of which nothing was sent.
func (b *Batch) refuse(i int, err error) {
	b.slots[i].state.Store(settled)
	b.Complete(i, Outcome{Err: err})
}

// acknowledged is the one promise function of every record. Of a record whose time was over it tells only the topic: the batch is somebody's again.
func acknowledged(r *kgo.Record, err error) {
	s := r.Context.(*slot)
	t := s.topic
	t.release(s.size)
	var o Outcome
	if err == nil {
		t.acknowledged()
		o = Outcome{Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli()}
	} else {
		o.Err = t.failed(err, s.acksBefore)
	}
	if s.state.Swap(settled) == sent {
		s.batch.Complete(s.index, o)
	} else {
		t.overdue.Add(-1)
	}
}
