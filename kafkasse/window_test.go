package kafkasse

import (
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/eventplatform/eventplatform/kafka"
)

// rule is what window does, without bounds of memory.
type rule struct {
	offsets, newest []int64 // of all records
	last            map[uint64]int64
}

func (r *rule) add(hash uint64, offset, timestamp int64) (copied bool) {
	if n := len(r.newest); n > 0 {
		timestamp = max(timestamp, r.newest[n-1])
	}
	r.offsets, r.newest = append(r.offsets, offset), append(r.newest, timestamp)
	i := sort.Search(len(r.newest), func(i int) bool { return r.newest[i]/1000 >= timestamp/1000-copySeconds })
	from := max(offset-copyMost, min(r.offsets[i], offset-copyLeast))
	at, there := r.last[hash]
	r.last[hash] = offset
	return there && at >= from
}

func TestWindowFindsCopies(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 7))
		w, want := newWindow(), &rule{last: map[uint64]int64{}}
		offset, timestamp, copies := int64(r.IntN(1e10)), int64(1_700_000_000_000), 0
		records := 100 + r.Uint64N(20_000)
		for range 40_000 {
			hash := 1 + r.Uint64N(records)
			timestamp += r.Int64N(200) - 50
			at := timestamp
			if r.IntN(100) == 0 {
				at -= r.Int64N(1e6)
			}
			got := w.add(hash*0x9e3779b97f4a7c15, offset, at)
			if got != want.add(hash, offset, at) {
				t.Fatalf("seed %d, offset %d: a copy: %v", seed, offset, got)
			}
			if got {
				copies++
			}
			offset += 1 + r.Int64N(2)*r.Int64N(3)
		}
		if copies < 1000 || copies > 39_900 {
			t.Errorf("%d copies prove little", copies)
		}
	}
}

func TestWindowIsBounded(t *testing.T) {
	w := newWindow()
	for i := range int64(400_000) {
		rec := kafka.Record{Offset: i, Timestamp: 1_700_000_000_000, Value: []byte{byte(i), byte(i >> 8), byte(i >> 16)}}
		if w.add(recordHash(&rec), i, rec.Timestamp) {
			t.Fatalf("record %d is a copy", i)
		}
	}
	if w.bytes() > 16*copyMost {
		t.Errorf("%d bytes", w.bytes())
	}
	for _, distance := range []int64{copyMost, copyMost + 1} {
		i := 400_000 - distance
		rec := kafka.Record{Offset: i, Timestamp: 1_700_000_000_000, Value: []byte{byte(i), byte(i >> 8), byte(i >> 16)}}
		equal(t, "a copy at the limit", w.add(recordHash(&rec), 400_000, rec.Timestamp), distance == copyMost)
	}
	for i := range int64(120_000) { // it is quiet now
		w.add(uint64(i+1)*0x9e3779b97f4a7c15, 400_001+i, 1_700_000_000_000+1000*i)
	}
	if w.bytes() > 16*4*copyLeast {
		t.Errorf("%d bytes for %d records", w.bytes(), copyLeast)
	}
}

func TestRecordHash(t *testing.T) {
	seen := map[uint64]kafka.Record{}
	for _, r := range []kafka.Record{
		{Timestamp: 1, Value: []byte("a")}, {Timestamp: 2, Value: []byte("a")}, {Timestamp: 1, Value: []byte("b")}, {Timestamp: 1},
		{Timestamp: 1, Key: []byte{}, Value: []byte("a")}, {Timestamp: 1, Key: []byte("a"), Value: []byte("a")}, {Timestamp: 1, Key: []byte("a")},
		{Timestamp: 1, Key: []byte("b"), Value: []byte("a")}, {Timestamp: 1, Key: []byte("a"), Value: []byte("b")},
	} {
		if other, there := seen[recordHash(&r)]; there {
			t.Errorf("%v has the hash of %v", r, other)
		}
		seen[recordHash(&r)] = r
		r.Offset, r.Partition = 7, 3
		if _, there := seen[recordHash(&r)]; !there {
			t.Error("the place of a record changes its hash")
		}
	}
}

func BenchmarkWindow(b *testing.B) {
	rec := kafka.Record{Timestamp: 1_700_000_000_000, Value: value1200()}
	b.Run("fingerprint", func(b *testing.B) {
		for b.Loop() {
			fingerprint(&rec)
		}
	})
	b.Run("hash", func(b *testing.B) {
		for b.Loop() {
			recordHash(&rec)
		}
	})
	b.Run("hash and add", func(b *testing.B) {
		w := newWindow()
		for b.Loop() {
			rec.Offset++
			rec.Timestamp++
			w.add(recordHash(&rec), rec.Offset, rec.Timestamp)
		}
	})
	b.Run("render", func(b *testing.B) {
		r := newRenderer(kafka.TopicPartition{Topic: "a"}, &Config{})
		for b.Loop() {
			r.render(&rec)
		}
	})
}
