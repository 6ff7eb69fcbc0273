package kafkasse

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// A block is a run of frames in a tail's order, as one piece of memory that never moves: each frame is ready as a chunk of HTTP/1.1, so that one
// write of a part of the block sends any number of them. The tail appends; connections read what is published without a lock.
type block struct {
	start []position // of the tail's partitions before the first frame
	mem   []byte     // all of it; never replaced
	index []frame    // likewise

	used, frames int // what the tail has appended

	size    atomic.Uint64 // published: frames<<32 | bytes
	next    atomic.Pointer[block]
	evicted atomic.Bool // the tail retains it no longer; next is nil then

	lazy     sync.Once
	variants *variants
}

// frame is where one frame lies in its block's memory, and what it stands for.
type frame struct {
	pos  position // of the partition after this frame
	sum  int64    // how far the tail has come with it: see tail.sum
	part int32
	kind frameKind

	end           uint32 // of the chunk; it starts where the one before ends
	body, bodyEnd uint32 // without the chunk's framing
	data, dataEnd uint32 // the event alone
}

type frameKind uint8

const (
	frameEvent frameKind = iota
	frameGap             // a comment: the partition's position jumps ahead
	frameReset           // a comment: the partition begins anew, its position jumps back
	frameID              // an id without an event, after many that a view leaves out
)

const (
	blockBytes  = 64 << 10
	blockFrames = 256

	eventHead = "event: message\ndata: "
	idHead    = "\nid: ["
	idAlone   = "id: ["
	eventTail = "]\n\n"
)

// newBlock makes a block with room for at least one frame of so many bytes.
func newBlock(start []position, need int) *block {
	return &block{
		start: slices.Clone(start),
		mem:   make([]byte, max(blockBytes, need)),
		index: make([]frame, blockFrames),
	}
}

// fits says whether another chunk of so many bytes has room.
func (b *block) fits(need int) bool {
	return len(b.mem)-b.used >= need && b.frames < len(b.index)
}

// publish lets connections see what has been appended.
func (b *block) publish() { b.size.Store(uint64(b.frames)<<32 | uint64(b.used)) }

// published is how many frames and bytes connections may see.
func (b *block) published() (frames int, bytes uint32) {
	s := b.size.Load()
	return int(s >> 32), uint32(s)
}

// bytes is a range of the block; it must be published.
func (b *block) bytes(from, to uint32) []byte { return b.mem[from:to:to] }

// appendChunkHead appends the line that says how many bytes follow.
func appendChunkHead(dst []byte, n int) []byte {
	dst = strconv.AppendUint(dst, uint64(n), 16)
	return append(dst, '\r', '\n')
}

const chunkOverhead = 16 + 2 + 2 // the longest head and the end
