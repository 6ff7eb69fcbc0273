package kafkasse

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

// brokerTest is the whole way over TCP: a broker, the Kafka client, HTTP.
type brokerTest struct {
	*testing.T
	broker   *embedded.Broker
	producer *kafka.Producer
	srv      *Server
	web      *httptest.Server
	produced int
}

func newBrokerTest(t *testing.T, protocols *http.Protocols) *brokerTest {
	t.Helper()
	b, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	conn := kafka.Connection{Brokers: []string{b.Addr()}}
	log, err := kafka.NewLog(kafka.LogConfig{Connection: conn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	producer, err := kafka.NewProducer(kafka.ProducerConfig{Connection: conn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = producer.Close(context.Background()) })
	srv, err := New(Config{Log: log, Logger: slog.New(slog.DiscardHandler), TopicPoll: 100 * time.Millisecond, Linger: time.Millisecond, ColdBytes: 5000})
	if err != nil {
		t.Fatal(err)
	}
	w := &brokerTest{T: t, broker: b, producer: producer, srv: srv}
	w.web = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		since, _ := ParseTime(r.FormValue("since"))
		sub := Subscription{Topics: strings.Split(strings.Trim(r.URL.Path, "/"), ",")}
		if r.FormValue("since") != "" {
			sub.Since = &since
		}
		srv.Serve(w, r, sub)
	}))
	if protocols != nil {
		w.web.Config.Protocols = protocols
		w.web.EnableHTTP2 = true
		w.web.StartTLS()
	} else {
		w.web.Start()
	}
	t.Cleanup(w.web.Close)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = srv.Shutdown(ctx)
		w.web.CloseClientConnections()
	})
	return w
}

func (w *brokerTest) create(topic string, partitions int32) {
	w.Helper()
	if err := w.broker.CreateTopic(topic, partitions); err != nil {
		w.Fatal(err)
	}
}

// produce appends n records with the next numbers, to the topics in turn.
func (w *brokerTest) produce(n int, topics ...string) {
	w.Helper()
	var b kafka.Batch
	for range n {
		r := rec(topics[w.produced%len(topics)], 0, 1_700_000_000_000+int64(w.produced/3), w.produced)
		r.Key = fmt.Append(nil, w.produced)
		b.Add(r)
		w.produced++
	}
	w.producer.Produce(&b)
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	defer cancel()
	if err := b.Wait(ctx); err != nil {
		w.Fatal(err)
	}
	for _, o := range b.Outcomes {
		if o.Err != nil {
			w.Fatal(o.Err)
		}
	}
}

// follower is a client over TCP.
type follower struct {
	*brokerTest
	cancel context.CancelFunc
	head   *http.Response
	lines  *bufio.Scanner
	id     string
}

func (w *brokerTest) follow(path, id string) *follower {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	w.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.web.URL+path, nil)
	if err != nil {
		w.Fatal(err)
	}
	if id != "" {
		req.Header.Set("Last-Event-ID", id)
	}
	head, err := w.web.Client().Do(req)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = head.Body.Close() })
	if head.StatusCode != http.StatusOK {
		w.Fatal(head.Status)
	}
	return &follower{brokerTest: w, cancel: cancel, head: head, lines: bufio.NewScanner(head.Body), id: id}
}

// next reads the numbers of the next n events.
func (f *follower) next(n int) (list []int) {
	f.Helper()
	for len(list) < n {
		if !f.lines.Scan() {
			f.Fatalf("the stream ended after %v of %d events: %v", list, n, f.lines.Err())
		}
		line := f.lines.Text()
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			var v struct{ N int }
			if err := json.Unmarshal([]byte(data), &v); err != nil {
				f.Fatal(err)
			}
			list = append(list, v.N)
		}
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			f.id = id
		}
	}
	for f.lines.Text() != "" { // to the end of the block
		f.lines.Scan()
		if id, ok := strings.CutPrefix(f.lines.Text(), "id: "); ok {
			f.id = id
		}
	}
	return list
}

func numbers(from, to int) (list []int) {
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

func TestABrokerIsStreamed(t *testing.T) {
	w := newBrokerTest(t, nil)
	w.create("a", 3)
	w.create("b", 1)
	w.produce(500, "a", "b")
	live := w.follow("/a,b", "")
	all := w.follow("/a,b?since=0", "")
	got := all.next(500)
	slices.Sort(got)
	equal(t, "everything that was there", got, numbers(0, 500))
	w.produce(100, "a", "b")
	got = append(live.next(100), all.next(100)...)
	slices.Sort(got)
	want := append(numbers(500, 600), numbers(500, 600)...)
	slices.Sort(want)
	equal(t, "then live", got, want)

	// Cut and come back, with events in between.
	id := live.id
	got = nil
	for i := range 10 {
		live.cancel()
		w.produce(7+i, "a", "b")
		live = w.follow("/a,b", id)
		w.produce(3, "b", "a")
		got = append(got, live.next(5)...)
		id = live.id
	}
	got = append(got, live.next(w.produced-600-len(got))...)
	slices.Sort(got)
	equal(t, "over ten cuts", got, numbers(600, w.produced))
}

func TestATopicThatAppearsOnABroker(t *testing.T) {
	w := newBrokerTest(t, nil)
	w.create("a", 1)
	f := w.follow("/a,late", "")
	w.create("late", 2)
	w.produce(20, "a", "late")
	got := f.next(20)
	slices.Sort(got)
	equal(t, "events", got, numbers(0, 20))
}

func TestHTTP2(t *testing.T) {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	w := newBrokerTest(t, protocols)
	w.create("a", 1)
	w.produce(10, "a")
	f := w.follow("/a?since=0", "")
	equal(t, "protocol", f.head.ProtoMajor, 2)
	equal(t, "events", f.next(10), numbers(0, 10))
	w.produce(10, "a")
	equal(t, "live", f.next(10), numbers(10, 20))
	f.cancel()
	for deadline := time.Now().Add(10 * time.Second); w.srv.Clients() > 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the client is gone and still counted")
		}
	}
}

func TestDeletedRecordsOnABroker(t *testing.T) {
	w := newBrokerTest(t, nil)
	w.create("a", 1)
	f := w.follow("/a", "")
	w.produce(10, "a")
	f.next(3)
	f.cancel()
	if err := w.broker.DeleteRecords("a", 0, 5); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() { // until nobody retains them
		w.srv.mu.Lock()
		n := len(w.srv.tails)
		w.srv.mu.Unlock()
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the tail is still there")
		}
	}
	f = w.follow("/a", f.id)
	equal(t, "gap", f.head.Header.Get("Stream-Gap"), `[{"topic":"a","partition":0,"from":3,"to":5,"reason":"retention"}]`)
	equal(t, "events", f.next(5), numbers(5, 10))
}
