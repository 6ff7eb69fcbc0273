package kafkasse

import (
	"slices"
	"sort"
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
}

type cachedChunk struct {
	tp         kafka.TopicPartition
	from, next int64
	records    []kafka.Record
	bytes      int
	read       time.Time
}

const (
	chunkCacheBytes = 16 << 20
	chunkCacheAge   = 10 * time.Second
)

// get returns the records of a partition from an offset on, if they have been read lately, and where to go on after them. A client that is alone takes
// them out.
func (c *chunkCache) get(tp kafka.TopicPartition, from int64, alone bool) (records []kafka.Record, next int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.chunks) - 1; i >= 0; i-- {
		e := &c.chunks[i]
		if e.tp == tp && e.from <= from && from < e.next && time.Since(e.read) < chunkCacheAge {
			first := sort.Search(len(e.records), func(k int) bool { return e.records[k].Offset >= from })
			records, next = e.records[first:], e.next
			if alone {
				c.bytes -= e.bytes
				c.chunks = slices.Delete(c.chunks, i, i+1)
			}
			return records, next
		}
	}
	return nil, 0
}

// start says that a read is about to begin, unless it is under way or has been made. The caller ends it with done.
func (c *chunkCache) start(at readAt) (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.under[at] != nil || c.has(at) {
		return nil
	}
	return c.mark(at)
}

// has says whether what is at a place has been read lately. The caller holds c.mu.
func (c *chunkCache) has(at readAt) bool {
	return slices.ContainsFunc(c.chunks, func(e cachedChunk) bool {
		return e.tp == at.tp && e.from <= at.from && at.from < e.next && time.Since(e.read) < chunkCacheAge
	})
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
	if c.has(at) {
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

// put keeps a chunk for a while.
func (c *chunkCache) put(tp kafka.TopicPartition, from, next int64, records []kafka.Record, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chunks = append(c.chunks, cachedChunk{tp, from, next, records, bytes, time.Now()})
	c.bytes += bytes
	for c.bytes > chunkCacheBytes {
		c.drop()
	}
}

// expire lets go of what is too old.
func (c *chunkCache) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.chunks) > 0 && time.Since(c.chunks[0].read) >= chunkCacheAge {
		c.drop()
	}
}

func (c *chunkCache) drop() {
	c.bytes -= c.chunks[0].bytes
	c.chunks = slices.Delete(c.chunks, 0, 1)
}
