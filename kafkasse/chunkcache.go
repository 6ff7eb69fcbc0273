package kafkasse

import (
	"slices"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// chunkCache keeps what has been read from Kafka for one client that is behind for others that are behind as well: after a restart of a server all of its
// clients come back with nearly the same positions.
type chunkCache struct {
	mu     sync.Mutex
	chunks []cachedChunk // oldest first
	bytes  int
	under  map[readAt]chan struct{} // reads that are under way; closed when they are done
}

// readAt is where a read begins.
type readAt struct {
	tp   kafka.TopicPartition
	from int64
	era  uint32 // see position
}

type cachedChunk struct {
	*chunk
	read time.Time
}

const (
	chunkCacheBytes = 16 << 20
	chunkCacheAge   = 10 * time.Second
)

// get returns what has lately been read of a partition from an offset on, or nil. The caller holds it then. A client that is alone takes it out.
func (c *chunkCache) get(at readAt, alone bool) *chunk {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.find(at)
	if i < 0 {
		return nil
	}
	found := c.chunks[i].chunk.hold()
	if alone {
		c.remove(i)
	}
	return found
}

// find returns where the chunk is that has what is at a place, or -1. The caller holds c.mu.
func (c *chunkCache) find(at readAt) int {
	return slices.IndexFunc(c.chunks, func(e cachedChunk) bool {
		return e.tp == at.tp && e.era == at.era && e.from <= at.from && at.from < e.next && time.Since(e.read) < chunkCacheAge
	})
}

// after is where to go on reading from a place on: behind what has lately been read from there, if that is one chunk.
func (c *chunkCache) after(at readAt) readAt {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := c.find(at); i >= 0 {
		at.from = c.chunks[i].next
	}
	return at
}

// start says that a read is about to begin, unless it is under way or has been made. The caller ends it with done.
func (c *chunkCache) start(at readAt) (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.under[at] != nil || c.find(at) >= 0 {
		return nil
	}
	return c.mark(at)
}

// begin says that a read is about to begin; the caller ends it with done. If the same read is under way it returns when that is done, and nil; if it has
// been made, nil.
func (c *chunkCache) begin(at readAt) (done func()) {
	c.mu.Lock()
	other := c.under[at]
	if other != nil {
		c.mu.Unlock()
		<-other
		return nil
	}
	defer c.mu.Unlock()
	if c.find(at) >= 0 {
		return nil
	}
	return c.mark(at)
}

// mark notes that a read is under way. The caller holds c.mu.
func (c *chunkCache) mark(at readAt) (done func()) {
	if c.under == nil {
		c.under = map[readAt]chan struct{}{}
	}
	mine := make(chan struct{})
	c.under[at] = mine
	return func() {
		c.mu.Lock()
		delete(c.under, at)
		c.mu.Unlock()
		close(mine)
	}
}

// put keeps a chunk for a while, the newest one however large it is.
func (c *chunkCache) put(read *chunk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chunks = append(c.chunks, cachedChunk{read.hold(), time.Now()})
	c.bytes += read.bytes()
	for c.bytes > chunkCacheBytes && len(c.chunks) > 1 {
		c.remove(0)
	}
}

// expire lets go of what is too old.
func (c *chunkCache) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.chunks) > 0 && time.Since(c.chunks[0].read) >= chunkCacheAge {
		c.remove(0)
	}
}

// remove takes out a chunk. The caller holds c.mu.
func (c *chunkCache) remove(i int) {
	c.bytes -= c.chunks[i].bytes()
	c.chunks[i].release()
	c.chunks = slices.Delete(c.chunks, i, i+1)
}
