package kafkasse

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

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

func TestAMirrorThatIsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, mirror := kafkassetest.New("source"), kafkassetest.New("mirror")
		source.Create("a", 1)
		source.Create("b", 1)
		mirror.Create("a", 1)
		mirror.Create("b", 1)
		from := newHarness(t, source, Config{}, "a", "b")
		defer from.stop()
		h := newHarness(t, mirror, Config{}, "a", "b")
		defer h.stop()
		s := from.open()
		from.produce(rec("a", 0, 1000, 1), rec("a", 0, 2000, 2), rec("b", 0, 2000, 3))
		id := s.lastID()
		h.produce(rec("a", 0, 1000, 1), rec("b", 0, 2000, 3)) // the mirror lacks event 2
		s = h.open("Last-Event-ID: " + id)
		h.produce(rec("b", 0, 3000, 4))
		equal(t, "the other topic goes on", s.seqs(), []int{4})
		if held := s.lastID(); !strings.Contains(held, `"topic":"a","partition":0,"timestamp":2000,"at":"`+string(from.srv.tag[:])) {
			t.Errorf("the position of what is held has changed: %s", held)
		}
		h.produce(rec("a", 0, 2000, 2), rec("a", 0, 2000, 5))
		sleep(second)
		equal(t, "once it has come", s.seqs(), []int{4, 5})

		late := h.open(strings.Replace("Last-Event-ID: "+id, `"timestamp":2000`, `"timestamp":2001`, 1)) // names a record that is not there
		sleep(50 * second)
		equal(t, "held back", late.seqs(), []int{4})
		sleep(15 * second)
		comments := late.comments()
		equal(t, "comment", comments[len(comments)-1], `: gap {"topic":"a","partition":0,"from":null,"to":3,"reason":"mirror-behind"}`)
		h.produce(rec("a", 0, 4000, 6))
		equal(t, "then", late.seqs(), []int{4, 6})
	})
}

// A topic that is made anew while a client is behind: the client gets all of the new one, however many records the old one had.
func TestATopicThatIsMadeAnewWhileAClientIsBehind(t *testing.T) {
	for _, records := range []int{3, 30} {
		t.Run(fmt.Sprint(records), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := kafkassetest.New("c")
				log.Create("a", 1)
				log.Create("b", 1)
				h := newHarness(t, log, Config{}, "a", "b")
				defer h.stop()
				log.Produce(series(0, 20, 1)...)
				log.Produce(rec("b", 0, 1, 100))
				h.open() // the tail begins at 20 and 1
				release := log.Hold()
				s := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":-1},{"topic":"b","partition":0,"timestamp":1}]`)
				log.Recreate("a")
				for i := range records {
					h.produce(rec("a", 0, 2000, 200+i))
				}
				release()
				sleep(10 * second)
				equal(t, "events", s.seqs(), append([]int{100}, numbers(200, 200+records)...))
				equal(t, "a gap is told", s.comments(), []string{`: gap {"topic":"a","partition":0,"from":20,"to":0,"reason":"beyond-end"}`})
				h.produce(rec("a", 0, 3000, 300))
				equal(t, "then", s.seqs()[records+1:], []int{300})
				equal(t, "resumed", h.open("Last-Event-ID: "+s.events()[records].id).seqs(), []int{300})
			})
		})
	}
}
