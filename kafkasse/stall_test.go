package kafkasse

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// Clients that take nothing are cut after their budget, and no time passes for the others until then or afterwards.
func TestStalledClientsBesideManyOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		ends := &reasons{}
		h := newHarness(t, log, Config{Observer: ends, Heartbeat: time.Hour}, "a")
		defer h.stop()
		clients, stalled := 1000, 100
		if raceEnabled {
			clients, stalled = 100, 10
		}
		var streams []*stream
		for i := range clients {
			s := h.open()
			if i < stalled {
				defer s.pause()()
			}
			streams = append(streams, s)
		}
		began, n := time.Now(), 0
		produce := func(upTo int) {
			t.Helper()
			at := time.Now()
			for ; n < upTo; n++ {
				h.produce(rec("a", 0, int64(1000+n), n))
			}
			for _, s := range streams[stalled:] {
				equal(t, "events", len(s.events()), n)
			}
			equal(t, "waited for", time.Since(at), time.Duration(0))
		}
		produce(5)
		sleep(29 * second)
		produce(10)
		equal(t, "cut within the budget", len(ends.list()), 0)
		equal(t, "clients", h.srv.Clients(), clients)
		for len(ends.list()) < stalled && time.Since(began) < time.Minute {
			produce(n + 1)
			sleep(second)
		}
		if took := time.Since(began); took < 30*second || took > 47*second {
			t.Errorf("the stalled clients were cut after %v", took)
		}
		produce(n + 5)
		equal(t, "clients", h.srv.Clients(), clients-stalled)
		for _, reason := range ends.list() {
			equal(t, "reason", reason, EndStalled)
		}
	})
}
