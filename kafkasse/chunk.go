package kafkasse

import (
	"context"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/eventplatform/eventplatform/kafka"
)

// chunk is a run of records of one partition that has been read for clients that are behind, ready to be sent to any number of them. It does not change
// until the last of those that hold it has released it; then its memory is used again.
type chunk struct {
	readAt
	next    int64 // it has all records from from on that stand before next
	records []prepared
	text    []byte // their data, one after the other
	need    int    // about how long that will be
	ask     int    // how many bytes the next read is to ask for if it is to have ColdBytes: brokers count them compressed
	holders atomic.Int32
}

// chunkMost is how many bytes of text a chunk may have whose memory is kept.
const chunkMost = 4 << 20

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// newChunk makes a chunk that the caller holds.
func newChunk(at readAt, next int64) *chunk {
	c := chunks.Get().(*chunk)
	c.readAt, c.next, c.need = at, next, 0
	c.records, c.text = c.records[:0], c.text[:0]
	c.holders.Store(1)
	return c
}

func (c *chunk) hold() *chunk {
	c.holders.Add(1)
	return c
}

func (c *chunk) release() {
	if c.holders.Add(-1) == 0 && cap(c.text) <= chunkMost {
		chunks.Put(c)
	}
}

// prepared is what clients are sent of one record.
type prepared struct {
	pos        position // after it
	hash       uint64   // see recordHash; 0 if copies are kept
	start, end int      // of its data in the chunk's text; equal if it cannot be delivered
}

func (p *prepared) offset() int64 { return p.pos.next - 1 }

// preparedBytes is what a prepared record takes besides its data.
const preparedBytes = 56

// bytes is what the chunk holds in memory.
func (c *chunk) bytes() int { return cap(c.text) + preparedBytes*cap(c.records) }

// since are the chunk's records from an offset on.
func (c *chunk) since(offset int64) []prepared {
	return c.records[sort.Search(len(c.records), func(i int) bool { return c.records[i].offset() >= offset }):]
}

// following is the place behind the chunk.
func (c *chunk) following() readAt { return readAt{c.tp, c.next, c.era} }

// fetch reads what stands in a partition from an offset on. The caller holds the chunk, which is to be prepared with the records of the log's answer; if
// there are none, the answer says why.
func (s *Server) fetch(at readAt, ask int) (*chunk, kafka.Chunk, error) {
	ctx, cancel := context.WithTimeout(s.ctx, coldTimeout)
	defer cancel()
	read, err := s.cfg.Log.Read(ctx, at.tp, at.from, ask, 0)
	if err == nil {
		err = read.Err
	}
	if err != nil || skipped(&read, at.from) {
		read.Records = nil
	}
	for len(read.Records) > 0 && read.Records[0].Offset < at.from { // a batch begins before the offset that was asked for
		read.Records = read.Records[1:]
	}
	c := newChunk(at, read.Next)
	for i := range read.Records {
		c.need += len(read.Records[i].Value) + len(read.Records[i].Key) + len(at.tp.Topic) + placeBytes
	}
	c.ask = min(max(ask*s.cfg.ColdBytes/max(c.need, 1), ask/2, askLeast), 2*ask, s.cfg.ColdBytes)
	return c, read, err
}

const (
	placeBytes = 80       // about what a record's place adds to its data, besides the topic's name
	askLeast   = 16 << 10 // bytes
)

// prepare takes in the records that were fetched for the chunk.
func (c *chunk) prepare(s *Server, records []kafka.Record) {
	r := newRenderer(c.tp, &s.cfg)
	c.text, c.records = slices.Grow(c.text, c.need), slices.Grow(c.records, len(records))
	for i := range records {
		p := prepared{pos: after(&records[i]), start: len(c.text)}
		if !s.cfg.KeepCopies {
			p.hash = recordHash(&records[i])
		}
		c.text, _ = r.append(c.text, &records[i])
		p.end = len(c.text)
		c.records = append(c.records, p)
	}
	s.cfg.Observer.ColdRead(len(c.text))
}
