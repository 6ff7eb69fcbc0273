package kafkasse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// even keeps events with an even number.
var even = &View{
	Key: "even",
	Keep: func(_ string, _ int64, event []byte) bool {
		return bytes.Contains([]byte("02468"), event[len(`{"n":1`)-1:][:1])
	},
	Project: func(dst, event []byte) []byte { return append(dst, event[:len(`{"n":1`)]...) },
}

func TestAViewLeavesEventsOutAndMovesTheIDOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		view := *even
		view.Project = func(dst, event []byte) []byte { return append(append(dst, event[:len(`{"n":1`)]...), '}') }
		h := newHarness(t, log, Config{Linger: time.Second}, "a", "b")
		defer h.stop()
		h.sub.View = &view
		s := h.open()
		all := h.open()
		for i := range 10 {
			h.produce(rec("a", 0, int64(1000+i), i))
		}
		equal(t, "events", s.seqs(), []int{0, 2, 4, 6, 8})
		equal(t, "data", s.events()[1].data, `{"n":2}`)
		equal(t, "shared", all.raw()[20:], s.raw()[20:])
		sleep(20 * second)
		h.produce(rec("a", 0, 2000, 1), rec("a", 0, 2000, 3))
		text := s.raw()
		last := text[strings.LastIndex(text, "id: [")+4:]
		last = last[:strings.IndexByte(last, '\n')]
		if !strings.Contains(last, ".11.") {
			t.Errorf("the id has not moved on: %s", last)
		}
		equal(t, "no event for it", len(s.events()), 5)
		s.close()
		all.close()
		sleep(10 * second)
		h.produce(rec("a", 0, 3000, 5), rec("a", 0, 3000, 6))
		equal(t, "cold", h.open("Last-Event-ID: "+last).seqs(), []int{6})
	})
}

func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		for i := range 5 {
			log.Produce(rec("a", 0, int64(1000+i), i))
		}
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		since := int64(0)
		h.sub.Limit, h.sub.Since = 3, &since
		s := h.open()
		if !isEOF(s.ended()) {
			t.Fatal("not ended")
		}
		e := s.events()
		equal(t, "last frame", e[len(e)-1].kind+" "+e[len(e)-1].data, `end {"reason":"limit"}`)
		equal(t, "its id", e[3].id, e[2].id)
		h.sub.Limit = 7
		s = h.open()
		equal(t, "so far", s.seqs(), []int{0, 1, 2, 3, 4})
		h.produce(rec("a", 0, 2000, 5), rec("a", 0, 2000, 6), rec("a", 0, 2000, 7))
		equal(t, "then", len(s.events()), 8)
	})
}

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		for i := range 5 {
			log.Produce(rec("a", 0, int64(1000+i), 2*i), rec("b", 0, int64(1000+i), 2*i+1))
		}
		h := newHarness(t, log, Config{}, "a", "b", "missing")
		defer h.stop()
		since, until := int64(1001), int64(1003)
		h.sub.Since, h.sub.Until = &since, &until
		s := h.open()
		e := s.events()
		got := fmt.Sprintf("%d %s %v", len(e), e[len(e)-1].data, isEOF(s.ended()))
		equal(t, "events", got, `5 {"reason":"until"} true`)
		s = h.open("Accept: application/json")
		equal(t, "lines", strings.Count(s.raw(), "{\"n\""), 4)

		until = time.Now().Add(time.Minute).UnixMilli()
		h.sub.Since = nil
		s = h.open()
		h.produce(rec("a", 0, 2000, 5))
		sleep(59 * second)
		equal(t, "before", s.ended(), nil)
		sleep(2 * second)
		if !isEOF(s.ended()) {
			t.Error("not ended by the clock")
		}
		equal(t, "frames", len(s.events()), 2)
	})
}

// The log may end with offsets that have no records: the end of a transaction, or what compaction has left out.
func TestUntilWhereNothingStandsAtTheEnd(t *testing.T) {
	for _, live := range []bool{false, true} {
		t.Run(fmt.Sprint(live), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := kafkassetest.New("c")
				log.Create("a", 1)
				log.Create("b", 1)
				h := newHarness(t, log, Config{}, "a", "b")
				defer h.stop()
				if live { // the reader has come to where it comes
					h.open()
				}
				a, b := kafka.TopicPartition{Topic: "a"}, kafka.TopicPartition{Topic: "b"}
				log.Produce(rec("a", 0, 1000, 1), rec("b", 0, 1000, 2))
				log.Skip(a, 1)
				log.Produce(rec("a", 0, 1001, 3))
				log.Skip(a, 2)
				log.Skip(b, 1000)
				since, until := int64(1000), int64(2000)
				h.sub.Since, h.sub.Until = &since, &until
				for _, header := range []string{"Accept: text/event-stream", "Accept: application/json"} {
					s := h.open(header)
					if sleep(second); !isEOF(s.ended()) {
						t.Errorf("not ended: %s", s.raw())
					}
					equal(t, "events", strings.Count(s.raw(), `"n":`), 3)
				}
				h.sub.Since = nil // there is nothing at all between its beginning and its end
				if s := h.open(); !isEOF(s.ended()) {
					t.Error("not ended")
				}
			})
		})
	}
}
