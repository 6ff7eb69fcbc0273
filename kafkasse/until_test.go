package kafkasse

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// When the clock reaches until, what is older may still be on its way: to a client that is behind, or from a producer whose clock is late.
func TestUntilWhileTheClientIsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		for i := range 50 {
			log.Produce(rec("a", 0, int64(1000+i), i))
		}
		h := newHarness(t, log, Config{MaxAge: time.Hour, ColdBytes: 100}, "a", "b", "missing")
		defer h.stop()
		h.open()
		release := log.Hold()
		since, until := int64(0), time.Now().Add(10*second).UnixMilli()
		h.sub.Since, h.sub.Until = &since, &until
		s := h.open()
		sleep(9 * second)
		log.Produce(rec("a", 0, until-1, 50), rec("a", 0, until, 51), rec("a", 0, until-1, 52), rec("b", 0, until-1, 53))
		sleep(5 * second)
		log.Produce(rec("b", 0, until+1, 54))
		equal(t, "so far", s.ended(), nil)
		release()
		sleep(10 * second)
		equal(t, "ended", isEOF(s.ended()), true)
		seen := s.seqs()
		equal(t, "last frame", s.events()[len(seen)-1].kind+s.events()[len(seen)-1].data, `end{"reason":"until"}`)
		slices.Sort(seen[:len(seen)-1])
		equal(t, "events", seen, append(numbers(0, 51), 53, 0))
	})
}

// A stream whose end is far off ends at its age, as others do.
func TestMaxAgeBeforeUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		reasons := &reasons{}
		h := newHarness(t, log, Config{MaxAge: time.Minute, Observer: reasons}, "a")
		defer h.stop()
		until := time.Now().Add(time.Hour).UnixMilli()
		h.sub.Until = &until
		h.open()
		sleep(70 * second)
		equal(t, "ends", reasons.list(), []EndReason{EndAge})
	})
}

// A client that comes back for what is after until gets all of it, wherever it was cut and however far the other partitions had been read.
func TestComingBackAfterUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, Config{}, "a", "b")
		defer h.stop()
		h.open() // the tail has everything
		for i := range 5 {
			h.produce(rec("a", 0, int64(1000+i), i))
		}
		for i := range 5 {
			h.produce(rec("b", 0, int64(1000+i), 10+i))
		}
		since, until := int64(0), int64(1003)
		h.sub.Since, h.sub.Until = &since, &until
		s := h.open()
		equal(t, "ended", isEOF(s.ended()), true)
		events := s.events()
		want := append(numbers(0, 3), numbers(10, 13)...)
		equal(t, "until then", s.seqs(), append(want, 0))
		h.sub.Since, h.sub.Until = nil, nil
		equal(t, "after the end", h.open("Last-Event-ID: "+events[len(events)-1].id).seqs(), []int{3, 4, 13, 14})
	})
}

// A partition that waits for its record is waited for.
func TestUntilWithAHeldPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, mirror := kafkassetest.New("source"), kafkassetest.New("mirror")
		for _, log := range []*kafkassetest.Log{source, mirror} {
			log.Create("a", 1)
			log.Create("b", 1)
		}
		from, h := newHarness(t, source, Config{}, "a", "b"), newHarness(t, mirror, Config{}, "a", "b")
		defer from.stop()
		defer h.stop()
		s := from.open()
		from.produce(rec("a", 0, 1000, 1), rec("b", 0, 1000, 2))
		until := time.Now().Add(5 * second).UnixMilli()
		h.sub.Until = &until
		h.produce(rec("b", 0, 1000, 2), rec("b", 0, 2000, 3))
		back := h.open("Last-Event-ID: " + s.lastID())
		sleep(10 * second)
		equal(t, "held", back.seqs(), []int{3})
		equal(t, "ended", back.ended(), nil)
		h.produce(rec("a", 0, 1000, 1))
		sleep(second)
		equal(t, "ended then", isEOF(back.ended()), true)
		h.sub.Until = nil
		h.produce(rec("a", 0, until, 4), rec("b", 0, until, 5))
		equal(t, "afterwards", h.open("Last-Event-ID: "+back.lastID()).seqs(), []int{4, 5})
	})
}

// A client that is cut before the end of a bounded stream, and comes back for more than that, loses nothing: an id never names what is after until.
func TestIDsBeforeTheEndOfABoundedStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Create("b", 1)
		h := newHarness(t, log, Config{}, "a", "b")
		defer h.stop()
		h.open() // the tail has everything
		for i := range 5 {
			h.produce(rec("a", 0, int64(1000+i), i))
		}
		for i := range 5 {
			h.produce(rec("b", 0, int64(1000+i), 10+i))
		}
		since, until := int64(0), int64(1003)
		h.sub.Since, h.sub.Until = &since, &until
		events := h.open().events()
		h.sub.Since, h.sub.Until = nil, nil
		equal(t, "after the last event", h.open("Last-Event-ID: "+events[len(events)-2].id).seqs(), []int{3, 4, 13, 14})
	})
}
