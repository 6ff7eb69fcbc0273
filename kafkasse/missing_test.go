package kafkasse

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// A topic that is deleted while others read it does not keep clients from the stream's other topics, wherever they begin.
func TestATopicThatIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, Config{}, "a", "b")
		defer h.stop()
		s := h.open()
		h.produce(rec("a", 0, 1000, 1), rec("b", 0, 1000, 2), rec("b", 0, 1001, 3))
		id := s.events()[1].id
		log.Delete("a")
		since, until := int64(1001), int64(2000)
		h.sub.Since = &since
		equal(t, "since", h.open().seqs(), []int{3})
		h.sub.Until = &until
		equal(t, "until", h.open().seqs(), []int{3, 0})
		h.sub.Since, h.sub.Until = nil, nil
		equal(t, "by offset", h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":0},{"topic":"b","partition":0,"offset":1}]`).seqs(), []int{3})
		equal(t, "resumed", h.open("Last-Event-ID: "+id).seqs(), []int{3})
	})
}

// A mirror that has not even made a topic yet is only very far behind.
func TestAMirrorThatLacksATopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, mirror := kafkassetest.New("source"), kafkassetest.New("mirror")
		source.Create("a", 1)
		source.Create("b", 1)
		mirror.Create("b", 1)
		from, h := newHarness(t, source, Config{}, "a", "b"), newHarness(t, mirror, Config{}, "a", "b")
		defer from.stop()
		defer h.stop()
		s := from.open()
		from.produce(rec("b", 0, 1000, 0), rec("a", 0, 1000, 1), rec("a", 0, 1001, 2))
		id := s.lastID()
		h.produce(rec("b", 0, 1000, 0))
		s = h.open("Last-Event-ID: " + id)
		sleep(10 * time.Minute)
		h.produce(rec("b", 0, 2000, 3))
		equal(t, "the other topic goes on", s.seqs(), []int{3})
		mirror.Create("a", 1)
		mirror.Shift(kafka.TopicPartition{Topic: "a"}, 7)
		sleep(2 * second)
		h.produce(rec("a", 0, 1000, 1), rec("b", 0, 2000, 4))
		sleep(second)
		equal(t, "the record has not come", s.seqs(), []int{3, 4})
		amid := s.lastID()
		h.produce(rec("a", 0, 1001, 2), rec("a", 0, 1002, 5))
		sleep(second)
		equal(t, "once it has come", s.seqs(), []int{3, 4, 5})
		equal(t, "resumed", h.open("Last-Event-ID: "+amid).seqs(), []int{5})
		equal(t, "resumed at the head", h.open("Last-Event-ID: "+s.lastID()).seqs(), []int{})
	})
}

// Whoever waits for Kafka does not hold up the end for longer than the grace period.
func TestTheEndWhileKafkaDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		for i := range 5 {
			log.Produce(rec("a", 0, 1000, i))
		}
		h := newHarness(t, log, Config{ColdReaders: 1}, "a")
		defer h.stop()
		h.open()
		defer log.Hold()()
		since := int64(0)
		h.sub.Since = &since
		for range 5 { // one reads, the others wait for their turn
			equal(t, "status", h.open().head.StatusCode, 200)
		}
		ctx, cancel := context.WithTimeout(t.Context(), second)
		defer cancel()
		began := time.Now()
		_ = h.srv.Shutdown(ctx)
		equal(t, "time", time.Since(began), second)
	})
}
