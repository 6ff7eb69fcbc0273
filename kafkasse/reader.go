package kafkasse

import (
	"errors"
	"sort"
	"sync"

	"github.com/eventplatform/eventplatform/kafka"
)

// reader follows one partition for all tails that have it: every record is checked and rendered once.
type reader struct {
	srv    *Server
	tp     kafka.TopicPartition
	latest int64  // the partition's end when the reader was made
	stop   func() // ends following; nil until started
	judge  *judge // nil: copies are delivered

	mu      sync.Mutex
	pos     position
	scan    int64    // where the follower is: it begins before pos, for the judge to know what stands there
	loading bool     // scan is before pos
	real    position // loading: after the last record that is no copy
	render  *renderer
	tails   []attachment
	failed  error // what the follower last reported, nil when it delivers
}

// attachment is a tail and the reader's partition's place in it.
type attachment struct {
	tail *tail
	part int
}

// attach lets a tail have everything from now on. place puts the partition into the tail at the reader's position and returns where.
func (r *reader) attach(t *tail, place func(position) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tails = append(r.tails, attachment{t, place(r.pos)})
}

// detach lets a tail go and reports whether any is left.
func (r *reader) detach(t *tail) (used bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, a := range r.tails {
		if a.tail == t {
			r.tails = append(r.tails[:i], r.tails[i+1:]...)
			break
		}
	}
	return len(r.tails) > 0
}

// deliver takes in what the log has for the partition.
func (r *reader) deliver(c kafka.Chunk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.loading && errors.Is(c.Err, kafka.ErrOffsetOutOfRange) && r.scan < c.Next && c.Next <= r.pos.next:
		r.scan = c.Next // retention was faster; it is only about what stands before
		return
	case errors.Is(c.Err, kafka.ErrOffsetOutOfRange), errors.Is(c.Err, kafka.ErrRecreated):
		r.jump(c.Next, errors.Is(c.Err, kafka.ErrRecreated))
	case c.Err != nil:
		r.report(c.Err)
		return
	case skipped(&c, r.pos.next):
		r.jump(c.Start, false)
	}
	r.failed = nil
	r.scan = max(r.scan, c.Next)
	begin, copies := r.pos.next, 0
	for i := range c.Records {
		rec := &c.Records[i]
		if rec.Offset < r.pos.next {
			r.load(rec) // or a batch begins before the offset that was asked for
			continue
		}
		r.loaded()
		if r.judge.next(rec) {
			// In another cluster this place is after the last record that is no copy: after the original, all would be repeated.
			r.pos.next = rec.Offset + 1
			copies++
			for _, a := range r.tails {
				a.tail.skip(a.part, r.pos)
			}
			continue
		}
		era := r.pos.era
		r.pos = after(rec)
		r.pos.era = era
		data, ok := r.render.render(rec)
		if !ok {
			r.srv.undeliverable(r.tp, rec.Offset)
			for _, a := range r.tails {
				a.tail.skip(a.part, r.pos)
			}
			continue
		}
		for _, a := range r.tails {
			a.tail.append(a.part, r.pos, data)
		}
	}
	if c.Next >= r.pos.next {
		r.loaded()
	}
	if c.Next > r.pos.next { // offsets without records
		r.pos.next = c.Next
		for _, a := range r.tails {
			a.tail.skip(a.part, r.pos)
		}
	}
	for _, a := range r.tails {
		a.tail.publish()
	}
	if copies > 0 {
		r.srv.cfg.Observer.Copies(r.tp.Topic, copies)
	}
	if !r.loading {
		n := len(c.Records) - sort.Search(len(c.Records), func(i int) bool { return c.Records[i].Offset >= begin })
		r.srv.cfg.Observer.Tailed(r.tp.Topic, r.tp.Partition, n, max(0, c.End-r.pos.next))
	}
}

// load takes in a record from before the reader's beginning, so that copies of it are known.
func (r *reader) load(rec *kafka.Record) {
	if r.loading && !r.judge.next(rec) {
		r.real = after(rec)
	}
}

// loaded is called when the follower has come to where the reader begins. If the record before that is a copy, ids are to name another one.
func (r *reader) loaded() {
	if !r.loading {
		return
	}
	r.loading = false
	if r.real.next == 0 || r.pos.print == noPrint || r.real.print == r.pos.print && r.real.time == r.pos.time {
		return
	}
	r.pos.time, r.pos.print = r.real.time, r.real.print
	for _, a := range r.tails {
		a.tail.correct(a.part, r.pos)
	}
}

// jump announces that the log goes on somewhere else than the reader expected: further on, because retention was faster, or anew, because the log was
// cut back or is another one.
func (r *reader) jump(to int64, anew bool) {
	from := r.pos.next
	r.loading = false
	if to < from || anew {
		r.judge.begin(to)
	}
	if to >= from && !anew {
		r.pos.next, r.pos.print = to, noPrint
		r.announce(gap{r.tp, from, to, GapRetention}, frameGap)
		return
	}
	r.pos = position{next: to, time: aMinuteAgo(), print: noPrint, era: r.pos.era + 1}
	r.announce(gap{r.tp, from, to, GapBeyondEnd}, frameReset)
}

func (r *reader) announce(g gap, kind frameKind) {
	text := g.appendComment(nil)
	for _, a := range r.tails {
		a.tail.appendNote(a.part, r.pos, kind, text)
	}
	r.srv.cfg.Observer.Gap(g.reason)
	r.srv.cfg.Logger.Warn("records are missing from a partition", "topic", r.tp.Topic, "partition", r.tp.Partition,
		"from", g.from, "to", g.to, "reason", string(g.reason))
}

// report logs a failure of the follower once; it goes on by itself.
func (r *reader) report(err error) {
	if r.failed != nil && errors.Is(err, r.failed) {
		return
	}
	r.failed = err
	r.srv.cfg.Logger.Warn("a partition cannot be read at the moment", "topic", r.tp.Topic, "partition", r.tp.Partition, "error", err)
}
