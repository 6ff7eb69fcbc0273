package kafkasse

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// sink is a connection that takes everything at once.
type sink struct {
	net.Conn
	bytes *atomic.Int64
}

func (s sink) Write(p []byte) (int, error)      { s.bytes.Add(int64(len(p))); return len(p), nil }
func (s sink) Close() error                     { return nil }
func (s sink) SetWriteDeadline(time.Time) error { return nil }

func value1200() []byte {
	return fmt.Appendf(nil, `{"meta":{"stream":"s"},"pad":%q}`, bytes.Repeat([]byte("x"), 1150))
}

func TestDeliveringAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	log := kafkassetest.New("c")
	log.Create("a", 1)
	s, err := New(Config{Log: log, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(t.Context()) }()
	tail, err := s.acquire(t.Context(), []string{"a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const clients = 50
	var sent atomic.Int64
	for range clients {
		c := &client{srv: s, tail: tail, greeted: true, block: tail.blocks[0]}
		c.out.conn, c.out.chunked, c.out.budget, c.out.clock = sink{bytes: &sent}, true, s.cfg.StallBudget, &s.clock
		if err := s.add(c); err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		tail.refs++
		s.mu.Unlock()
		c.run = c.work
		c.state.Store(working)
		go c.run()
	}
	offset := int64(0)
	records := make([]kafka.Record, 1)
	value := value1200()
	deliver := func() {
		before := sent.Load()
		records[0] = kafka.Record{Topic: "a", Offset: offset, Timestamp: 1_700_000_000_000 + offset, Value: value}
		offset++
		tail.parts[0].reader.deliver(kafka.Chunk{Records: records, Next: offset, End: offset})
		for sent.Load()-before < clients*1200 {
			runtime.Gosched()
		}
	}
	for range 200 { // goroutines and blocks
		deliver()
	}
	// A block of 64 KiB and its index are made for every fifty events or so.
	if n := testing.AllocsPerRun(1000, deliver); n >= 1 {
		t.Errorf("%.1f allocations for one event to %d clients", n, clients)
	}
}

// BenchmarkFanout compares what an event costs for each of many clients on loopback TCP with a loop that writes the same bytes to as many
// connections.
func BenchmarkFanout(b *testing.B) {
	for _, clients := range []int{1, 100} {
		b.Run(fmt.Sprintf("loop/%d", clients), func(b *testing.B) { benchmarkLoop(b, clients) })
		b.Run(fmt.Sprintf("tail/%d", clients), func(b *testing.B) { benchmarkTail(b, clients, 1) })
		b.Run(fmt.Sprintf("tail-by-ten/%d", clients), func(b *testing.B) { benchmarkTail(b, clients, 10) })
	}
}

func benchmarkLoop(b *testing.B, clients int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	var received atomic.Int64
	var conns []net.Conn
	for range clients {
		out, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer out.Close()
		in, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		defer in.Close()
		conns = append(conns, in)
		go count(out, &received)
	}
	frame := bytes.Repeat([]byte("x"), 1400)
	for b.Loop() {
		for _, c := range conns {
			_, _ = c.Write(frame)
		}
		waitFor(&received, int64(len(frame)*clients))
	}
	b.ReportMetric(float64(b.N*clients)/b.Elapsed().Seconds(), "deliveries/s")
}

func benchmarkTail(b *testing.B, clients, batch int) {
	log := kafkassetest.New("c")
	log.Create("a", 1)
	s, err := New(Config{Log: log, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Serve(w, r, Subscription{Topics: []string{"a"}}) }))
	defer web.Close()
	defer func() { _ = s.Shutdown(b.Context()) }()
	var received atomic.Int64
	for range clients {
		conn, err := net.Dial("tcp", web.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		buf := make([]byte, 4096)
		if _, err := conn.Read(buf); err != nil {
			b.Fatal(err)
		}
		go count(conn, &received)
	}
	for s.Clients() < clients {
		runtime.Gosched()
	}
	reader := s.readers[kafka.TopicPartition{Topic: "a"}]
	value := value1200()
	offset := int64(0)
	records := make([]kafka.Record, batch)
	for b.Loop() {
		for i := range records {
			records[i] = kafka.Record{Topic: "a", Offset: offset, Timestamp: 1_700_000_000_000 + offset, Value: value}
			offset++
		}
		reader.deliver(kafka.Chunk{Records: records, Next: offset, End: offset})
		waitFor(&received, int64(1200*batch*clients))
	}
	b.ReportMetric(float64(b.N*clients*batch)/b.Elapsed().Seconds(), "deliveries/s")
}

func count(c net.Conn, n *atomic.Int64) {
	buf := make([]byte, 64<<10)
	for {
		k, err := c.Read(buf)
		n.Add(int64(k))
		if err != nil {
			return
		}
	}
}

// waitFor waits until as many bytes have been received, and counts from there on.
func waitFor(received *atomic.Int64, n int64) {
	for received.Load() < n {
		runtime.Gosched()
	}
	received.Store(0)
}
