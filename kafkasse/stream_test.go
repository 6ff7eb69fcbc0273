package kafkasse

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func equal(t testing.TB, what string, got, want any) {
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
