package kafkasse

import (
	"sync/atomic"
	"time"
)

// client is one connection. It has no goroutine of its own while there is nothing to send: poke starts one that works until there is nothing left.
//
// A client shares the tail's bytes, ids and all, as long as own is nil: block, frame and offset are its cursor then. Otherwise own is its position in each
// partition, and its ids are its own: it reads cold, or, with block set, from the tail, where it skips what it has had.
type client struct {
	srv  *Server
	tail *tail
	out  output
	json bool

	id      int64 // tells connections apart; guarded by srv.mu
	label   string
	address string
	agent   string
	since   time.Time
	closed  func(EndReason)

	sentEvents, sentBytes atomic.Int64
	reached, reachedTime  atomic.Int64 // how far it has come: see note

	run       func() // work; bound once, because a go statement with a receiver allocates
	state     atomic.Uint32
	started   atomic.Bool               // out is complete
	gone      atomic.Bool               // the client closed the connection
	ending    atomic.Pointer[EndReason] // the stream is to end
	lastWrite atomic.Int64              // ns since the epoch
	greeted   bool                      // retry: has been sent
	waiting   bool                      // on tail.waiters; guarded by tail.mu
	waitIndex int32                     // likewise
	index     int32                     // in srv.clients; guarded by srv.mu
	done      chan struct{}             // closed at the end, if the handler waits for it

	block  *block
	frame  int
	offset uint32

	own   []position
	held  []held
	cold  *cold
	bound *bound    // where the stream ends by itself; nil: nowhere
	idAt  time.Time // when an id was sent last, with a view and positions of its own

	alarm  atomic.Pointer[chan struct{}] // it waits for its turn to read
	wake   atomic.Int64                  // when cold reading goes on, ns since the epoch; 0 = it does not pause
	seekAt atomic.Int64                  // when held partitions are looked at again; likewise
	ends   time.Time                     // when the connection is to end by itself, zero = never; guarded by srv.mu
	endsBy EndReason                     // likewise
}

// The states of a client.
const (
	idle    uint32 = iota
	working        // a goroutine is at it
	poked          // it is to look again before it stops
	ended
)

// poke makes the client look for something to do.
func (c *client) poke() {
	for {
		switch s := c.state.Load(); s {
		case idle:
			if c.state.CompareAndSwap(idle, working) {
				go c.run()
				return
			}
		case working:
			if c.state.CompareAndSwap(working, poked) {
				c.ring()
				return
			}
		default:
			return
		}
	}
}

// ring has a client that waits for its turn to read look at what it was poked for.
func (c *client) ring() {
	if alarm := c.alarm.Load(); alarm != nil {
		select {
		case *alarm <- struct{}{}:
		default:
		}
	}
}

// work sends until there is nothing to send.
func (c *client) work() {
	for {
		c.state.Store(working)
		for {
			more, reason := c.step()
			if reason != "" {
				c.finish(reason)
				return
			}
			if !more {
				break
			}
		}
		if c.state.CompareAndSwap(working, idle) {
			return
		}
	}
}

// step does one thing and says whether there may be another, or why the stream ends.
func (c *client) step() (more bool, end EndReason) {
	if c.gone.Load() {
		return false, EndClient
	}
	if r := c.ending.Load(); r != nil {
		return false, *r
	}
	if c.bound != nil && c.bound.reached(c) {
		return false, c.sayEnd()
	}
	var err error
	switch {
	case len(c.held) > 0 && c.seekAt.Load() == 0:
		more, err = c.seekHeld()
	case c.bound != nil && c.bound.probe:
		more = c.probeEnd()
	case c.own == nil && c.out.readyChunks() && !c.json && c.greeted:
		more, err = c.share()
	case c.own == nil:
		more, err = c.copyFrames()
	case c.block != nil:
		more, err = c.catchUp()
	default:
		more, err = c.readCold()
	}
	if err == nil {
		err = c.beat() // also while there is much to read and nothing to send
	}
	if err != nil {
		if isTimeout(err) {
			return false, EndStalled
		}
		return false, EndClient
	}
	return more, ""
}

// share sends the tail's own bytes.
func (c *client) share() (more bool, err error) {
	b := c.block
	frames, end := b.published()
	if c.offset == end {
		return c.advance(), nil
	}
	p := b.bytes(c.offset, end)
	if err := c.out.raw(p); err != nil {
		return false, err
	}
	c.reached.Store(b.index[frames-1].sum)
	c.reachedTime.Store(b.index[frames-1].pos.time)
	c.wrote(frames-c.frame, true)
	c.frame, c.offset = frames, end
	return true, nil
}

// copyFrames sends the tail's frames in another form than their blocks have.
func (c *client) copyFrames() (more bool, err error) {
	b := c.block
	frames, _ := b.published()
	if c.frame == frames {
		return c.advance(), nil
	}
	if c.out.encoding != identity && (c.greeted || c.json) {
		return true, c.sharePiece(b)
	}
	s := newScratch()
	defer s.free()
	from := c.frame
	if !c.json {
		c.greet(s)
	}
	for c.frame < frames && len(s.b) < scratchBytes && c.out.encoding == identity {
		f := &b.index[c.frame]
		s.b = b.appendFrame(s.b, f, c.json)
		c.seal(s)
		c.offset = f.end
		c.frame++
	}
	return true, c.send(s, c.frame-from, true)
}

// sharePiece sends frames that are compressed for all clients.
func (c *client) sharePiece(b *block) error {
	p := b.piece(c.srv, c.out.encoding, c.json, c.frame)
	if err := c.out.piece(p); err != nil {
		return err
	}
	c.wrote(p.to-p.from, true)
	c.frame, c.offset = p.to, b.index[p.to-1].end
	return nil
}

// advance moves to the next block, or waits for more. It returns true if there is something to look at.
func (c *client) advance() bool {
	t := c.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	b := c.block
	if frames, _ := b.published(); frames > c.frame {
		return true
	}
	if b.evicted.Load() { // the tail retains the rest no longer
		if c.own == nil {
			c.own = t.positionsAt(b, c.frame)
		}
		c.block, c.frame, c.offset = nil, 0, 0
		return true
	}
	if next := b.next.Load(); next != nil {
		c.block, c.frame, c.offset = next, 0, 0
		return true
	}
	t.wait(c)
	return false
}

// extended are positions with those of partitions that have joined since. The caller holds t.mu.
func (t *tail) extended(own []position) []position {
	for i := len(own); i < len(t.parts); i++ {
		own = append(own, t.parts[i].first)
	}
	return own
}

// catchUp sends from the tail what the client has not had, with ids of its own, and goes over to sharing when it is where the tail is.
func (c *client) catchUp() (more bool, err error) {
	b := c.block
	frames, _ := b.published()
	if c.frame == frames {
		return c.arrive(), nil
	}
	s := newScratch()
	defer s.free()
	sent := 0
	for c.frame < frames && len(s.b) < c.out.most() {
		f := &b.index[c.frame]
		c.frame++
		c.offset = f.end
		part := int(f.part)
		if part >= len(c.own) {
			c.tail.mu.Lock()
			c.own = c.tail.extended(c.own)
			c.tail.mu.Unlock()
		}
		if c.own[part].has(f.pos) {
			continue
		}
		if c.bound != nil && !c.bound.admits(part, f.pos) {
			c.own[part] = f.pos
			continue
		}
		c.own[part] = f.pos
		switch {
		case f.kind == frameEvent:
			c.appendEvent(s, b.bytes(f.data, f.dataEnd))
			sent++
		case f.kind != frameID && !c.json:
			s.b = append(s.b, b.bytes(f.body, f.bodyEnd)...)
			c.appendGap(s, b.bytes(f.data, f.dataEnd))
		}
		if c.bound != nil && c.bound.count(f.kind == frameEvent) {
			break
		}
	}
	c.note()
	return true, c.send(s, sent, true)
}

// arrive is called at the end of a block by a client with positions of its own.
func (c *client) arrive() bool {
	if c.advance() {
		return true
	}
	t := c.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if frames, _ := c.block.published(); frames > c.frame || c.block != t.blocks[len(t.blocks)-1] {
		return true // in the meantime
	}
	if len(c.held) > 0 {
		return false
	}
	c.own = t.extended(c.own)
	if c.block.frames > c.frame {
		return false // appended, but not published: the client may have read it from Kafka
	}
	if c.bound != nil {
		return c.bound.arrive(c, t.pos)
	}
	for i := range c.own {
		if c.own[i].next > t.pos[i].next {
			return false // the client read further than the tail has come
		}
	}
	c.own = nil // whatever lies between had nothing to deliver
	return false
}

// appendEvent appends an event with the client's own id, or alone.
func (c *client) appendEvent(s *scratch, data []byte) {
	if c.json {
		s.b = append(s.b, data...)
		s.b = append(s.b, '\n')
		c.seal(s)
		return
	}
	c.greet(s)
	s.b = append(s.b, eventHead...)
	s.b = append(s.b, data...)
	s.b = append(s.b, idHead...)
	s.b = c.appendID(s.b)
	s.b = append(s.b, eventTail...)
	c.seal(s)
	if c.tail.view != nil {
		c.idAt = time.Now()
	}
}

// seal makes each event a chunk, as the tail's are, for clients that read whole chunks.
func (c *client) seal(s *scratch) {
	if c.out.readyChunks() {
		s.seal()
	}
}

// appendID appends the entries of the client's own position.
func (c *client) appendID(b []byte) []byte {
	for i, p := range c.tail.known(len(c.own)) {
		if i > 0 {
			b = append(b, ',')
		}
		if h := c.heldAt(i); h != nil {
			b = h.appendEntry(b, p.prefix)
			continue
		}
		b = appendEntry(b, p.prefix, c.tail.tag, c.bound.told(i, c.own[i]))
	}
	return b
}

// greet puts the reconnection time before the first event: within its block, because some clients hand on an empty event for a block without data.
func (c *client) greet(s *scratch) {
	if c.greeted {
		return
	}
	c.greeted = true
	s.b = append(s.b, "retry: "...)
	s.b = c.srv.appendRetry(s.b)
	s.b = append(s.b, '\n')
}

// send writes what is in s. tail says where the events come from.
func (c *client) send(s *scratch, events int, tail bool) error {
	if len(s.b) == reserved { // nothing
		return nil
	}
	if err := c.out.body(s); err != nil {
		return err
	}
	c.wrote(events, tail)
	return nil
}

func (c *client) wrote(events int, tail bool) {
	bytes := c.out.taken()
	c.lastWrite.Store(c.srv.clock.Load())
	c.sentEvents.Add(int64(events))
	c.sentBytes.Add(int64(bytes))
	c.srv.cfg.Observer.Delivered(Delivery{events, bytes, c.out.encoding.String(), tail})
}

// beat sends a comment if the connection has been silent for too long.
func (c *client) beat() error {
	if c.srv.clock.Load()-c.lastWrite.Load() < int64(c.srv.cfg.Heartbeat) {
		return nil
	}
	s := newScratch()
	defer s.free()
	if c.json {
		s.b = append(s.b, '\n')
	} else {
		s.b = append(s.b, ": heartbeat\n"...)
	}
	return c.send(s, 0, true)
}

// end asks the stream to end.
func (c *client) end(reason EndReason) {
	c.ending.CompareAndSwap(nil, &reason)
	c.poke()
}

// leave says that the client has closed the connection.
func (c *client) leave() {
	c.gone.Store(true)
	if c.started.Load() {
		c.out.close() // a write that waits fails
	}
	c.poke()
}

// finish ends the stream for good. Only the working goroutine calls it.
func (c *client) finish(reason EndReason) {
	c.state.Store(ended)
	if reason != EndClient && reason != EndStalled {
		s := newScratch()
		c.appendReconnect(s, reason)
		_ = c.out.body(s) // the client is gone if this fails
		s.free()
		c.out.end()
	}
	c.out.close()
	c.tail.unwait(c)
	c.drop()
	c.block, c.own = nil, nil
	c.srv.remove(c, reason)
	if c.done != nil {
		close(c.done)
	}
}
