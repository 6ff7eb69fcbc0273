package kafkasse

import (
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// output is the way to one client: a connection taken over from net/http, or a ResponseWriter where that cannot be (HTTP/2).
type output struct {
	conn    net.Conn // nil if it cannot be taken over
	chunked bool     // conn: HTTP/1.1
	budget  time.Duration

	w  http.ResponseWriter
	rc *http.ResponseController

	codec    *codec
	encoding encoding
	begun    bool     // gzip: the head has been written
	sent     checksum // gzip: of everything before it was compressed

	written  int           // bytes, since taken was called
	clock    *atomic.Int64 // the server's
	deadline int64         // of writes, ns since the epoch
}

// scratch is memory for what one write sends to one client alone.
type scratch struct{ b []byte }

// reserved is how many bytes a scratch leaves free at its start for the head of a chunk.
const reserved = 10

// scratchBytes is about how much one write sends.
const scratchBytes = 64 << 10

var scratches = sync.Pool{New: func() any { return &scratch{b: make([]byte, reserved, 4<<10)} }}

func newScratch() *scratch {
	s := scratches.Get().(*scratch)
	s.b = s.b[:reserved]
	return s
}

func (s *scratch) free() {
	if cap(s.b) <= 4*scratchBytes { // one huge event must not stay in memory
		scratches.Put(s)
	}
}

// readyChunks says whether bytes that are chunks of HTTP/1.1 already can be written as they are.
func (o *output) readyChunks() bool { return o.chunked && o.encoding == identity }

// raw writes bytes as they are.
func (o *output) raw(p []byte) error {
	o.extend()
	_, err := o.conn.Write(p)
	o.written += len(p)
	return err
}

// taken is how many bytes have been written since it was called last.
func (o *output) taken() int {
	n := o.written
	o.written = 0
	return n
}

// body writes what is in s as a part of the answer's body, and empties it.
func (o *output) body(s *scratch) error {
	p := s.b[reserved:]
	if len(p) == 0 || o.encoding == identity {
		return o.part(s)
	}
	encoded := newScratch()
	defer encoded.free()
	o.beginTo(encoded)
	if o.encoding == gzipped {
		o.sent.add(sumOf(p))
	}
	encoded.b = o.codec.encode(o.encoding, encoded.b, p)
	s.b = s.b[:reserved]
	return o.part(encoded)
}

// piece writes frames that are encoded already.
func (o *output) piece(p piece) error {
	if len(p.bytes) == 0 {
		return nil
	}
	s := newScratch()
	defer s.free()
	o.beginTo(s)
	s.b = append(s.b, p.bytes...)
	if o.encoding == gzipped {
		o.sent.add(p.sum)
	}
	return o.part(s)
}

// beginTo appends what an encoded body begins with, once.
func (o *output) beginTo(s *scratch) {
	if o.encoding == gzipped && !o.begun {
		s.b = append(s.b, gzipHead...)
	}
	o.begun = true
}

// part writes what is in s as it is, as one chunk where there are chunks, and empties it.
func (o *output) part(s *scratch) error {
	p := s.b[reserved:]
	s.b = s.b[:reserved]
	if len(p) == 0 {
		return nil
	}
	o.extend()
	o.written += len(p)
	switch {
	case o.conn == nil:
		if _, err := o.w.Write(p); err != nil {
			return err
		}
		return o.rc.Flush()
	case !o.chunked:
		_, err := o.conn.Write(p)
		return err
	}
	whole := s.b[:reserved+len(p)]
	var head [reserved]byte
	h := strconv.AppendUint(head[:0], uint64(len(p)), 16)
	h = append(h, '\r', '\n')
	start := reserved - len(h)
	copy(whole[start:], h)
	whole = append(whole, '\r', '\n')
	s.b = whole[:reserved]
	_, err := o.conn.Write(whole[start:])
	return err
}

// extend gives the next write its time. Moving a deadline costs, so that it is moved only when half of the time is over: a client is cut after
// between one and one and a half budgets.
func (o *output) extend() {
	now := o.clock.Load()
	if o.deadline-now >= int64(o.budget) {
		return
	}
	o.deadline = now + int64(o.budget)*3/2
	at := time.Unix(0, o.deadline)
	if o.conn != nil {
		_ = o.conn.SetWriteDeadline(at) // a connection that has none is closed: the write fails
		return
	}
	_ = o.rc.SetWriteDeadline(at) // not every ResponseWriter can; then the server's own timeouts hold
}

// end completes the body.
func (o *output) end() {
	if o.encoding == gzipped {
		s := newScratch()
		o.beginTo(s)
		s.b = o.sent.appendTrailer(s.b)
		_ = o.part(s) // the client is gone if this fails
		s.free()
	}
	if o.conn == nil {
		return // the handler returns
	}
	if o.chunked {
		o.extend()
		_, _ = o.conn.Write([]byte("0\r\n\r\n")) // the client is gone if this fails
	}
}

// close lets the connection go.
func (o *output) close() {
	if o.conn != nil {
		_ = o.conn.Close()
	}
}
