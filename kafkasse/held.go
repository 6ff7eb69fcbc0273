package kafkasse

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// held is a partition of which a client gets nothing yet: the record that its id names, written on another cluster, has not been mirrored here.
type held struct {
	part  int
	want  want
	scan  int64     // where to go on looking for the record; -1: its topic does not exist yet
	from  int64     // where to start if it does not come
	until time.Time // how long to wait for it
	steps int       // records looked at
}

const (
	heldPause = 250 * time.Millisecond
	// scanMost is how many records are looked at for one. The record is the first of its millisecond or near it, unless timestamps are far out
	// of order.
	scanMost = 100_000
	nowhere  = math.MaxInt64 // the next offset of a partition that is held: every record of the tail is before it
)

// appendEntry appends the entry that the client came with.
func (h *held) appendEntry(b, prefix []byte) []byte {
	b = append(b, prefix...)
	b = strconv.AppendInt(b, min(max(h.want.time, 0), maxIDTime), 10)
	b = append(b, `,"at":"`...)
	b = append(b, h.want.at...)
	return append(b, `"}`...)
}

func (c *client) heldAt(part int) *held {
	for i := range c.held {
		if c.held[i].part == part {
			return &c.held[i]
		}
	}
	return nil
}

// seekHeld looks again for the records of the partitions that are held.
func (c *client) seekHeld() (more bool, err error) {
	s := newScratch()
	defer s.free()
	kept := c.held[:0]
	var gaps []gap
	for _, h := range c.held {
		tp := c.tail.known(len(c.own))[h.part].tp
		ctx, cancel := context.WithTimeout(c.srv.ctx, c.srv.cfg.ConnectTimeout)
		there, seekErr := c.appeared(ctx, tp, &h)
		var pos position
		var found bool
		if there {
			pos, found, seekErr = c.srv.seek(ctx, tp, &h)
		}
		cancel()
		switch {
		case found:
		case !there || seekErr != nil || (h.steps < scanMost && time.Now().Before(h.until)):
			kept = append(kept, h)
			continue
		default:
			pos = position{next: h.from, time: h.want.time, print: noPrint}
			gaps = append(gaps, gap{tp, -1, h.from, h.lost()})
		}
		c.tail.mu.Lock()
		pos.era = c.tail.pos[h.part].era
		c.tail.mu.Unlock()
		c.own[h.part] = pos
		if b := c.bound; b != nil && h.part < len(b.last) {
			b.last[h.part] = pos
		}
		c.block, c.frame, c.offset = nil, 0, 0 // the tail may have passed by
	}
	c.held = kept
	for _, g := range gaps {
		c.srv.cfg.Observer.Gap(g.reason)
		c.tellGap(s, g)
	}
	if len(kept) > 0 {
		c.seekAt.Store(time.Now().Add(heldPause).UnixNano())
	}
	return true, c.send(s, 0, false)
}

// appeared says whether the topic of what is held exists. The wait for the record begins when it appears.
func (c *client) appeared(ctx context.Context, tp kafka.TopicPartition, h *held) (bool, error) {
	if h.scan >= 0 {
		return true, nil
	}
	c.tail.mu.Lock()
	there := c.tail.parts[h.part].reader != nil
	c.tail.mu.Unlock()
	if !there {
		return false, nil
	}
	offsets, err := c.srv.cfg.Log.OffsetsForTime(ctx, []kafka.TimeQuery{{TopicPartition: tp, Timestamp: max(0, h.want.time)}})
	if err != nil {
		return false, err
	}
	h.scan, h.from, h.until = offsets[0], offsets[0], time.Now().Add(c.srv.cfg.MirrorWait)
	return true, nil
}

// lost is why the record has not been found.
func (h *held) lost() GapReason {
	if h.steps >= scanMost {
		return GapNoPosition
	}
	return GapMirrorBehind
}

// seek looks from h.scan on for the record that an id names and returns the position after it.
func (s *Server) seek(ctx context.Context, tp kafka.TopicPartition, h *held) (pos position, found bool, err error) {
	for h.steps < scanMost {
		chunk, err := s.cfg.Log.Read(ctx, tp, h.scan, s.cfg.ColdBytes/coldRatio, 0)
		if err == nil {
			err = chunk.Err
		}
		if err != nil {
			return pos, false, err
		}
		for i := range chunk.Records {
			rec := &chunk.Records[i]
			if rec.Offset < h.scan {
				continue
			}
			h.steps++
			h.scan = rec.Offset + 1
			if rec.Timestamp == h.want.time && fingerprint(rec) == h.want.print {
				return after(rec), true, nil
			}
		}
		if chunk.Next <= h.scan && len(chunk.Records) == 0 || h.scan >= chunk.End {
			return pos, false, nil
		}
		h.scan = max(h.scan, chunk.Next)
	}
	return pos, false, nil
}
