package kafka

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// deadlines gives records the contexts that tell the client when to give them up. Records of the same moment share one, so that a deadline costs a record
// nothing. It comes up to a step after their outcome is due, which the expirer sees to.
//
// The client has a delivery timeout of its own, but counts it from the record's timestamp: an event of yesterday would time out before it is sent, and
// take what waits for the same partition with it.
type deadlines struct {
	parent  context.Context
	timeout time.Duration
	step    time.Duration // contexts are shared this long, and end so much later

	current atomic.Pointer[deadline]
	mu      sync.Mutex
}

type deadline struct {
	ctx    context.Context
	cancel context.CancelFunc // never needed: the deadline comes, or the parent ends
	until  time.Time          // when the next one is due
}

const deadlineSteps = 20

func newDeadlines(parent context.Context, timeout time.Duration) *deadlines {
	return &deadlines{parent: parent, timeout: timeout, step: timeout / deadlineSteps}
}

// from returns a context that ends the timeout after t, which is now, or up to a step later.
func (d *deadlines) from(t time.Time) context.Context {
	if c := d.current.Load(); c != nil && t.Before(c.until) {
		return c.ctx
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.current.Load(); c != nil && t.Before(c.until) {
		return c.ctx
	}
	c := &deadline{until: t.Add(d.step)}
	c.ctx, c.cancel = context.WithDeadline(d.parent, c.until.Add(d.timeout))
	d.current.Store(c)
	return c.ctx
}
