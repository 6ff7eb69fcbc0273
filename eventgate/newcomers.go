package eventgate

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// newcomers is a listener that knows which of its connections have not sent a byte yet. Clients open some in advance; fasthttp takes them for busy ones
// and would wait for them at its end.
type newcomers struct {
	net.Listener

	mu     sync.Mutex
	silent map[*newcomer]struct{}
	ended  bool
}

type newcomer struct {
	net.Conn
	listener *newcomers
	spoke    atomic.Bool
	ip       string // the peer's address

	// Only the goroutine that serves the connection uses these.
	reading, writing deadline
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
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		_ = conn.Close()
		return c, nil
	}
	if l.silent == nil {
		l.silent = map[*newcomer]struct{}{}
	}
	l.silent[c] = struct{}{}
	return c, nil
}

// end closes the connections that have not sent anything, and those that are still to come.
func (l *newcomers) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for c := range l.silent {
		_ = c.Conn.Close()
	}
	l.silent = nil
}

func (l *newcomers) forget(c *newcomer) {
	l.mu.Lock()
	delete(l.silent, c)
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
	if !c.spoke.Load() {
		c.listener.forget(c)
	}
	return c.Conn.Close()
}
