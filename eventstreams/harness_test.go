package eventstreams

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// harness is the service on connections in memory, for tests in a synctest bubble.
type harness struct {
	t    testing.TB
	log  *kafkassetest.Log
	srv  *Server
	http *http.Server
	conn chan net.Conn
}

func newHarness(t testing.TB, log *kafkassetest.Log, streams *streamconfig.Config, cfg Config) *harness {
	cfg.Streams = func() *streamconfig.Config { return streams }
	cfg.Kafka.Log = log
	cfg.Logger = slog.New(slog.DiscardHandler)
	srv, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, log: log, srv: srv, conn: make(chan net.Conn)}
	h.http = &http.Server{Handler: srv.Handler(), MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go func() { _ = h.http.Serve(h) }() // ends with Close
	return h
}

func (h *harness) Accept() (net.Conn, error) {
	c, ok := <-h.conn
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (h *harness) Close() error   { return nil }
func (h *harness) Addr() net.Addr { return &net.IPAddr{} }

func (h *harness) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	_ = h.srv.Shutdown(ctx)
	close(h.conn)
	_ = h.http.Close()
	pass(time.Second) // net/http waits half a second before it closes a connection whose request it has not read whole
}

// request is what a client sends, to the letter.
type request struct {
	Method, Path, Version, Body string
	Headers                     map[string]string
}

// exchange is a request and what has come as its answer so far.
type exchange struct {
	conn net.Conn
	head *http.Response

	mu   sync.Mutex
	text []byte
	err  error
}

func (h *harness) send(q request) *exchange {
	h.t.Helper()
	client, server := net.Pipe()
	h.conn <- server
	if q.Version == "" {
		q.Version = "1.1"
	}
	text := fmt.Sprintf("%s %s HTTP/%s\r\nHost: test\r\n", q.Method, q.Path, q.Version)
	var names []string
	for name := range q.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		text += name + ": " + q.Headers[name] + "\r\n"
	}
	if q.Body != "" {
		text += fmt.Sprintf("Content-Length: %d\r\n", len(q.Body))
	}
	x := &exchange{conn: client}
	go func() { _, _ = io.WriteString(client, text+"\r\n"+q.Body) }()
	head, err := http.ReadResponse(bufio.NewReader(client), &http.Request{Method: q.Method})
	if err != nil {
		h.t.Fatalf("no answer to %s %s: %v", q.Method, q.Path, err)
	}
	x.head = head
	go x.read()
	synctest.Wait()
	return x
}

func (x *exchange) read() {
	buf := make([]byte, 32<<10)
	for {
		n, err := x.head.Body.Read(buf)
		x.mu.Lock()
		x.text = append(x.text, buf[:n]...)
		x.err = err
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// body is what came so far, and whether that is all.
func (x *exchange) body() (text string, ended bool) {
	synctest.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	text = string(x.text)
	if x.head.Header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(strings.NewReader(text))
		if err != nil {
			return err.Error(), true
		}
		plain, _ := io.ReadAll(r) // the end has not come yet
		text = string(plain)
	}
	return text, x.err != nil
}

func (x *exchange) close() {
	_ = x.conn.Close()
	synctest.Wait()
}

// pass lets the bubble's time pass.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// frame is one event or JSON line.
type frame struct{ event, id, data string }

// frames reads the frames of a body, SSE or JSON lines.
func frames(text string, lines bool) (list []frame) {
	if lines {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, frame{data: line})
			}
		}
		return list
	}
	var f frame
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "" && f.data != "":
			list = append(list, f)
			f = frame{}
		case field == "event":
			f.event = value
		case field == "id":
			f.id = value
		case field == "data":
			f.data = value
		}
	}
	return list
}
