package kafkasse

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// series are records from one number to before another, so many milliseconds apart.
func series(from, to int, apart int64) (list []kafka.Record) {
	for i := from; i < to; i++ {
		list = append(list, rec("a", 0, 1_700_000_000_000+apart*int64(i), i))
	}
	return list
}

// counted is an observer that counts copies.
type counted struct {
	nobody
	copies int
}

func (c *counted) Copies(_ string, n int) { c.copies += n }

func TestCopiesAreDeliveredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		counted := &counted{}
		h := newHarness(t, log, Config{Linger: time.Second, Observer: counted}, "a")
		defer h.stop()
		log.Produce(series(0, 5, 1)...)
		s := h.open()
		log.Produce(series(5, 10, 1)...)
		last := s.lastID()
		log.Produce(series(2, 8, 1)...)
		equal(t, "live", s.seqs(), numbers(5, 10))
		equal(t, "counted", counted.copies, 6)
		resumed := h.open("Last-Event-ID: " + last)
		equal(t, "resumed within the copies", resumed.seqs(), []int{})
		all := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":-2}]`)
		equal(t, "cold", all.seqs(), numbers(0, 10))
		log.Produce(series(8, 12, 1)...)
		equal(t, "live", s.seqs(), numbers(5, 12))
		equal(t, "resumed", resumed.seqs(), numbers(10, 12))
		equal(t, "cold, then live", all.seqs(), numbers(0, 12))
		equal(t, "the same ids", []string{s.lastID(), resumed.lastID()}, []string{all.lastID(), all.lastID()})
	})
}

func TestCopiesAreKeptIfWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{KeepCopies: true}, "a")
		defer h.stop()
		s := h.open()
		log.Produce(rec("a", 0, 1, 1), rec("a", 0, 1, 1))
		equal(t, "live", s.seqs(), []int{1, 1})
		equal(t, "cold", h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":-2}]`).seqs(), []int{1, 1})
	})
}

// Whoever begins amid a run of copies finds the originals before, live or behind, as far back as the window reaches.
func TestTheWindowBeforeIsRead(t *testing.T) {
	for name, test := range map[string]struct {
		apart int64
		want  []int
	}{
		"30 s":      {10, []int{4000}},
		"two hours": {2500, append(numbers(750, 1000), 4000)}, // the mirror was away for so long that its copies are not known as such
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := kafkassetest.New("c")
				log.Create("a", 1)
				h := newHarness(t, log, Config{Linger: time.Second, ColdBytes: 5000}, "a")
				defer h.stop()
				log.Produce(series(0, 3000, test.apart)...)
				log.Produce(series(500, 750, test.apart)...)
				live := h.open()
				log.Produce(series(750, 1000, test.apart)...)
				log.Produce(series(4000, 4001, test.apart)...)
				equal(t, "live", live.seqs(), test.want)
				live.close()
				sleep(time.Minute)
				cold := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":3250}]`)
				equal(t, "cold", cold.seqs(), test.want)
				other := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":3300}]`)
				equal(t, "another one", len(other.seqs()), max(1, len(test.want)-50))
			})
		})
	}
}

// What clients that are behind have needed for copies is let go of, and there is no more of it than may be.
func TestWindowsOfClientsThatAreBehindAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{Linger: time.Second, ColdBytes: 1000}, "a")
		defer h.stop()
		log.Produce(series(0, 3000, 1)...)
		h.srv.judges.held.Add(runsMostBytes + 1) // other partitions'
		s := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":1500}]`)
		sleep(time.Minute)
		equal(t, "while there is no room", s.seqs(), []int{})
		h.srv.judges.held.Add(-runsMostBytes - 1)
		sleep(time.Minute)
		equal(t, "afterwards", s.seqs(), numbers(1500, 3000))
		s.close()
		sleep(time.Minute)
		equal(t, "bytes", h.srv.judges.held.Load(), 0)
		h.srv.judges.mu.Lock()
		defer h.srv.judges.mu.Unlock()
		equal(t, "judges", len(h.srv.judges.all), 0)
	})
}

// A topic that is made anew is not measured by what the old one had.
func TestNoCopiesOfATopicThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{}, "a")
		defer h.stop()
		s := h.open()
		h.produce(series(0, 5, 1)...)
		log.Recreate("a")
		h.produce(series(0, 3, 1)...)
		equal(t, "events", fmt.Sprint(s.seqs()), fmt.Sprint([]int{0, 1, 2, 3, 4, 0, 1, 2}))
	})
}
