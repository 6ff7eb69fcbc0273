package kafkasse

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// harness is a server on connections in memory, for tests in a synctest bubble.
type harness struct {
	t    testing.TB
	log  *kafkassetest.Log
	srv  *Server
	sub  Subscription
	http *http.Server
	conn chan net.Conn
}

func newHarness(t testing.TB, log *kafkassetest.Log, cfg Config, topics ...string) *harness {
	cfg.Log = log
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	srv, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, log: log, srv: srv, sub: Subscription{Topics: topics}, conn: make(chan net.Conn)}
	h.http = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.srv.Serve(w, r, h.sub) }), MaxHeaderBytes: 64 << 10}
	h.http.Protocols = new(http.Protocols)
	h.http.Protocols.SetHTTP1(true)
	h.http.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = h.http.Serve(h) }() // ends with Close
	return h
}

// Accept, Close and Addr make the harness a net.Listener.
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
	synctest.Wait()
}

// stream is one client. What it has received is looked at after synctest.Wait.
type stream struct {
	conn   net.Conn
	head   *http.Response
	mu     sync.Mutex
	text   []byte
	err    error
	paused chan struct{}
}

// open sends a request and returns when the head is there.
func (h *harness) open(headers ...string) *stream { return h.request("GET /?x HTTP/1.1", headers...) }

func (h *harness) request(line string, headers ...string) *stream {
	h.t.Helper()
	client, server := net.Pipe()
	h.conn <- server
	text := line + "\r\nHost: test\r\n"
	for _, header := range headers {
		text += header + "\r\n"
	}
	s := &stream{conn: client}
	go func() { _, _ = io.WriteString(client, text+"\r\n") }()
	br := bufio.NewReader(client)
	head, err := http.ReadResponse(br, nil)
	if err != nil {
		h.t.Fatalf("no answer to %q: %v", line, err)
	}
	s.head = head
	go s.read()
	synctest.Wait()
	return s
}

func (s *stream) read() {
	buf := make([]byte, 4<<10)
	for {
		s.mu.Lock()
		paused := s.paused
		s.mu.Unlock()
		if paused != nil {
			<-paused
		}
		n, err := s.head.Body.Read(buf)
		s.mu.Lock()
		s.text = append(s.text, buf[:n]...)
		if err != nil {
			s.err = err
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// pause has the client read nothing until resume is called.
func (s *stream) pause() (resume func()) {
	ch := make(chan struct{})
	s.mu.Lock()
	s.paused = ch
	s.mu.Unlock()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.paused = nil
		s.mu.Unlock()
		close(ch)
	})
}

func (s *stream) close() {
	_ = s.conn.Close()
	synctest.Wait()
}

// raw is all that came so far.
func (s *stream) raw() string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.text)
}

// ended is how the body ended, nil if it has not.
func (s *stream) ended() error {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// event is one frame, as a client reads it.
type event struct {
	kind, id, data string
	retry          string
}

// events are the frames that came so far.
func (s *stream) events() []event { return parseEvents(s.raw()) }

func parseEvents(text string) (events []event) {
	var e event
	hasData := false
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		line = strings.TrimSuffix(line, "\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if hasData {
				events = append(events, e)
			}
			e, hasData = event{}, false
		case field == "event":
			e.kind = value
		case field == "id":
			e.id = value
		case field == "data":
			e.data, hasData = value, true
		case field == "retry":
			e.retry = value
		}
	}
	return events
}

// comments are the comment lines that came so far, without those that every stream has.
func (s *stream) comments() (list []string) {
	for line := range strings.Lines(s.raw()) {
		if line = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, ":") && line != ":ok" {
			list = append(list, line)
		}
	}
	return list
}

// seqs are the members "n" of the events.
func (s *stream) seqs() []int {
	list := []int{}
	for _, e := range s.events() {
		var v struct{ N int }
		if err := json.Unmarshal([]byte(e.data), &v); err != nil {
			panic(err)
		}
		list = append(list, v.N)
	}
	return list
}

func (s *stream) lastID() string {
	events := s.events()
	return events[len(events)-1].id
}

// rec is a record whose value is {"n":n}.
func rec(topic string, partition int32, timestamp int64, n int) kafka.Record {
	value, _ := json.Marshal(map[string]int{"n": n})
	return kafka.Record{Topic: topic, Partition: partition, Timestamp: timestamp, Value: value}
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

const second = time.Second

// produce appends records and waits until everybody has them.
func (h *harness) produce(records ...kafka.Record) {
	for _, r := range records {
		h.log.Produce(r)
		synctest.Wait()
	}
}

// sleep lets the bubble's time pass.
func sleep(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// reasons is an observer that remembers why connections ended.
type reasons struct {
	nobody
	mu   sync.Mutex
	ends []EndReason
}

func (r *reasons) Disconnected(_ string, reason EndReason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ends = append(r.ends, reason)
}

func (r *reasons) list() []EndReason {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends
}
