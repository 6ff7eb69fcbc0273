package kafkasse

import (
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// tail is the live end of one subscription: the records of its partitions in one order, rendered into blocks, as far as it retains them.
//
// Partitions are only ever added. A topic that does not exist yet has one partition, 0, without a reader.
type tail struct {
	srv    *Server
	key    string
	topics []string
	view   *View // nil: everything
	tag    [4]byte

	ready chan struct{} // closed when parts are known, or err is set
	err   error

	refs  int       // guarded by srv.mu
	idle  time.Time // since when refs is 0; guarded by srv.mu
	built bool      // parts are known; guarded by srv.mu

	mu      sync.Mutex
	parts   []*part
	pos     []position // of parts, at the head
	sum     int64      // offsets that all partitions together have moved by since they were added
	newest  int64      // ms since the epoch: the latest timestamp of a record
	blocks  []*block   // retained, oldest first; never empty once ready
	floor   *block     // the offsets of older blocks are those of a partition that is gone; nil: there are none
	bytes   int        // of blocks
	waiters []*client  // idle until something is appended
	viewed  []byte     // reused
	skipped bool       // the position has moved since the last id
	idSent  time.Time  // when the last id was appended; only with a view
}

// part is one partition of a tail.
type part struct {
	tp     kafka.TopicPartition
	prefix []byte
	reader *reader  // nil: the topic does not exist yet
	first  position // where the tail began to read it
	anew   position // where it began anew last
	latest int64    // the partition's end when the reader was made: a client that wants the end starts there at the earliest
	entry  []byte   // of ids, at the head
}

// add appends a partition whose reader is at pos. The caller holds t.mu.
func (t *tail) add(tp kafka.TopicPartition, r *reader, pos position, latest int64) int {
	p := &part{tp: tp, prefix: idPrefix(tp), reader: r, first: pos, latest: latest}
	p.entry = appendEntry(nil, p.prefix, t.tag, pos)
	if pos.print != noPrint {
		t.newest = max(t.newest, pos.time)
	}
	t.parts = append(t.parts, p)
	t.pos = append(t.pos, pos)
	return len(t.parts) - 1
}

// indexOf is the place of a partition in the tail, -1 if it has none. The caller holds t.mu.
func (t *tail) indexOf(tp kafka.TopicPartition) int {
	for i, p := range t.parts {
		if p.tp == tp {
			return i
		}
	}
	return -1
}

// append puts one event into the tail's order. Nobody sees it before publish.
func (t *tail) append(part int, pos position, data []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.view != nil {
		var ok bool
		if data, ok = t.view.apply(&t.viewed, t.parts[part].tp.Topic, pos.time, data); !ok {
			t.advance(part, pos)
			t.skipped = true
			return
		}
		t.skipped, t.idSent = false, time.Now()
	}
	t.frame(part, pos, frameEvent, eventHead, data, idHead)
}

// frame puts an event, or an id alone, into the tail's order.
func (t *tail) frame(part int, pos position, kind frameKind, head string, data []byte, id string) {
	ids := t.advance(part, pos)
	need := len(head) + len(data) + len(id) + ids + len(eventTail)
	b := t.room(need)
	buf := appendChunkHead(b.mem[:b.used], need)
	f := frame{pos: pos, sum: t.sum, part: int32(part), kind: kind, body: uint32(len(buf))}
	buf = append(buf, head...)
	f.data = uint32(len(buf))
	buf = append(buf, data...)
	f.dataEnd = uint32(len(buf))
	buf = append(buf, id...)
	for i, p := range t.parts {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, p.entry...)
	}
	buf = append(buf, eventTail...)
	f.bodyEnd = uint32(len(buf))
	buf = append(buf, '\r', '\n')
	f.end = uint32(len(buf))
	b.commit(f)
}

// appendNote puts a gap's comment into the tail's order, for a partition whose position jumps.
func (t *tail) appendNote(part int, pos position, kind frameKind, text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note(part, pos, kind, text)
}

// note is appendNote for a caller that holds t.mu.
func (t *tail) note(part int, pos position, kind frameKind, text []byte) {
	t.advance(part, pos)
	b := t.room(len(text))
	buf := appendChunkHead(b.mem[:b.used], len(text))
	f := frame{pos: pos, sum: t.sum, part: int32(part), kind: kind, body: uint32(len(buf))}
	buf = append(buf, text...)
	f.bodyEnd = uint32(len(buf))
	f.data, f.dataEnd = f.body+uint32(len(gapHead)), f.bodyEnd-1
	buf = append(buf, '\r', '\n')
	f.end = uint32(len(buf))
	b.commit(f)
	if kind == frameReset {
		t.parts[part].anew = pos
		t.floor = t.follow(b, 0)
	}
}

// advance moves a partition and returns how long the ids of a frame are now.
func (t *tail) advance(part int, pos position) int {
	p := t.parts[part]
	t.sum += pos.next - t.pos[part].next
	t.newest = max(t.newest, pos.time)
	t.pos[part] = pos
	p.entry = appendEntry(p.entry[:0], p.prefix, t.tag, pos)
	n := len(t.parts) - 1
	for _, p := range t.parts {
		n += len(p.entry)
	}
	return n
}

// skip moves a partition over a record that is not delivered.
func (t *tail) skip(part int, pos position) {
	t.mu.Lock()
	t.advance(part, pos)
	t.mu.Unlock()
}

// correct replaces what is known of the record before the place where a partition begins.
func (t *tail) correct(part int, pos position) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range t.blocks {
		if part < len(b.start) && b.start[part].next == pos.next {
			b.start[part] = pos
		}
	}
	if first := &t.parts[part].first; first.next == pos.next {
		first.time, first.print = pos.time, pos.print
	}
	t.advance(part, pos)
}

// commit takes a frame in whose bytes are in place.
func (b *block) commit(f frame) {
	b.index[b.frames] = f
	b.frames++
	b.used = int(f.end)
}

// room returns the block that a frame of so many bytes goes into. The position of the frame's partition has moved already.
func (t *tail) room(need int) *block {
	need += chunkOverhead
	b := t.blocks[len(t.blocks)-1]
	if b.fits(need) {
		return b
	}
	return t.follow(b, need)
}

// follow ends a block and begins the next one.
func (t *tail) follow(b *block, need int) *block {
	b.publish()
	n := t.newBlock(need, b)
	b.next.Store(n)
	return n
}

// newBlock appends a block that begins where the last one ends.
func (t *tail) newBlock(need int, last *block) *block {
	start := t.pos
	if last != nil {
		start = t.positionsAt(last, last.frames)
	}
	n := newBlock(start, need)
	t.blocks = append(t.blocks, n)
	t.retain(len(n.mem))
	for len(t.blocks) > 1 && (t.bytes > t.srv.cfg.TailBytes || t.srv.retained.Load() > int64(t.srv.cfg.TotalBytes)) {
		t.evict()
	}
	return n
}

func (t *tail) retain(n int) {
	t.bytes += n
	t.srv.retained.Add(int64(n))
}

// evict lets go of the oldest block. A connection that is still reading it goes on with a cold reader.
func (t *tail) evict() {
	b := t.blocks[0]
	t.blocks[0] = nil
	t.blocks = t.blocks[1:]
	t.retain(-len(b.mem))
	b.evicted.Store(true)
	b.next.Store(nil)
	t.srv.retained.Add(-int64(b.closeVariants()))
}

// publish shows connections what has been appended, and wakes those that wait.
func (t *tail) publish() {
	t.mu.Lock()
	if t.skipped && time.Since(t.idSent) >= idEvery {
		t.skipped, t.idSent = false, time.Now()
		t.frame(0, t.pos[0], frameID, "", nil, idAlone)
	}
	t.blocks[len(t.blocks)-1].publish()
	for i, c := range t.waiters {
		t.waiters[i] = nil
		c.waiting = false
		c.poke()
	}
	t.waiters = t.waiters[:0]
	t.mu.Unlock()
}

// wait registers a connection to be poked by the next publish. The caller holds t.mu.
func (t *tail) wait(c *client) {
	if c.own == nil {
		c.reached.Store(t.sum)
		c.reachedTime.Store(t.newest)
	}
	if c.waiting {
		return
	}
	c.waiting, c.waitIndex = true, int32(len(t.waiters))
	t.waiters = append(t.waiters, c)
}

// unwait takes a connection that has ended from the list.
func (t *tail) unwait(c *client) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !c.waiting {
		return
	}
	last := t.waiters[len(t.waiters)-1]
	t.waiters[c.waitIndex], last.waitIndex = last, c.waitIndex
	t.waiters[len(t.waiters)-1] = nil
	t.waiters = t.waiters[:len(t.waiters)-1]
	c.waiting = false
}

// known are the first n partitions.
func (t *tail) known(n int) []*part {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.parts[:n:n]
}

// find returns the newest block from which a client at these positions misses nothing, or nil if the tail does not reach back so far. The caller
// holds t.mu.
func (t *tail) find(own []position) *block {
	for i := len(t.blocks) - 1; i >= 0; i-- {
		if t.covers(t.blocks[i].start, own) {
			return t.blocks[i]
		}
		if t.blocks[i] == t.floor {
			break
		}
	}
	return nil
}

func (t *tail) covers(start, own []position) bool {
	for i := range own {
		first := t.parts[i].first
		if i < len(start) {
			first = start[i]
		}
		if !own[i].has(first) {
			return false
		}
	}
	return true
}

// renew moves somebody who is behind to the beginning of those partitions that have begun anew since, and says what is missing so. The caller holds t.mu.
func (t *tail) renew(own []position) (gaps []gap) {
	for i := range own {
		if p := t.parts[i]; own[i].era != t.pos[i].era && own[i].next != nowhere {
			gaps = append(gaps, gap{p.tp, own[i].next, p.anew.next, GapBeyondEnd})
			own[i] = p.anew
		}
	}
	return gaps
}

// positionsAt is where a connection is that has had the first frames of a block. The caller holds t.mu.
func (t *tail) positionsAt(b *block, frames int) []position {
	own := make([]position, len(t.parts))
	copy(own, b.start)
	for i := len(b.start); i < len(own); i++ {
		own[i] = t.parts[i].first
	}
	for i := range frames {
		f := &b.index[i]
		own[f.part] = f.pos
	}
	return own
}
