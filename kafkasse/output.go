package kafkasse

import (
	"net"
	"net/http"
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

// scratch is memory for what one write sends to one client alone: chunks that are ready, and one that is being made, which begins at mark with room for
// its head.
type scratch struct {
	b    []byte
	mark int
}

// reserved is how many bytes the head of a chunk takes: eight digits and the end of the line.
const reserved = 10

// scratchBytes is about how much one write sends, and encodedBytes how much of it is compressed together: a client that reads whole chunks has nothing of
// one that was cut.
const (
	scratchBytes = 64 << 10
	encodedBytes = 16 << 10
)

var scratches = sync.Pool{New: func() any { return &scratch{b: make([]byte, reserved, 4<<10)} }}

func newScratch() *scratch {
	s := scratches.Get().(*scratch)
	s.empty()
	return s
}

func (s *scratch) empty() { s.b, s.mark = s.b[:reserved], 0 }

// seal makes what has been appended a chunk of its own.
func (s *scratch) seal() {
	n := len(s.b) - s.mark - reserved
	if n == 0 {
		return
	}
	const digits = "0123456789abcdef"
	for i := range reserved - 2 {
		s.b[s.mark+i] = digits[n>>(4*(reserved-3-i))&15]
	}
	s.b[s.mark+reserved-2], s.b[s.mark+reserved-1] = '\r', '\n'
	s.b = append(s.b, '\r', '\n')
	s.mark = len(s.b)
	s.b = append(s.b, "0000000000"[:reserved]...)
}

func (s *scratch) free() {
	if cap(s.b) <= 4*scratchBytes { // one huge event must not stay in memory
		scratches.Put(s)
	}
}

// readyChunks says whether bytes that are chunks of HTTP/1.1 already can be written as they are.
func (o *output) readyChunks() bool { return o.chunked && o.encoding == identity }

// most is how much is collected for one write.
func (o *output) most() int {
	if o.encoding == identity {
		return scratchBytes
	}
	return encodedBytes
}

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
	s.empty()
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

// part writes what is in s as it is, what is no chunk yet as one where there are chunks, and empties it.
func (o *output) part(s *scratch) error {
	p := s.b[reserved:]
	if o.chunked {
		s.seal()
		p = s.b[:s.mark]
	}
	s.empty()
	if len(p) == 0 {
		return nil
	}
	o.extend()
	o.written += len(p)
	if o.conn == nil {
		if _, err := o.w.Write(p); err != nil {
			return err
		}
		return o.rc.Flush()
	}
	_, err := o.conn.Write(p)
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
