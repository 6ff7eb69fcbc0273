package kafkasse

import (
	"context"
	"math"
	"time"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
)

// bound is what a client wants that others do not: where its stream ends by itself, and what it is told. A client with a bound has positions of its own for
// as long as it lives.
type bound struct {
	control bool    // the client is told of gaps and of the end by events
	left    int64   // events; negative: any number
	stops   []int64 // offsets before which partitions end, nil: they do not
	why     string  // for the client, once it is known
	probe   bool    // the tail's head is before stops: perhaps there are no records between them
}

// limited finds where a stream ends, and gives it positions of its own.
func (s *Server) limited(ctx context.Context, t *tail, sub Subscription, p *place) error {
	t.mu.Lock()
	if p.own == nil {
		p.own = append([]position(nil), t.pos...)
	}
	parts := t.parts[:len(p.own):len(p.own)]
	t.mu.Unlock()
	p.bound = &bound{left: -1, control: sub.Control}
	if sub.Limit > 0 {
		p.bound.left = sub.Limit
	}
	if sub.Until == nil || *sub.Until > time.Now().UnixMilli() {
		return nil // the clock ends it
	}
	var times []kafka.TimeQuery
	for _, part := range parts {
		if part.reader != nil {
			times = append(times, kafka.TimeQuery{TopicPartition: part.tp, Timestamp: max(0, *sub.Until)})
		}
	}
	offsets, err := s.cfg.Log.OffsetsForTime(ctx, times)
	if err != nil {
		return err
	}
	p.bound.stops = make([]int64, len(parts))
	for i, part := range parts {
		if part.reader != nil {
			p.bound.stops[i], offsets = offsets[0], offsets[1:]
		}
	}
	return nil
}

// admits says whether the record before a position of a partition is still to be delivered.
func (b *bound) admits(part int, pos position) bool {
	return b.stops == nil || (part < len(b.stops) && pos.next <= b.stops[part])
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
