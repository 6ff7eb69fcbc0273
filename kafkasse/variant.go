package kafkasse

import (
	"sort"
	"sync"
)

// variant is a block in another form than its memory has, made piece by piece as clients ask for it, and once for all of them.
type variant struct {
	mu     sync.Mutex
	pieces []piece
	bytes  int
	closed bool // the block is evicted: nothing is kept any more
}

// piece is a run of frames, encoded.
type piece struct {
	from, to int
	bytes    []byte
	sum      sum
}

// variants are those of a block, by encoding and form.
type variants [2 * (encodings - 1)]variant

// piece returns a run of published frames from one on, as events or as JSON lines, encoded.
func (b *block) piece(s *Server, e encoding, lines bool, from int) piece {
	b.lazy.Do(func() { b.variants = new(variants) })
	if b.variants == nil { // the block is evicted, and never had any
		return b.encode(s, e, lines, from, b.together(from))
	}
	v := &b.variants[2*(e-1)]
	if lines {
		v = &b.variants[2*(e-1)+1]
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	i := sort.Search(len(v.pieces), func(i int) bool { return v.pieces[i].to > from })
	switch {
	case i == len(v.pieces):
		p := b.encode(s, e, lines, from, b.together(from))
		if !v.closed && (i == 0 || v.pieces[i-1].to == from) {
			v.pieces = append(v.pieces, p)
			v.bytes += len(p.bytes)
			s.retained.Add(int64(len(p.bytes)))
		}
		return p
	case v.pieces[i].from == from:
		return v.pieces[i]
	}
	return b.encode(s, e, lines, from, v.pieces[i].to) // from there on the client takes what the others take
}

// together is up to where published frames from one on are encoded as one piece.
func (b *block) together(from int) (to int) {
	frames, _ := b.published()
	for to = from + 1; to < frames && b.index[to-1].end-b.index[from].body < encodedBytes; to++ {
	}
	return min(to, frames)
}

func (b *block) encode(srv *Server, e encoding, lines bool, from, to int) piece {
	s := newScratch()
	defer s.free()
	for i := from; i < to; i++ {
		f := &b.index[i]
		s.b = b.appendFrame(s.b, f, lines)
	}
	p := s.b[reserved:]
	if len(p) == 0 {
		return piece{from: from, to: to, sum: sumOf(nil)}
	}
	return piece{from: from, to: to, bytes: srv.codec.encode(e, nil, p), sum: sumOf(p)}
}

// appendFrame appends a frame without the chunk's framing.
func (b *block) appendFrame(dst []byte, f *frame, lines bool) []byte {
	if !lines {
		return append(dst, b.bytes(f.body, f.bodyEnd)...)
	}
	if f.kind != frameEvent {
		return dst
	}
	dst = append(dst, b.bytes(f.data, f.dataEnd)...)
	return append(dst, '\n')
}

// closeVariants lets go of the block's other forms and returns how many bytes they had.
func (b *block) closeVariants() (bytes int) {
	b.lazy.Do(func() {}) // there will be none if there are none yet
	if b.variants == nil {
		return 0
	}
	for i := range b.variants {
		v := &b.variants[i]
		v.mu.Lock()
		v.closed = true
		bytes += v.bytes
		v.mu.Unlock()
	}
	return bytes
}
