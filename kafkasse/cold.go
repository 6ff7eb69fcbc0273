package kafkasse

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// cold is what a client that is behind its tail has read from Kafka and not sent yet.
type cold struct {
	parts  []coldPart
	failed int // reads in a row that brought nothing
}

type coldPart struct {
	tp      kafka.TopicPartition
	head    int64         // the tail's position when the round began: there is nothing to read behind it
	chunk   *chunk        // nil: there is nothing
	records []prepared    // of chunk, that are to be sent
	ask     int           // bytes of the next read
	ends    *atomic.Int64 // next of chunk: see ahead
	viewed  []byte
	judged  int64   // before it the copies are known
	copies  []int64 // their offsets
	stuck   bool    // nothing came in this round
}

const (
	coldFills   = 4                      // reads of one round, and one for each partition more
	coldBacklog = 32 << 20               // bytes that all clients may keep from one round to the next
	coldPause   = 100 * time.Millisecond // after a read that failed or brought nothing, doubled each time
	coldLongest = 5 * time.Second
	coldRatio   = 4               // by which batches are compressed, as long as nothing is known
	coldTimeout = 3 * time.Second // of one read: a partition without a leader must not hold the turn of others
)

// readCold sends a piece of what lies between the client's positions and the tail's, the partitions' records in the order of their timestamps,
// or moves the client over to the tail.
func (c *client) readCold() (more bool, err error) {
	if c.wake.Load() != 0 {
		return false, nil // pausing
	}
	over, gaps := c.moveOver()
	if over {
		return true, nil
	}
	s := newScratch()
	defer s.free()
	if len(gaps) > 0 {
		for _, g := range gaps {
			c.srv.cfg.Observer.Gap(g.reason)
			c.tellGap(s, g)
		}
		return true, c.send(s, 0, false)
	}
	if !c.takeTurn() {
		return false, nil
	}
	before := len(s.b)
	was := slices.Clone(c.own)
	events, readErr := c.round(s)
	<-c.srv.coldTurn
	moved := !slices.Equal(was, c.own)
	if moved && events == 0 {
		c.appendIDAlone(s)
	}
	c.tidy()
	progress := moved || len(s.b) > before
	c.note()
	if err := c.send(s, events, false); err != nil {
		return false, err
	}
	if progress {
		c.cold.failed = 0
		return true, nil
	}
	if readErr != nil {
		if c.cold.failed == 0 {
			c.srv.cfg.Logger.Warn("a client cannot be sent old records at the moment", "error", readErr)
		}
	}
	c.pause(min(coldPause<<min(c.cold.failed, 6), coldLongest))
	c.cold.failed++
	return false, nil
}

// takeTurn waits until the client may read, in the order of asking, or until it is poked: then it is to look at why and to ask again.
func (c *client) takeTurn() bool {
	select {
	case c.srv.coldTurn <- struct{}{}:
		return true
	default:
	}
	alarm := make(chan struct{}, 1)
	c.alarm.Store(&alarm)
	defer c.alarm.Store(nil)
	if c.state.Load() == poked {
		return false
	}
	select {
	case c.srv.coldTurn <- struct{}{}:
		return true
	case <-alarm:
	case <-c.srv.ctx.Done():
	}
	return false
}

// moveOver lets the client read from the tail if that reaches back to its positions, and else notes how far the tail has come. gaps are those of
// partitions that have begun anew.
func (c *client) moveOver() (over bool, gaps []gap) {
	t := c.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	c.own = t.extended(c.own)
	if gaps = t.renew(c.own); len(gaps) > 0 {
		c.drop() // what has been read is of the old ones
		return false, gaps
	}
	if b := t.find(c.own); b != nil {
		c.block, c.frame, c.offset = b, 0, 0
		c.drop()
		return true, nil
	}
	if c.cold == nil {
		c.cold = &cold{}
		c.srv.coldClients.Add(1)
	}
	for i := len(c.cold.parts); i < len(c.own); i++ {
		c.cold.parts = append(c.cold.parts, coldPart{tp: t.parts[i].tp, ask: c.srv.cfg.ColdBytes / coldRatio, ends: new(atomic.Int64)})
	}
	for i := range c.cold.parts {
		c.cold.parts[i].head = c.bound.end(i, t.pos[i].next)
		c.cold.parts[i].stuck = false
	}
	return false, nil
}

// round appends events to s until it is full, or what may be read in one round is used up.
func (c *client) round(s *scratch) (events int, err error) {
	fills := coldFills + len(c.cold.parts)
	for len(s.b) < c.out.most() {
		best := -1
		for i := range c.cold.parts {
			p := &c.cold.parts[i]
			if p.stuck || c.own[i].next >= p.head {
				continue
			}
			if len(p.records) == 0 {
				if fills--; fills < 0 {
					return events, err
				}
				if e := c.fill(i, s); e != nil {
					err = e
				}
				if p.stuck || len(p.records) == 0 {
					continue
				}
			}
			if e := c.judge(i); e != nil {
				p.stuck, err = true, e
				continue
			}
			if best < 0 || p.records[0].pos.time < c.cold.parts[best].records[0].pos.time {
				best = i
			}
		}
		if best < 0 {
			if c.behind() {
				continue
			}
			return events, err
		}
		n := c.take(best, s)
		events += n
		if c.bound != nil && c.bound.count(n > 0) {
			break
		}
	}
	return events, err
}

// behind says whether a partition that moved without records has more to be read in this round.
func (c *client) behind() bool {
	for i := range c.cold.parts {
		if p := &c.cold.parts[i]; !p.stuck && c.own[i].next < p.head {
			return true
		}
	}
	return false
}

// take sends the first record that partition i has.
func (c *client) take(i int, s *scratch) (events int) {
	p := &c.cold.parts[i]
	rec := &p.records[0]
	pos := rec.pos
	copied := len(p.copies) > 0 && p.copies[0] == rec.offset()
	if copied {
		p.copies = p.copies[1:]
		pos.time, pos.print = c.own[i].time, c.own[i].print // see reader.deliver
	}
	pos.era = c.own[i].era
	admitted := c.bound == nil || c.bound.admits(i, pos)
	c.own[i] = pos
	data, ok := p.chunk.text[rec.start:rec.end], !copied && rec.end > rec.start
	if ok && c.tail.view != nil {
		data, ok = c.tail.view.apply(&p.viewed, p.tp.Topic, pos.time, data)
	}
	if ok && admitted {
		c.appendEvent(s, data)
		events = 1
	}
	if p.records = p.records[1:]; len(p.records) == 0 || c.own[i].next >= p.head {
		c.forget(p)
	}
	return events
}

// fill takes the next records of partition i.
func (c *client) fill(i int, s *scratch) error {
	p := &c.cold.parts[i]
	at := readAt{p.tp, c.own[i].next, c.own[i].era}
	alone := c.srv.coldClients.Load() == 1
	found := c.srv.chunks.get(at, alone)
	if found == nil {
		if done := c.srv.chunks.begin(at); done != nil {
			defer done()
		} else { // it has just been read, unless that failed
			found = c.srv.chunks.get(at, alone)
		}
	}
	if found == nil {
		var err error
		if found, err = c.read(i, at, s); found == nil {
			return err
		}
		if !alone && len(found.records) > 0 {
			c.srv.chunks.put(found)
		}
	}
	records := found.since(at.from)
	if len(records) == 0 { // offsets without records
		c.srv.judge(p.tp, nil).skip(at.from, found.next)
		c.own[i].next = found.next
		found.release()
		return nil
	}
	p.chunk, p.records, p.ask = found, records, found.ask
	c.srv.coldHeld.Add(int64(found.bytes()))
	p.ends.Store(found.next)
	c.srv.readAhead(c.srv.chunks.after(found.following()), ahead{p.head, p.ask, p.ends}, found.next)
	return nil
}

// read reads what stands where the client is in partition i. It returns nil if the client cannot go on, or not from there.
func (c *client) read(i int, at readAt, s *scratch) (*chunk, error) {
	p := &c.cold.parts[i]
	found, answer, err := c.srv.fetch(at, p.ask)
	defer answer.Recycle()
	switch {
	case errors.Is(err, kafka.ErrOffsetOutOfRange), err == nil && skipped(&answer, at.from):
		if answer.Start <= at.from && answer.End >= at.from {
			p.stuck = true // the bounds have moved in the meantime
		} else {
			c.jump(i, gap{p.tp, at.from, answer.Start, GapRetention}, s)
		}
		err = nil
	case err != nil:
		p.stuck = true
		err = fmt.Errorf("topic %s, partition %d: %w", p.tp.Topic, p.tp.Partition, err)
	case len(answer.Records) == 0 && found.next <= at.from:
		p.stuck = true
	default:
		found.prepare(c.srv, answer.Records)
		return found, nil
	}
	found.release()
	return nil, err
}

// judge finds the copies among what has been read of partition i, as far as it is sent in this round.
func (c *client) judge(i int) (err error) {
	p := &c.cold.parts[i]
	if c.srv.cfg.KeepCopies || p.records[0].offset() < p.judged {
		return nil
	}
	j := c.srv.judge(p.tp, nil)
	p.copies, err = j.copies(c.srv.ctx, p.copies[:0], c.own[i].next, p.records, p.head)
	if err != nil {
		return fmt.Errorf("topic %s, partition %d: looking for copies: %w", j.tp.Topic, j.tp.Partition, err)
	}
	p.judged = min(p.head, p.records[len(p.records)-1].pos.next)
	return nil
}

// skipped says that a chunk begins where the log begins now, which is after the offset that was asked for.
func skipped(c *kafka.Chunk, from int64) bool {
	return c.Start > from && (len(c.Records) == 0 || c.Records[0].Offset >= c.Start)
}

// jump moves the client over records that are not there any more, and tells it.
func (c *client) jump(i int, g gap, s *scratch) {
	if g.to < g.from {
		g.reason = GapBeyondEnd
	}
	c.own[i].next, c.own[i].print = g.to, noPrint
	c.cold.parts[i].judged, c.cold.parts[i].copies = 0, nil
	c.srv.cfg.Observer.Gap(g.reason)
	c.tellGap(s, g)
}

// tidy lets go of what has been read ahead if all clients together keep too much of it. It is read again then.
func (c *client) tidy() {
	if c.srv.coldHeld.Load() > coldBacklog {
		for i := range c.cold.parts {
			c.forget(&c.cold.parts[i])
		}
	}
}

func (c *client) forget(p *coldPart) {
	if p.chunk != nil {
		c.srv.coldHeld.Add(-int64(p.chunk.bytes()))
		p.chunk.release()
		p.chunk, p.records = nil, nil
	}
}

// drop ends cold reading.
func (c *client) drop() {
	if c.cold == nil {
		return
	}
	for i := range c.cold.parts {
		c.forget(&c.cold.parts[i])
	}
	c.cold = nil
	c.srv.coldClients.Add(-1)
}

// pause has the client poked after a while.
func (c *client) pause(d time.Duration) { c.wake.Store(time.Now().Add(d).UnixNano()) }
