package kafka

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// memory is what one read's answer is decoded into. What is recycled serves later reads: a reader of everything would otherwise leave gigabytes to the
// garbage collector.
type memory struct {
	batches recycled[byte]       // decompressed
	slabs   recycled[kgo.Record] // one for each batch
	records []Record
	bytes   int // of batches
}

// memoryMost is how many decompressed bytes are kept for later reads.
const memoryMost = 16 << 20

var memories = sync.Pool{New: func() any { return new(memory) }}

// recycle keeps m for another read, unless it is huge. Nobody uses what was read into it any more.
func (m *memory) recycle() {
	if m.bytes > memoryMost {
		return
	}
	m.batches.reset()
	m.slabs.reset()
	m.records = m.records[:0]
	memories.Put(m)
}

// decompressor decompresses into a memory. It is used again whether that is recycled or not: its decoders are dear to make.
type decompressor struct {
	inner kgo.Decompressor
	into  *memory
}

var decompressors = sync.Pool{New: func() any {
	d := new(decompressor)
	d.inner = kgo.DefaultDecompressor(d)
	return d
}}

// Decompress is a [kgo.Decompressor] that remembers where it wrote.
func (d *decompressor) Decompress(src []byte, codec kgo.CompressionCodecType) ([]byte, error) {
	dst, err := d.inner.Decompress(src, codec)
	if err == nil && codec != kgo.CodecNone {
		d.into.bytes += d.into.batches.took(dst)
	}
	return dst, err
}

// GetDecompressBytes makes d the pool of the decompressor that it has, see [kgo.PoolDecompressBytes].
func (d *decompressor) GetDecompressBytes([]byte, kgo.CompressionCodecType) []byte {
	return d.into.batches.next()
}

// PutDecompressBytes is called for what could not be decompressed.
func (d *decompressor) PutDecompressBytes([]byte) {}

// slabPool hands out m's slabs, see [kgo.PoolRecords]. It is a type of its own because the client would give batches back, too, if it was asked for them.
type slabPool struct{ m *memory }

// GetRecords is called for each batch.
func (p slabPool) GetRecords(n int) []kgo.Record {
	slab := p.m.slabs.next()
	if cap(slab) < n {
		slab = make([]kgo.Record, n)
	}
	p.m.slabs.took(slab)
	return slab
}

// PutRecords is called for batches without records.
func (slabPool) PutRecords([]kgo.Record) {}

// recycled are slices that are used one after the other, and then all again.
type recycled[T any] struct {
	all  [][]T
	used int
}

// next is the slice whose turn it is, nil if there is none yet.
func (r *recycled[T]) next() []T {
	if r.used < len(r.all) {
		return r.all[r.used][:0]
	}
	return nil
}

// took says that s was used in the place of next, and returns by how much the slices have grown.
func (r *recycled[T]) took(s []T) (grown int) {
	if r.used == len(r.all) {
		r.all = append(r.all, nil)
	}
	grown = cap(s) - cap(r.all[r.used])
	r.all[r.used] = s
	r.used++
	return grown
}

func (r *recycled[T]) reset() { r.used = 0 }
