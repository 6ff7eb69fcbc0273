package kafkasse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func TestLiveEventsAreDeliveredFromTheHeadOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("b", 1)
		log.Create("a", 2)
		log.Produce(rec("a", 0, 1000, 1), rec("b", 0, 1500, 2))
		h := newHarness(t, log, Config{}, "b", "a")
		defer h.stop()
		s := h.open()
		equal(t, "status", s.head.Status, "200 OK")
		equal(t, "type", s.head.Header.Get("Content-Type"), "text/event-stream")
		equal(t, "greeting", s.raw(), ":ok\n\n")
		h.produce(rec("a", 1, 2000, 3), rec("b", 0, 1400, 4))
		equal(t, "events", s.seqs(), []int{3, 4})
		e := s.events()[0]
		equal(t, "data", e.data, `{"n":3,"meta":{"topic":"a","partition":1,"offset":0}}`)
		tag := clusterTag("c")
		r1, r2, r3 := rec("a", 0, 1000, 1), rec("a", 1, 2000, 3), rec("b", 0, 1500, 2)
		equal(t, "id", e.id, fmt.Sprintf(`[{"topic":"a","partition":0,"timestamp":1000,"at":"%[1]s.1.%[2]s"},`+
			`{"topic":"a","partition":1,"timestamp":2000,"at":"%[1]s.1.%[3]s"},{"topic":"b","partition":0,"timestamp":1500,"at":"%[1]s.1.%[4]s"}]`,
			tag[:], appendBase64(nil, fingerprint(&r1), 5), appendBase64(nil, fingerprint(&r2), 5), appendBase64(nil, fingerprint(&r3), 5)))
		if e.retry == "" || s.events()[1].retry != "" {
			t.Error("retry is to stand in the first event's block alone")
		}
		other := h.open()
		h.produce(rec("a", 1, 3000, 5), rec("b", 0, 3000, 6))
		equal(t, "first client", s.seqs(), []int{3, 4, 5, 6})
		equal(t, "second client", other.seqs(), []int{5, 6})
		equal(t, "the same id", other.lastID(), s.lastID())
	})
}

func TestJSONLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.open("Accept: application/json")
		log.Produce(rec("a", 0, 1000, 1), rec("a", 0, 1000, 2))
		equal(t, "body", s.raw(), "\n"+`{"n":1,"meta":{"topic":"a","partition":0,"offset":0}}`+"\n"+
			`{"n":2,"meta":{"topic":"a","partition":0,"offset":1}}`+"\n")
		equal(t, "type", s.head.Header.Get("Content-Type"), "application/json; charset=utf-8")
		synctest.Wait()
		sleep(16 * second)
		if !strings.HasSuffix(s.raw(), "}\n\n") {
			t.Error("no empty line for a heartbeat")
		}
	})
}

func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.open()
		sleep(14 * second)
		equal(t, "early", s.comments(), []string{})
		sleep(32 * second)
		equal(t, "after three times 15 s", s.raw(), ":ok\n\n: heartbeat\n: heartbeat\n: heartbeat\n")
	})
}

func TestResumeOnTheSameCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, Config{}, "a", "b")
		defer h.stop()
		s := h.open()
		log.Produce(rec("a", 0, 1000, 1))
		id := s.lastID()
		s.close()
		log.Produce(rec("a", 0, 1000, 2), rec("a", 0, 900, 3), rec("b", 0, 10, 4))
		synctest.Wait()
		s = h.open("Last-Event-ID: " + id)
		got := s.seqs()
		slices.Sort(got)
		equal(t, "what came in between", got, []int{2, 3, 4})
		log.Produce(rec("b", 0, 10, 5))
		equal(t, "then live", s.seqs()[3:], []int{5})
		equal(t, "clients", h.srv.Clients(), 1)
		s.close()
		equal(t, "clients", h.srv.Clients(), 0)
	})
}

func TestSinceReadsColdInTheOrderOfTimestampsAndMovesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		for i := range 500 {
			log.Produce(rec("a", 0, int64(1000+10*i), 2*i), rec("b", 0, int64(1005+10*i), 2*i+1))
		}
		h := newHarness(t, log, Config{ColdBytes: 500}, "a", "b")
		defer h.stop()
		since := int64(2000)
		h.sub.Since = &since
		s := h.open()
		want := []int{}
		for i := 200; i < 1000; i++ {
			want = append(want, i)
		}
		equal(t, "events", s.seqs(), want)
		shared := h.open("Last-Event-ID: " + s.lastID())
		log.Produce(rec("b", 0, 9000, 1000))
		equal(t, "live", s.seqs()[800:], []int{1000})
		equal(t, "shared ids", s.lastID(), shared.lastID())
	})
}

func TestPlainBodyForHTTP10(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.request("GET / HTTP/1.0")
		log.Produce(rec("a", 0, 1000, 1), rec("a", 0, 1000, 2))
		equal(t, "events", s.seqs(), []int{1, 2})
		if len(s.head.TransferEncoding) > 0 {
			t.Error("HTTP/1.0 has no chunks")
		}
	})
}

func TestATopicThatDoesNotExistJoinsWhenItAppears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a", "late")
		defer h.stop()
		s, behind := h.open(), h.open(`Last-Event-ID: ["a","late"]`)
		log.Produce(rec("a", 0, 1000, 1))
		early := s.lastID()
		log.Create("late", 2)
		log.Produce(rec("late", 1, 1000, 2), rec("late", 0, 1000, 3))
		sleep(6 * second)
		got := s.seqs()
		slices.Sort(got)
		equal(t, "live client", got, []int{1, 2, 3})
		got = behind.seqs()
		slices.Sort(got)
		equal(t, "other client", got, []int{1, 2, 3})
		resumed := h.open("Last-Event-ID: " + early)
		got = resumed.seqs()
		slices.Sort(got)
		equal(t, "resumed with an id from before", got, []int{2, 3})
		equal(t, "entries of the last id", strings.Count(s.lastID(), "topic"), 3)
	})
}

func TestASlowClientGoesOnColdAndAStalledOneIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		reasons := &reasons{}
		h := newHarness(t, log, Config{TailBytes: 2 * blockBytes, Observer: reasons}, "a")
		defer h.stop()
		fast, slow := h.open(), h.open()
		resume := slow.pause()
		log.Produce(rec("a", 0, 1, 0)) // the read that was waiting takes this
		want := []int{0}
		pad := strings.Repeat("x", 1000)
		for i := 1; i < 2000; i++ {
			log.Produce(kafka.Record{Topic: "a", Timestamp: 1, Value: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, i, pad)})
			want = append(want, i)
		}
		equal(t, "fast", fast.seqs(), want)
		if n := len(slow.seqs()); n > 100 {
			t.Fatalf("the slow client has %d events", n)
		}
		resume()
		equal(t, "slow", slow.seqs(), want)
		if log.Reads() == 0 {
			t.Error("nothing was read cold")
		}
		defer slow.pause()()
		log.Produce(rec("a", 0, 1, 2000), rec("a", 0, 1, 2001))
		synctest.Wait()
		for i := range 100 {
			log.Produce(rec("a", 0, 1, 2002+i))
			synctest.Wait()
			sleep(second)
		}
		equal(t, "reasons", reasons.list(), []EndReason{EndStalled})
		equal(t, "fast", len(fast.seqs()), 2102)
	})
}

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

func TestGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{Linger: time.Nanosecond}, "a")
		defer h.stop()
		s := h.open()
		log.Produce(rec("a", 0, 1000, 1))
		id := s.lastID()
		s.close()
		sleep(6 * second)
		log.Produce(rec("a", 0, 1000, 2), rec("a", 0, 1000, 3))
		log.DeleteBefore(kafka.TopicPartition{Topic: "a"}, 2)
		s = h.open("Last-Event-ID: " + id)
		equal(t, "events", s.seqs(), []int{3})
		equal(t, "comments", s.comments(), []string{`: gap {"topic":"a","partition":0,"from":1,"to":2,"reason":"retention"}`})
		equal(t, "header", s.head.Header.Get("Stream-Gap"), `[{"topic":"a","partition":0,"from":1,"to":2,"reason":"retention"}]`)
		s = h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":9}]`)
		equal(t, "comments", s.comments(), []string{`: gap {"topic":"a","partition":0,"from":9,"to":3,"reason":"beyond-end"}`})
		log.Produce(rec("a", 0, 1000, 4))
		equal(t, "events", s.seqs(), []int{4})
	})
}

func TestWhatCannotBeDeliveredMovesTheIDOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, Config{}, "a", "b")
		defer h.stop()
		s := h.open()
		h.produce(kafka.Record{Topic: "a", Timestamp: 5, Value: []byte("no json")}, kafka.Record{Topic: "a", Timestamp: 6}, rec("b", 0, 7, 1))
		if !strings.Contains(s.lastID(), `"timestamp":6,"at":"`+string(h.srv.tag[:])+`.2.`) {
			t.Errorf("the id stands still: %s", s.lastID())
		}
	})
}

func TestHeadAnswersTheHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.request("HEAD / HTTP/1.1", "Accept: text/event-stream")
		equal(t, "status", s.head.StatusCode, http.StatusOK)
		equal(t, "type", s.head.Header.Get("Content-Type"), "text/event-stream; charset=utf-8")
		equal(t, "clients", h.srv.Clients(), 0)
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

func TestATopicThatIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.open()
		h.produce(rec("a", 0, 1000, 1), rec("a", 0, 1000, 2))
		id := s.lastID()
		own := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":1}]`)
		log.Recreate("a")
		h.produce(rec("a", 0, 2000, 3))
		equal(t, "events", s.seqs(), []int{1, 2, 3})
		equal(t, "comments", s.comments(), []string{`: gap {"topic":"a","partition":0,"from":2,"to":0,"reason":"beyond-end"}`})
		equal(t, "with positions of its own", own.seqs(), []int{2, 3})
		equal(t, "after a reconnect", h.open("Last-Event-ID: "+id).seqs(), []int{3})
		equal(t, "with the new id", h.open("Last-Event-ID: "+s.lastID()).seqs(), []int{})
	})
}

func TestRetentionThatIsFasterThanTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.open()
		log.Fail(fmt.Errorf("away"))
		h.produce(rec("a", 0, 1000, 1), rec("a", 0, 1000, 2))
		log.DeleteBefore(kafka.TopicPartition{Topic: "a"}, 1)
		log.Fail(nil)
		h.produce(rec("a", 0, 1000, 3))
		equal(t, "events", s.seqs(), []int{2, 3})
		equal(t, "comments", s.comments(), []string{`: gap {"topic":"a","partition":0,"from":0,"to":1,"reason":"retention"}`})
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

func TestAPartitionThatIsAddedIsReadFromItsBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.open()
		h.produce(rec("a", 0, 1000, 1))
		id := s.lastID()
		log.Create("a", 2)
		h.produce(rec("a", 1, 1000, 2))
		away := h.open("Last-Event-ID: " + id) // its id is older than the partition
		sleep(31 * second)
		h.produce(rec("a", 1, 1000, 3))
		equal(t, "events", s.seqs(), []int{1, 2, 3})
		equal(t, "other client", away.seqs(), []int{2, 3})
		equal(t, "resumed", h.open("Last-Event-ID: "+id).seqs(), []int{2, 3})
	})
}

func TestControlEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		for i := range 4 {
			log.Produce(rec("a", 0, 1000, i))
		}
		log.DeleteBefore(kafka.TopicPartition{Topic: "a"}, 2)
		h := newHarness(t, log, Config{MaxAge: time.Minute}, "a")
		defer h.stop()
		h.sub.Control = true
		s := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":0}]`)
		h.produce(rec("a", 0, 1000, 4))
		log.Recreate("a")
		h.produce(rec("a", 0, 1000, 5))
		sleep(70 * second)
		var got []string
		for _, e := range s.events() {
			at := ""
			if e.id != "" {
				at = strings.Split(e.id, ".")[1]
			}
			got = append(got, e.kind+" "+e.data[:min(len(e.data), 7)]+" "+at)
		}
		equal(t, "events", got, []string{`gap {"topic 2`, `message {"n":2, 3`, `message {"n":3, 4`, `message {"n":4, 5`, `gap {"topic 0`, `message {"n":5, 1`, `reconnect {"reaso `})
		if !isEOF(s.ended()) {
			t.Error("not a clean end")
		}
	})
}
