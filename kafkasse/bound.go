package kafkasse

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
)

// bound is what a client wants that others do not: where its stream ends by itself, and what it is told. A client with a bound has positions of its own for
// as long as it lives.
type bound struct {
	control bool        // the client is told of gaps and of the end by events
	left    int64       // events; negative: any number
	until   int64       // ms since the epoch: the time of stops; 0: there is none
	over    atomic.Bool // until is over
	retry   time.Time   // until is over: when Kafka is asked for stops again
	stops   []int64     // offsets before which partitions end, nil: they do not, or not yet
	last    []position  // with stops: where the partitions were before what is not delivered any more
	why     string      // for the client, once it is known
	probe   bool        // the tail's head is before stops: perhaps there are no records between them
}

// limited finds where a stream ends, and gives it positions of its own.
func (s *Server) limited(ctx context.Context, t *tail, sub Subscription, p *place) error {
	t.mu.Lock()
	if p.own == nil {
		p.own = append([]position(nil), t.pos...)
	}
	t.mu.Unlock()
	p.bound = &bound{left: -1, control: sub.Control}
	if sub.Limit > 0 {
		p.bound.left = sub.Limit
	}
	if sub.Until == nil {
		return nil
	}
	p.bound.until = max(1, *sub.Until)
	if *sub.Until > time.Now().UnixMilli() {
		return nil // the clock says when
	}
	return p.bound.stopAt(ctx, t, p.own)
}

// stopAt finds the ends of the partitions: the first record at or after until, or the end of what there is.
func (b *bound) stopAt(ctx context.Context, t *tail, own []position) error {
	var times []kafka.TimeQuery
	var asked []int
	t.mu.Lock()
	for i, part := range t.parts[:len(own)] {
		if part.reader != nil {
			times, asked = append(times, kafka.TimeQuery{TopicPartition: part.tp, Timestamp: b.until}), append(asked, i)
		}
	}
	t.mu.Unlock()
	offsets, err := t.srv.offsetsForTime(ctx, times)
	if err != nil {
		return err
	}
	b.stops, b.last = make([]int64, len(own)), slices.Clone(own)
	for k, i := range asked {
		b.stops[i] = max(0, offsets[k])
	}
	return nil
}

// clock says that it is time to look for the ends of the partitions. The caller holds srv.mu.
func (b *bound) clock(now time.Time) (due bool) {
	return b != nil && b.until > 0 && now.UnixMilli() >= b.until && b.over.CompareAndSwap(false, true)
}

// settle finds the ends of the partitions when until is over. What is older may still be on its way to the client then.
func (c *client) settle() {
	b := c.bound
	if b.stops != nil || !b.over.Load() || time.Now().Before(b.retry) {
		return
	}
	c.tail.mu.Lock()
	c.own = c.tail.extended(c.own)
	c.tail.mu.Unlock()
	ctx, cancel := context.WithTimeout(c.srv.ctx, coldTimeout)
	defer cancel()
	if err := b.stopAt(ctx, c.tail, c.own); err != nil {
		b.retry = time.Now().Add(heldPause)
		c.seekAt.Store(b.retry.UnixNano())
	}
}

// admits says whether the record before a position of a partition is still to be delivered.
func (b *bound) admits(part int, pos position) bool {
	if b.stops == nil {
		return true
	}
	if part >= len(b.stops) || pos.next > b.stops[part] {
		return false
	}
	b.last[part] = pos
	return true
}

// told is what ids say of a partition: a position that is after its end would lose what stands between for a client that comes back for more.
func (b *bound) told(part int, at position) position {
	if b == nil || part >= len(b.stops) || at.next <= b.stops[part] {
		return at
	}
	last := b.last[part]
	last.next = max(last.next, b.stops[part])
	return last
}

// end is the offset up to which a partition needs to be read.
func (b *bound) end(part int, head int64) int64 {
	if b == nil || b.stops == nil || part >= len(b.stops) {
		return head
	}
	return min(head, b.stops[part])
}

// count takes an event off the limit and says whether that was the last.
func (b *bound) count(event bool) bool {
	if event && b.left > 0 {
		b.left--
	}
	return b.left == 0
}

// passed says whether all partitions are where they end.
func (b *bound) passed(own []position) bool {
	if b.stops == nil {
		return false
	}
	for i, stop := range b.stops {
		if own[i].next < stop && own[i].next != math.MaxInt64 {
			return false
		}
	}
	return true
}

// arrive is called when the client has had all that its tail has, and reports whether there is more to do. The caller holds the tail's lock.
func (b *bound) arrive(c *client, head []position) (more bool) {
	for i := range head {
		if c.own[i].next < head[i].next {
			c.own[i] = head[i] // whatever lies between had nothing to deliver
		}
	}
	passed := b.passed(c.own)
	b.probe = b.stops != nil && !passed && c.seekAt.Load() == 0
	return passed || b.probe
}

// probeEnd moves the client over offsets without records before the ends of its partitions: nobody tells the tail of those at the end of a log.
func (c *client) probeEnd() (more bool) {
	c.bound.probe = false
	for i, p := range c.tail.known(len(c.bound.stops)) {
		stop := c.bound.stops[i]
		if c.own[i].next >= stop {
			continue
		}
		ctx, cancel := context.WithTimeout(c.srv.ctx, coldTimeout)
		chunk, err := c.srv.cfg.Log.Read(ctx, p.tp, c.own[i].next, 1, 0)
		cancel()
		if err != nil || chunk.Err != nil {
			continue
		}
		end := chunk.Next
		if len(chunk.Records) > 0 { // before the stop they come by the tail
			end = chunk.Records[0].Offset
		}
		c.own[i].next = max(c.own[i].next, min(end, stop))
	}
	if c.bound.passed(c.own) {
		return true
	}
	c.seekAt.Store(time.Now().Add(heldPause).UnixNano())
	return false
}

// reached says whether the client is to get no more.
func (b *bound) reached(c *client) bool {
	c.settle()
	switch {
	case b.left == 0:
		b.why = "limit"
	case len(c.held) == 0 && b.passed(c.own):
		b.why = "until"
	default:
		return false
	}
	return true
}

// tellGap appends what the client is told of a gap, after its position has moved over it.
func (c *client) tellGap(s *scratch, g gap) {
	if !c.json {
		s.b = g.appendComment(s.b)
		c.appendGap(s, g.appendJSON(nil))
	}
}

// appendGap appends an event that tells of a gap, with the position after it.
func (c *client) appendGap(s *scratch, gap []byte) {
	if c.bound == nil || !c.bound.control || c.json {
		return
	}
	s.b = append(s.b, "event: gap\ndata: "...)
	s.b = append(s.b, gap...)
	s.b = append(s.b, idHead...)
	s.b = c.appendID(s.b)
	s.b = append(s.b, eventTail...)
}

// appendReconnect appends an event that says that the server ends the stream for reasons of its own.
func (c *client) appendReconnect(s *scratch, reason EndReason) {
	if c.bound == nil || !c.bound.control || c.json || reason == EndLimit {
		return
	}
	s.b = append(s.b, "event: reconnect\ndata: {\"reason\":\""...)
	s.b = append(s.b, reason...)
	s.b = append(s.b, "\"}\n\n"...)
}

// sayEnd sends the last frame, which says why there is no more.
func (c *client) sayEnd() EndReason {
	if c.json {
		return EndLimit
	}
	s := newScratch()
	defer s.free()
	s.b = append(s.b, "event: end\ndata: {\"reason\":"...)
	s.b = rawjson.AppendQuoted(s.b, []byte(c.bound.why))
	s.b = append(s.b, '}')
	s.b = append(s.b, idHead...)
	s.b = c.appendID(s.b)
	s.b = append(s.b, eventTail...)
	if err := c.send(s, 0, false); err != nil {
		return EndClient
	}
	return EndLimit
}
