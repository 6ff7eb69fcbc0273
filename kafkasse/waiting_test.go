package kafkasse

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// A client that reads old records of which it wants none hears heartbeats.
func TestHeartbeatsWhileNothingIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, Config{ColdBytes: 1, Transform: func(dst []byte, _ string, value []byte) []byte {
			<-time.After(100 * time.Millisecond) // a slow log
			return append(dst, value...)
		}}, "a")
		defer h.stop()
		log.Produce(series(0, 1000, 1)...)
		since := int64(0)
		h.sub.Since = &since
		h.sub.View = &View{Key: "none", Keep: func(string, int64, []byte) bool { return false }}
		s := h.open("Accept: application/json")
		sleep(80 * second)
		if n := len(s.raw()); n < 4 {
			t.Errorf("%d bytes in 80 seconds", n)
		}
	})
}

// A client that waits for its turn to read and goes away is gone at once; so is one that is cut by an operator, and all hear heartbeats.
func TestAClientThatGoesWhileItWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Produce(series(0, 5, 1)...)
		h := newHarness(t, log, Config{ColdReaders: 1}, "a")
		defer h.stop()
		since := int64(0)
		h.open()
		h.sub.Since = &since
		defer log.Hold()()
		h.open()
		waiting := h.open()
		equal(t, "clients", h.srv.Clients(), 3)
		waiting.close()
		equal(t, "clients", h.srv.Clients(), 2)
		other := h.open()
		cut := h.open()
		equal(t, "cut", h.srv.Cut(func(c ClientInfo) bool { return c.ID == 5 }), 1)
		equal(t, "ended", isEOF(cut.ended()), true)
		sleep(25 * second)
		equal(t, "heartbeat", other.comments()[0], ": heartbeat")
	})
}
