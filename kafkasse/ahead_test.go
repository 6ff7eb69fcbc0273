package kafkasse

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// coldReads counts reads for clients that are behind.
type coldReads struct {
	nobody
	n atomic.Int64
}

func (c *coldReads) ColdRead(int) { c.n.Add(1) }

// While a client that is behind is sent what it has, the two reads that it needs next are made, and no more. Each record is read once.
func TestReadingAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		const n = 1000
		for i := range n {
			log.Produce(rec("a", 0, int64(1000+i), i))
		}
		log.Batch(10)
		reads := &coldReads{}
		h := newHarness(t, log, Config{Observer: reads, Heartbeat: time.Hour, StallBudget: time.Hour}, "a")
		defer h.stop()
		since := int64(0)
		h.sub.Since = &since
		s := h.open()
		resume := s.pause()
		sleep(time.Minute)
		had := int64(len(s.events())) / 10
		if n := reads.n.Load() - had; n > 2*(coldFills+1)+2 { // what is being written, what is read into, and two chunks
			t.Errorf("%d reads for a client that takes nothing", n)
		}
		resume()
		equal(t, "events", len(s.seqs()), n)
		equal(t, "reads", reads.n.Load(), int64(n/10))
	})
}

// A chunk larger than all that is kept for others is still sent to the client that it was read ahead for.
func TestOneHugeChunkIsKept(t *testing.T) {
	var c chunkCache
	huge := newChunk(readAt{tp: kafka.TopicPartition{Topic: "a"}}, 10)
	huge.text = make([]byte, chunkCacheBytes+1)
	c.put(huge)
	equal(t, "of a topic that was made anew", c.get(readAt{tp: huge.tp, from: 3, era: 1}, true) == nil, true)
	got := c.get(readAt{tp: huge.tp, from: 3}, true)
	equal(t, "the chunk", got == huge, true)
	equal(t, "bytes", c.bytes, 0)
	huge.release()
	got.release()
	equal(t, "holders", huge.holders.Load(), int32(0))
}
