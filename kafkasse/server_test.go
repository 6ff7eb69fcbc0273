package kafkasse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		var streams []*stream
		for range 20 {
			streams = append(streams, h.open())
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*second)
		defer cancel()
		done := make(chan error)
		go func() { done <- h.srv.Shutdown(ctx) }()
		sleep(8 * second)
		ended := 0
		for _, s := range streams {
			if err := s.ended(); err != nil {
				if !isEOF(err) {
					t.Errorf("not a clean end: %v", err)
				}
				ended++
			}
		}
		if ended == 0 || ended == 20 {
			t.Errorf("%d of 20 streams ended after 8 of 16 s", ended)
		}
		late := h.request("GET / HTTP/1.1")
		equal(t, "late", late.head.StatusCode, 503)
		equal(t, "come again", late.head.Header.Get("Retry-After"), "1")
		if err := <-done; err != nil {
			t.Error(err)
		}
		equal(t, "clients", h.srv.Clients(), 0)
		h.stop()
	})
}

func TestMaxAgeEndsCleanly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{MaxAge: time.Minute}, "a")
		defer h.stop()
		s := h.open()
		sleep(50 * second)
		equal(t, "early", s.ended(), nil)
		sleep(20 * second)
		if !isEOF(s.ended()) {
			t.Errorf("not a clean end: %v", s.ended())
		}
	})
}

func TestKafkaThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		log.Fail(fmt.Errorf("broker b1.internal:9092 is away"))
		s := h.request("GET / HTTP/1.1")
		equal(t, "status", s.head.StatusCode, 503)
		equal(t, "body", s.raw(), `{"message":"Kafka could not be asked for the topics' positions; try again.","origin":"KafkaSSE","name":"UnavailableError","statusCode":503}`+"\n")
		log.Fail(nil)
		equal(t, "status", h.open().head.StatusCode, 200)
	})
}

func TestBoundsOfTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, Config{MaxSubscriptions: 1, MaxClients: 2}, "a")
		defer h.stop()
		one := h.open()
		h.sub.Topics = []string{"b"}
		other := h.request("GET / HTTP/1.1")
		equal(t, "another subscription", other.head.StatusCode, 503)
		h.sub.Topics = []string{"a"}
		h.open()
		equal(t, "a third client", h.request("GET / HTTP/1.1").head.StatusCode, 503)
		one.close()
		equal(t, "after one has gone", h.open().head.StatusCode, 200)
	})
}

func TestIDsThatFitIntoNoHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 100)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.request("GET / HTTP/1.1")
		equal(t, "status", s.head.StatusCode, 400)
		if !strings.Contains(s.raw(), "Ask for fewer streams") {
			t.Errorf("no remedy in %s", s.raw())
		}
	})
}

func TestAnOperatorSeesAndCutsClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		ends := &reasons{}
		h := newHarness(t, log, Config{Observer: ends}, "a")
		defer h.stop()
		h.sub.Label = "one"
		one := h.open("User-Agent: agent")
		sleep(second)
		h.sub.Label, h.sub.Address = "two", "192.0.2.1"
		h.open()
		h.produce(rec("a", 0, 1, 1))
		list := h.srv.ClientList()
		if len(list) != 2 || list[0].Label != "one" || list[0].UserAgent != "agent" || list[0].Events != 1 || list[0].Bytes == 0 || list[1].Address != "192.0.2.1" {
			t.Errorf("%+v", list)
		}
		equal(t, "cut", h.srv.Cut(func(c ClientInfo) bool { return c.Label == "one" }), 1)
		if !isEOF(one.ended()) {
			t.Error("not a clean end")
		}
		equal(t, "left", h.srv.Clients(), 1)
		equal(t, "reasons", ends.list(), []EndReason{EndCut})
	})
}

func TestOneEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Produce(rec("a", 0, 1, 1), kafka.Record{Topic: "a", Value: []byte("no json")})
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		data, err := h.srv.Event(t.Context(), "a", 0, 0)
		equal(t, "event", string(data), `{"n":1,"meta":{"topic":"a","partition":0,"offset":0}}`)
		equal(t, "error", err, nil)
		for _, offset := range []int64{1, 2, 99} {
			if _, err := h.srv.Event(t.Context(), "a", 0, offset); !errors.Is(err, ErrNoEvent) {
				t.Errorf("offset %d: %v", offset, err)
			}
		}
	})
}

func TestClientsThatAreBehindShareReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		for i := range 1000 {
			log.Produce(rec("a", 0, int64(1000+i), i))
		}
		h := newHarness(t, log, Config{ColdBytes: 2000}, "a")
		defer h.stop()
		since := int64(0)
		h.sub.Since = &since
		h.open().close() // the tail is there
		release := log.Hold()
		before := log.Reads()
		var streams []*stream
		for range 10 {
			streams = append(streams, h.open())
		}
		release()
		for _, s := range streams {
			equal(t, "events", len(s.seqs()), 1000)
		}
		if n := log.Reads() - before; n > 12 {
			t.Errorf("%d reads for ten clients, where one needs five", n)
		}
		equal(t, "cache in the end", func() int { sleep(12 * second); return h.srv.chunks.bytes }(), 0)
	})
}

// Event streams can be told to come back later in a way that a browser understands.
func TestOverloadAsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{MaxClients: 1, OverloadAsStream: true}, "a")
		defer h.stop()
		h.open()
		s := h.request("GET / HTTP/1.1", "Accept: text/event-stream")
		equal(t, "status", s.head.StatusCode, 200)
		equal(t, "type", s.head.Header.Get("Content-Type"), "text/event-stream; charset=utf-8")
		if s.head.Header.Get("Retry-After") == "" || !isEOF(s.ended()) || !strings.HasPrefix(s.raw(), ":overloaded\nretry: ") {
			t.Errorf("%v %q %v", s.head.Header, s.raw(), s.ended())
		}
		equal(t, "events", len(s.events()), 0)
		equal(t, "lines", h.request("GET / HTTP/1.1", "Accept: application/json").head.StatusCode, 503)
		equal(t, "head", h.request("HEAD / HTTP/1.1").head.StatusCode, 200)
		equal(t, "clients", h.srv.Clients(), 1)
	})
}

func TestHowFarClientsAreBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		log.Produce(series(0, 10, 1000)...)
		h := newHarness(t, log, Config{TailBytes: 2 * blockBytes}, "a", "b")
		defer h.stop()
		behind := func(want ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for _, c := range h.srv.ClientList() {
				got = append(got, fmt.Sprintf("%s %d %v", c.Label, c.BehindRecords, c.Behind))
			}
			equal(t, "behind", got, want)
		}
		h.sub.Label = "fast"
		h.open()
		sleep(second)
		h.sub.Label = "stalled"
		stalled := h.open()
		resume := stalled.pause()
		behind("fast 0 0s", "stalled 0 0s")
		log.Produce(series(10, 11, 1000)...) // the client's read that is under way takes it
		behind("fast 0 0s", "stalled 0 0s")
		log.Produce(series(11, 12, 1000)...)
		log.Produce(rec("b", 0, 1_700_000_011_500, 12))
		behind("fast 0 0s", "stalled 2 1.5s")
		pad := strings.Repeat("x", 1000)
		for i := range 500 { // far behind the tail
			log.Produce(kafka.Record{Topic: "a", Timestamp: 1_700_000_030_000 + int64(i), Value: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, i, pad)})
		}
		behind("fast 0 0s", "stalled 502 20.499s")
		resume()
		behind("fast 0 0s", "stalled 0 0s")

		h.sub.Label, h.sub.View = "view", even
		sleep(second)
		h.open()
		log.Produce(rec("a", 0, 1_700_000_031_000, 1)) // which it leaves out
		behind("fast 0 0s", "stalled 0 0s", "view 0 0s")
		equal(t, "view", h.srv.ClientList()[2].View, "even")
	})
}

// slowStart is an observer that takes its time when a client connects.
type slowStart struct{ nobody }

func (slowStart) Connected(string) { <-time.After(3 * second) }

// The clock and the end of the server may come before a client has begun.
func TestAClientThatIsToEndBeforeItHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{MaxAge: second, Heartbeat: second, Observer: slowStart{}}, "a")
		s := h.open()
		if sleep(5 * second); !isEOF(s.ended()) {
			t.Errorf("not a clean end: %v", s.ended())
		}
		opened := make(chan *stream)
		go func() { opened <- h.open() }()
		sleep(second)
		ctx, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		if err := h.srv.Shutdown(ctx); err == nil {
			t.Error("nobody was left")
		}
		s = <-opened
		sleep(second)
		if s.ended() == nil {
			t.Error("not ended")
		}
		equal(t, "clients", h.srv.Clients(), 0)
		h.stop()
	})
}
