package main

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/internal/service"
)

// succession is a server that another can succeed while it runs: new connections go to the newest, those that are open stay with theirs until they end, so
// that no request is cut or refused. A server that was succeeded ends with its last connection.
type succession struct {
	lock    sync.Mutex
	servers []*successor // the newest last
	accept  net.Listener
	ended   bool
	retired sync.WaitGroup // servers that are ending because they were succeeded
}

// succeed puts a server in the place of the one that gets new connections now. retired is called when the server has been succeeded in its turn and its
// last connection has ended; not if the ending of all comes first.
func (s *succession) succeed(server service.Server, retired func()) {
	next := &successor{of: s, server: server, retired: retired, conns: make(chan net.Conn), closed: make(chan struct{}), open: map[*handedConn]bool{}}
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.ended {
		return
	}
	s.servers = append(s.servers, next)
	go func() { _ = server.Serve(next) }() // it ends with Shutdown, which tells what went wrong
	if n := len(s.servers); n > 1 {
		s.retireUnused(s.servers[n-2])
	}
}

// retireUnused ends a server that was succeeded and has no connections left. The lock is held.
func (s *succession) retireUnused(old *successor) {
	at := slices.Index(s.servers, old)
	if s.ended || at < 0 || at == len(s.servers)-1 || len(old.open) > 0 {
		return
	}
	s.servers = slices.Delete(s.servers, at, at+1)
	s.retired.Go(func() {
		if err := old.server.Shutdown(context.Background()); err == nil { // it has nothing to wait for
			old.retired()
		}
	})
}

// Serve accepts connections for whichever server is the newest, until Shutdown.
func (s *succession) Serve(l net.Listener) error {
	s.lock.Lock()
	s.accept = l
	ended := s.ended
	s.lock.Unlock()
	if ended {
		return l.Close()
	}
	for {
		conn, err := l.Accept()
		var failed net.Error
		switch {
		case err == nil:
			s.hand(conn)
		case errors.Is(err, net.ErrClosed):
			return nil
		case errors.As(err, &failed):
			time.Sleep(10 * time.Millisecond) // no file descriptors, most of all: some will be free again
		default:
			return err
		}
	}
}

// hand gives a connection to the newest server.
func (s *succession) hand(conn net.Conn) {
	s.lock.Lock()
	if s.ended {
		s.lock.Unlock()
		_ = conn.Close()
		return
	}
	to := s.servers[len(s.servers)-1]
	handed := &handedConn{Conn: conn, owner: to}
	to.open[handed] = true
	s.lock.Unlock()
	select {
	case to.conns <- handed:
	case <-to.closed:
		_ = handed.Close()
	}
}

// silence is how long a connection that has not sent anything yet may go on doing so when the ending has begun.
const silence = 500 * time.Millisecond

// Shutdown accepts nothing more and waits for the requests in flight at every server.
func (s *succession) Shutdown(ctx context.Context) error {
	s.lock.Lock()
	s.ended = true
	servers := s.servers
	var errs []error
	if s.accept != nil {
		errs = append(errs, s.accept.Close())
	}
	s.lock.Unlock()
	// fasthttp would wait for connections that never sent anything.
	timer := time.AfterFunc(silence, func() {
		for _, each := range servers {
			each.closeSilent()
		}
	})
	defer timer.Stop()
	results := make(chan error, len(servers))
	for _, each := range servers {
		go func() { results <- each.server.Shutdown(ctx) }()
	}
	for range servers {
		errs = append(errs, <-results)
	}
	done := make(chan struct{})
	go func() {
		s.retired.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		errs = append(errs, ctx.Err())
	}
	return errors.Join(errs...)
}

// successor is one of the servers, as the listener of what is handed to it.
type successor struct {
	of      *succession
	server  service.Server
	retired func()
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
	open    map[*handedConn]bool // true: nothing was read from it yet; guarded by the succession's lock
}

// Accept returns what is handed over.
func (s *successor) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (s *successor) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// Addr says nothing: the address is the common listener's.
func (s *successor) Addr() net.Addr { return &net.TCPAddr{} }

func (s *successor) closeSilent() {
	var silent []*handedConn
	s.of.lock.Lock()
	for conn, fresh := range s.open {
		if fresh {
			silent = append(silent, conn)
		}
	}
	s.of.lock.Unlock()
	for _, conn := range silent {
		_ = conn.Close()
	}
}

// handedConn tells its server's successor when it has sent something, and when it ends.
type handedConn struct {
	net.Conn
	owner *successor
	heard bool // only Read, which one goroutine calls, looks at it
}

// Read reads.
func (c *handedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard {
		c.heard = true
		c.owner.of.lock.Lock()
		if _, open := c.owner.open[c]; open {
			c.owner.open[c] = false
		}
		c.owner.of.lock.Unlock()
	}
	return n, err
}

// Close closes the connection; a server that was succeeded ends with its last one.
func (c *handedConn) Close() error {
	c.owner.of.lock.Lock()
	delete(c.owner.open, c)
	c.owner.of.retireUnused(c.owner)
	c.owner.of.lock.Unlock()
	return c.Conn.Close()
}
