package kafka

import (
	"context"
	"sync"
	"time"
)

// expirer answers batches when their time is over. The client gives up what is on its way only when that request has ended, which a broker that hangs
// delays: callers hear in time that the fate of such records is unknown, and the client goes on cleaning up.
//
// Batches that wait are a list, oldest first, and one timer looks at its beginning: a batch costs two turns of the lock, and a record nothing.
type expirer struct {
	timeout time.Duration

	mu          sync.Mutex
	first, last *Batch
	timer       *time.Timer
	armed       bool
}

func newExpirer(timeout time.Duration) *expirer { return &expirer{timeout: timeout} }

// add has the batch end in time. It is called by who holds the batch, when all of its records were handed over.
func (e *expirer) add(b *Batch) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b.expirer, b.listed, b.before, b.after = e, true, e.last, nil
	if e.last == nil {
		e.first = b
	} else {
		e.last.after = b
	}
	e.last = b
	if !e.armed {
		e.arm()
	}
}

// remove is called once for each batch that was added, when its last outcome is known.
func (e *expirer) remove(b *Batch) {
	e.mu.Lock()
	e.unlink(b)
	e.mu.Unlock()
}

func (e *expirer) unlink(b *Batch) {
	if !b.listed { // its time was over
		return
	}
	if b.before == nil {
		e.first = b.after
	} else {
		b.before.after = b.after
	}
	if b.after == nil {
		e.last = b.before
	} else {
		b.after.before = b.before
	}
	b.listed, b.before, b.after = false, nil, nil
}

// arm sets the timer to the end of the first batch. It goes off for nothing if that was done sooner, once in a timeout.
func (e *expirer) arm() {
	left := time.Until(e.first.begun.Add(e.timeout))
	if e.timer == nil {
		e.timer = time.AfterFunc(left, e.expire)
	} else {
		e.timer.Reset(left)
	}
	e.armed = true
}

// expire ends every batch whose time is over.
func (e *expirer) expire() {
	for b := e.next(); b != nil; b = e.next() {
		b.expire()
	}
}

// next takes a batch whose time is over off the list, and holds it: its last outcome may come at this moment, and it would be in use again. When there
// is none the timer is set, unless nothing waits.
func (e *expirer) next() *Batch {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.first != nil {
		b := e.first
		if time.Since(b.begun) < e.timeout {
			e.arm()
			return nil
		}
		e.unlink(b)
		if b.hold() {
			return b
		}
	}
	e.armed = false
	return nil
}

// hold has the batch wait for one more done, unless it is finished.
func (b *Batch) hold() bool {
	for {
		n := b.pending.Load()
		if n == 0 {
			return false
		}
		if b.pending.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// expire gives each record of a batch that is held an outcome, if it has none.
func (b *Batch) expire() {
	for i := range b.slots {
		s := &b.slots[i]
		switch s.state.Swap(settled) {
		case held:
			b.Complete(i, Outcome{Err: unansweredLookup(b.Records[i].Topic, context.DeadlineExceeded)})
		case sent:
			b.Complete(i, Outcome{Err: s.overdue()})
		}
	}
	b.done()
}

// overdue is the outcome of a record that the client has had until its time was over.
func (s *slot) overdue() *DeliveryError {
	s.topic.overdue.Add(1)
	if s.late { // the lookup took the time, which says nothing of the topic
		return deliveryError(s.topic.name, context.DeadlineExceeded)
	}
	return s.topic.failed(context.DeadlineExceeded, s.acksBefore)
}
