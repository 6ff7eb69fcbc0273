package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/pprof/profile"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// compressing is the processor time that compression takes for an event that goes to so many clients. Everything runs in this process, on connections in
// memory that take what they get, and a profile tells compression from the rest.
func compressing(clients int, duration time.Duration) (perEvent time.Duration, err error) {
	log := kafkassetest.New("bench")
	log.Create("a", 1)
	had := &deliveries{}
	streams, err := kafkasse.New(kafkasse.Config{Log: log, Observer: had, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	accept := make(chan net.Conn)
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		streams.Serve(w, r, kafkasse.Subscription{Topics: []string{"a"}})
	})}
	go func() { _ = web.Serve(listener(accept)) }() // ends with Close
	defer func() {
		_ = streams.Shutdown(context.Background())
		close(accept)
		_ = web.Close()
	}()
	var written atomic.Int64
	for range clients {
		c := &sink{written: &written, aborted: make(chan struct{}, 1), closed: make(chan struct{})}
		c.request = strings.NewReader("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
		accept <- c
	}
	for written.Load() < 2*int64(clients) { // the head and the greeting
		time.Sleep(time.Millisecond)
	}
	const batch = 50
	records := make([]kafka.Record, batch)
	events := 0
	produce := func() {
		for i := range records {
			records[i] = kafka.Record{Topic: "a", Timestamp: int64(events), Value: fmt.Appendf(nil, `{"text":"%x"}`, noise(frameBytes/2))}
			events++
		}
		log.Produce(records...)
		for had.events.Load() < int64(events*clients) {
			runtime.Gosched()
		}
	}
	produce()
	first := events
	var taken bytes.Buffer
	if err := pprof.StartCPUProfile(&taken); err != nil {
		return 0, err
	}
	for began := time.Now(); time.Since(began) < duration; {
		produce()
	}
	pprof.StopCPUProfile()
	p, err := profile.Parse(&taken)
	if err != nil {
		return 0, err
	}
	spent := time.Duration(0)
	for _, s := range p.Sample {
		if compresses(s) {
			spent += time.Duration(s.Value[1]) // nanoseconds of processor time; the first value counts samples
		}
	}
	if spent == 0 {
		return 0, fmt.Errorf("the profile of %d events shows no compression", events-first)
	}
	return spent / time.Duration(events-first), nil
}

// noise is so many random bytes: what is easily compressed would cost too little to be measured.
func noise(n int) []byte {
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, rand.Uint64())
	}
	return b[:n]
}

func compresses(s *profile.Sample) bool {
	for _, l := range s.Location {
		for _, line := range l.Line {
			if strings.HasPrefix(line.Function.Name, "github.com/klauspost/compress") {
				return true
			}
		}
	}
	return false
}

// listener accepts the connections that come by a channel.
type listener chan net.Conn

func (l listener) Accept() (net.Conn, error) {
	c, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (listener) Close() error   { return nil }
func (listener) Addr() net.Addr { return &net.IPAddr{} }

// sink is a connection that sends a request and then takes everything.
type sink struct {
	request *strings.Reader
	written *atomic.Int64 // writes to all of them
	aborted chan struct{} // net/http wants its reading back when a connection is taken over
	once    sync.Once
	closed  chan struct{}
}

func (s *sink) Read(p []byte) (int, error) {
	if n, err := s.request.Read(p); err == nil {
		return n, nil
	}
	select {
	case <-s.aborted:
		return 0, os.ErrDeadlineExceeded
	case <-s.closed:
		return 0, io.EOF
	}
}

func (s *sink) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		s.aborted <- struct{}{}
	}
	return nil
}

func (s *sink) Write(p []byte) (int, error)      { s.written.Add(1); return len(p), nil }
func (s *sink) Close() error                     { s.once.Do(func() { close(s.closed) }); return nil }
func (s *sink) LocalAddr() net.Addr              { return &net.IPAddr{} }
func (s *sink) RemoteAddr() net.Addr             { return &net.IPAddr{} }
func (s *sink) SetDeadline(time.Time) error      { return nil }
func (s *sink) SetWriteDeadline(time.Time) error { return nil }

// deliveries is an observer that counts events.
type deliveries struct{ events atomic.Int64 }

func (d *deliveries) Delivered(one kafkasse.Delivery)       { d.events.Add(int64(one.Events)) }
func (*deliveries) Connected(string)                        {}
func (*deliveries) Disconnected(string, kafkasse.EndReason) {}
func (*deliveries) ColdRead(int)                            {}
func (*deliveries) Gap(kafkasse.GapReason)                  {}
func (*deliveries) Undeliverable(string)                    {}
func (*deliveries) Copies(string, int)                      {}
func (*deliveries) Tailed(string, int32, int, int64)        {}
