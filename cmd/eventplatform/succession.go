package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/internal/service"
)

// succession is a server that another can succeed while it runs: new connections go to the newest, those that are open stay with theirs until they end, so
// that no request is cut or refused.
type succession struct {
	lock    sync.Mutex
	servers []*successor // the newest last
	accept  net.Listener
	ended   bool
}

// successor is one of the servers, with the connections that are handed to it.
type successor struct {
	server  service.Server
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
	address net.Addr
}

// succeed puts a server in the place of the one that gets new connections now.
func (s *succession) succeed(server service.Server) {
	next := &successor{server: server, conns: make(chan net.Conn), closed: make(chan struct{}), address: &net.TCPAddr{}}
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.ended {
		return
	}
	s.servers = append(s.servers, next)
	go func() { _ = server.Serve(next) }() // it ends with Shutdown, which tells what went wrong
}

func (s *succession) newest() *successor {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.servers[len(s.servers)-1]
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
			if to := s.newest(); !to.hand(conn) {
				_ = conn.Close() // the ending has begun
			}
		case errors.Is(err, net.ErrClosed):
			return nil
		case errors.As(err, &failed):
			time.Sleep(10 * time.Millisecond) // no file descriptors, most of all: some will be free again
		default:
			return err
		}
	}
}

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
	results := make(chan error, len(servers))
	for _, each := range servers {
		go func() { results <- each.server.Shutdown(ctx) }()
	}
	for range servers {
		errs = append(errs, <-results)
	}
	return errors.Join(errs...)
}

// hand gives a connection to the server; false if it has ended.
func (s *successor) hand(conn net.Conn) bool {
	select {
	case s.conns <- conn:
		return true
	case <-s.closed:
		return false
	}
}

// Accept, Close and Addr make a listener of what is handed over.
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
func (s *successor) Addr() net.Addr { return s.address }
