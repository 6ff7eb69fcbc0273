package eventgate

import (
	"errors"
	"io"
	"sync"
)

// block is memory for a part of a body. Blocks are used again whatever comes of the body, so that one that is refused in the end, like a small one that
// inflates without end, leaves the garbage collector nothing to do.
type block [64 << 10]byte

var blockPool = sync.Pool{New: func() any { return new(block) }}

// blocks are text of which nobody knows how much there will be.
type blocks struct {
	full []*block
	used int // bytes of the last one
}

// room is where the next text goes; it is never empty. The caller says with wrote how much of it was used.
func (b *blocks) room() []byte {
	if len(b.full) == 0 || b.used == len(block{}) {
		b.full, b.used = append(b.full, blockPool.Get().(*block)), 0
	}
	return b.full[len(b.full)-1][b.used:]
}

func (b *blocks) wrote(n int) { b.used += n }

func (b *blocks) len() int64 {
	if len(b.full) == 0 {
		return 0
	}
	return int64(len(b.full)-1)*int64(len(block{})) + int64(b.used)
}

// appendTo appends the text.
func (b *blocks) appendTo(text []byte) []byte {
	for i, part := range b.full {
		if i == len(b.full)-1 {
			return append(text, part[:b.used]...)
		}
		text = append(text, part[:]...)
	}
	return text
}

// reset forgets the text.
func (b *blocks) reset() {
	for i, part := range b.full {
		blockPool.Put(part)
		b.full[i] = nil
	}
	b.full, b.used = b.full[:0], 0
}

// drain reads at most so many bytes that nobody wants, and reports whether the end came.
func drain(from io.Reader, most int64) bool {
	waste := blockPool.Get().(*block)
	defer blockPool.Put(waste)
	for most > 0 {
		n, err := from.Read(waste[:min(most, int64(len(waste)))])
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		most -= int64(n)
	}
	return false
}
