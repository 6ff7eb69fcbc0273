package eventgate

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// newcomers is a listener that knows which of its connections need not be waited for at its end: those that have not sent a byte yet, which clients open in
// advance, and those that have their answer and only send what nobody wants. fasthttp takes them for busy ones.
type newcomers struct {
	net.Listener

	mu    sync.Mutex
	idle  map[*newcomer]struct{}
	ended bool
}

type newcomer struct {
	net.Conn
	listener *newcomers
	spoke    atomic.Bool
	ip       string // the peer's address

	// Only the goroutine that serves the connection uses these.
	reading, writing deadline
	unread           bool // the last request's body is on its way, and nobody wants it
}

func (l *newcomers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &newcomer{Conn: conn, listener: l}
	if addr, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		c.ip = addr.IP.String()
	}
	if !l.remember(c) {
		_ = conn.Close()
	}
	return c, nil
}

// remember keeps a connection that need not be waited for; false means that the end is here already.
func (l *newcomers) remember(c *newcomer) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	if l.idle == nil {
		l.idle = map[*newcomer]struct{}{}
	}
	l.idle[c] = struct{}{}
	return true
}

// end closes the connections that need not be waited for, and those that are still to come.
func (l *newcomers) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for c := range l.idle {
		_ = c.Conn.Close()
	}
	l.idle = nil
}

func (l *newcomers) forget(c *newcomer) {
	l.mu.Lock()
	delete(l.idle, c)
	l.mu.Unlock()
}

// Read notes the first byte.
func (c *newcomer) Read(b []byte) (int, error) {
	if err := c.reading.apply(c.Conn.SetReadDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
		c.listener.forget(c)
	}
	return n, err
}

// Write writes.
func (c *newcomer) Write(b []byte) (int, error) {
	if err := c.writing.apply(c.Conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// SetReadDeadline bounds the reads that follow. One that is under way keeps its own.
func (c *newcomer) SetReadDeadline(t time.Time) error {
	c.reading.wanted = t
	return nil
}

// SetWriteDeadline bounds the writes that follow. One that is under way keeps its own.
func (c *newcomer) SetWriteDeadline(t time.Time) error {
	c.writing.wanted = t
	return nil
}

// SetDeadline bounds both.
func (c *newcomer) SetDeadline(t time.Time) error {
	c.reading.wanted, c.writing.wanted = t, t
	return nil
}

// Close closes the connection.
func (c *newcomer) Close() error {
	if c.unread {
		c.linger()
	}
	if c.unread || !c.spoke.Load() {
		c.listener.forget(c)
	}
	return c.Conn.Close()
}

const (
	// lingers is how long the rest of a body that nobody wants may take, and lingersIdle how long its sender may pause; mostLingered is how much it may be.
	lingers      = 10 * time.Second
	lingersIdle  = 2 * time.Second
	mostLingered = 64 << 20
)

// linger tells the client that there is no more to come, and reads what it is still sending: if the connection were closed over that, the operating
// system would reset it, and the client might never see its answer.
func (c *newcomer) linger() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || !c.listener.remember(c) {
		return
	}
	end := time.Now().Add(lingers)
	drain(readerFunc(func(p []byte) (int, error) {
		if err := c.Conn.SetReadDeadline(earlier(end, time.Now().Add(lingersIdle))); err != nil {
			return 0, err
		}
		return c.Conn.Read(p)
	}), mostLingered)
}

// readerFunc is a function that reads.
type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
