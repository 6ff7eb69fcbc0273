package kafkasse

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// Clients of every kind come and go while events are produced; each of them sees a run of consecutive events, and in the end nothing is left.
func TestClientsComeAndGo(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { comeAndGo(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func comeAndGo(t *testing.T, r *rand.Rand) {
	log := kafkassetest.New("c")
	log.Create("a", 1)
	log.Create("b", 1)
	h := newHarness(t, log, Config{TailBytes: 2 * blockBytes, ColdBytes: 20_000, ColdReaders: 2, Linger: time.Second, MaxAge: time.Hour}, "a")
	defer h.stop()
	type client struct {
		*stream
		encoding encoding
		resume   func()
	}
	var open []client
	defer func() {
		for _, c := range open {
			c.resume()
		}
	}()
	pad := strings.Repeat("pad ", 200)
	next := 0
	check := func(c client) {
		text := c.raw()
		if c.encoding != identity {
			text, _ = decoded(t, c.encoding, text)
		}
		last := -1
		for _, line := range strings.Split(text, "\n") {
			line = strings.TrimPrefix(line, "data: ")
			if !strings.HasPrefix(line, `{"n":`) || !strings.HasSuffix(line, "}}") { // half a line
				continue
			}
			var n int
			if _, err := fmt.Sscanf(line, `{"n":%d,`, &n); err != nil {
				t.Fatal(err)
			}
			if last >= 0 && n != last+1 {
				t.Fatalf("after event %d comes %d: %v", last, n, c.head.Header)
			}
			last = n
		}
	}
	steps := 250
	if raceEnabled {
		steps = 80 // it is ten times as slow
	}
	for range steps {
		switch r.IntN(10) {
		case 0, 1, 2:
			var headers []string
			e := encoding(r.IntN(int(encodings)))
			if e != identity {
				headers = append(headers, "Accept-Encoding: "+e.String())
			}
			if r.IntN(2) == 0 {
				headers = append(headers, "Accept: application/json")
			}
			if r.IntN(3) == 0 {
				headers = append(headers, fmt.Sprintf(`Last-Event-ID: [{"topic":"a","partition":0,"offset":%d}]`, r.IntN(next+1)))
			}
			h.sub.Topics = []string{"a"}
			if r.IntN(4) == 0 {
				h.sub.Topics = []string{"a", "b"}
			}
			h.sub.Limit = int64(r.IntN(2) * r.IntN(500))
			if s := h.open(headers...); s.head.StatusCode != 200 {
				t.Fatal(s.head.Status)
			} else {
				open = append(open, client{s, e, func() {}})
			}
		case 3, 4:
			if len(open) > 0 {
				i := r.IntN(len(open))
				open[i].resume()
				check(open[i])
				open[i].close()
				open = slices.Delete(open, i, i+1)
			}
		case 5:
			if len(open) > 0 {
				i := r.IntN(len(open))
				open[i].resume()
				open[i].resume = open[i].pause()
			}
		case 6:
			sleep(time.Duration(r.IntN(20)) * second)
		default:
			for range r.IntN(200) {
				log.Produce(kafka.Record{Topic: "a", Timestamp: 1, Value: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, next, pad)})
				next++
			}
			synctest.Wait()
		}
	}
	for _, c := range open {
		c.resume()
		check(c)
		c.close()
	}
	sleep(20 * second)
	equal(t, "clients", h.srv.Clients(), 0)
	equal(t, "bytes retained", h.srv.retained.Load(), 0)
	equal(t, "bytes read ahead", h.srv.coldHeld.Load(), 0)
	h.srv.discovery.Lock()
	defer h.srv.discovery.Unlock()
	equal(t, "readers", len(h.srv.readers), 0)
}
