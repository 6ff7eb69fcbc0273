package service

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// pipeListener is a listener in memory, so that a service can run in a synctest bubble.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects a client; false if nobody listens any more.
func (l *pipeListener) dial() (net.Conn, bool) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, true
	case <-l.closed:
		return nil, false
	}
}

// request sends a head and returns what will be the answer.
func (l *pipeListener) request(t *testing.T, head string) <-chan string {
	t.Helper()
	answer := make(chan string, 1)
	conn, ok := l.dial()
	if !ok {
		t.Fatal("nobody listens")
	}
	go func() {
		defer close(answer)
		defer conn.Close()
		go func() { _, _ = io.WriteString(conn, head) }() // the server may answer before it has read everything
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answer <- response.Status + " " + strings.TrimSpace(string(body))
	}()
	return answer
}

const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

// running is a service that runs in the test's bubble.
type running struct {
	*Service
	listener *pipeListener
	stop     context.CancelFunc
	ended    chan error
}

func start(t *testing.T, s *Service) *running {
	t.Helper()
	l := newPipeListener()
	s.Listener = l
	if s.Ready == nil {
		s.Ready = &Readiness{}
		s.Ready.Set(true)
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{Service: s, listener: l, stop: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- s.Run(ctx) }()
	return r
}
