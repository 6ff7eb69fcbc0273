package kafkasse

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/eventplatform/eventplatform/kafka"
)

// A record is a copy if an equal one (same timestamp, key and value) stands before it in its partition: at most copyLeast records before it, or at most
// copyMost if the partition's time has not moved on by more than copySeconds in between. A partition's time is the latest timestamp so far. The rule looks
// at nothing but the log, so that whoever reads a partition from wherever finds the same copies.
const (
	copyLeast   = 1_000
	copyMost    = 100_000
	copySeconds = 120
)

// window remembers which records stand before a place of a partition, as far back as copies of them are to be found. It has hashes only.
type window struct {
	hashes []uint64 // open addressing; 0 is free. The length is a power of two
	places []uint32 // the lowest bits of the offset of the last record with the hash
	used   int
	newest int64  // the partition's time, ms since the epoch
	marks  []mark // oldest first: those that a record may be within copySeconds of
}

// mark is the first offset at which a partition's time has reached a second.
type mark struct{ second, offset int64 }

const windowSmallest = 64

func newWindow() *window {
	return &window{hashes: make([]uint64, windowSmallest), places: make([]uint32, windowSmallest)}
}

// bytes is what the window holds in memory.
func (w *window) bytes() int { return 12 * len(w.hashes) }

// add takes in the next record and says whether it is a copy.
func (w *window) add(hash uint64, offset, timestamp int64) (copied bool) {
	from := w.start(offset, timestamp)
	mask := uint64(len(w.hashes) - 1)
	i := hash & mask
	for ; w.hashes[i] != 0; i = (i + 1) & mask {
		if w.hashes[i] == hash {
			copied = w.offset(i, offset) >= from
			w.places[i] = uint32(offset)
			return copied
		}
	}
	w.hashes[i], w.places[i] = hash, uint32(offset)
	if w.used++; w.used > len(w.hashes)/8*7 {
		w.sweep(offset, from)
	}
	return false
}

// offset is that of slot i, which is before another one.
func (w *window) offset(i uint64, before int64) int64 {
	return before - int64(uint32(before)-w.places[i])
}

// start is the first offset at which the original of a record can stand.
func (w *window) start(offset, timestamp int64) int64 {
	w.newest = max(w.newest, timestamp)
	second := w.newest / 1000
	if n := len(w.marks); n == 0 || w.marks[n-1].second < second {
		w.marks = append(w.marks, mark{second, offset})
		old := 0
		for w.marks[old].second < second-copySeconds {
			old++
		}
		w.marks = slices.Delete(w.marks, 0, old)
	}
	return max(offset-copyMost, min(w.marks[0].offset, offset-copyLeast))
}

// sweep makes room: it lets go of what stands before from, and makes the table as large as the rest needs.
func (w *window) sweep(offset, from int64) {
	live := 0
	for i, h := range w.hashes {
		if h != 0 && w.offset(uint64(i), offset) >= from {
			live++
		}
	}
	old := *w
	size := max(windowSmallest, 1<<bits.Len(uint(live+live/4)))
	w.hashes, w.places, w.used = make([]uint64, size), make([]uint32, size), live
	mask := uint64(size - 1)
	for i, h := range old.hashes {
		if h == 0 || old.offset(uint64(i), offset) < from {
			continue
		}
		k := h & mask
		for w.hashes[k] != 0 {
			k = (k + 1) & mask
		}
		w.hashes[k], w.places[k] = h, old.places[i]
	}
}

var hashSeed = maphash.MakeSeed()

// recordHash is a hash of all that makes two records equal; never 0. It has 64 bits, because a record that is taken for a copy of another one is lost: that
// happens once in 10^14 records. The fingerprint, which must be short and the same everywhere, would not do.
func recordHash(r *kafka.Record) uint64 {
	h := maphash.Bytes(hashSeed, r.Value) + uint64(r.Timestamp)*0x9e3779b97f4a7c15
	if r.Key != nil {
		h = bits.RotateLeft64(h, 31)*0xbf58476d1ce4e5b9 ^ maphash.Bytes(hashSeed, r.Key)
	}
	h ^= h >> 32
	return max(h, 1)
}
