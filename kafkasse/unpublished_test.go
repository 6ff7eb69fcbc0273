package kafkasse

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// A client that is behind reads up to where the tail has come, also what the tail has not shown to anybody yet, and does not get it again from the tail.
func TestWhatTheTailHasNotPublishedIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		log.Produce(series(0, 5, 1)...) // before the tail begins
		held, holding := make(chan struct{}), true
		h := newHarness(t, log, Config{Transform: func(dst []byte, _ string, value []byte) []byte {
			if string(value) == string(rec("a", 0, 0, 8).Value) && holding {
				holding = false // the tail is the first to come here
				<-held
			}
			return append(dst, value...)
		}}, "a")
		defer h.stop()
		live := h.open()
		log.Produce(series(5, 10, 1)...)
		sleep(time.Second)
		behind := h.open(`Last-Event-ID: [{"topic":"a","partition":0,"offset":-2}]`)
		equal(t, "while the tail is at it", behind.seqs(), numbers(0, 8))
		close(held)
		equal(t, "afterwards", behind.seqs(), numbers(0, 10))
		equal(t, "live", live.seqs(), numbers(5, 10))
	})
}
