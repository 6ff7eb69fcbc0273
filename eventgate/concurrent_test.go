package eventgate

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/eventplatform/eventplatform/kafka"
)

// late is a producer whose outcomes come later and in another order, and which looks at a record's value only then.
type late struct {
	mu      sync.Mutex
	records map[string]int
	queue   chan func()
}

func newLate() *late {
	l := &late{records: map[string]int{}, queue: make(chan func(), 10_000)}
	for range 3 {
		go func() {
			for f := range l.queue {
				f()
			}
		}()
	}
	return l
}

func (l *late) Produce(b *kafka.Batch) {
	b.Begin()
	n := len(b.Records)
	for i := n - 1; i >= 0; i-- {
		r := &b.Records[i]
		value := r.Value
		l.queue <- func() {
			l.mu.Lock()
			l.records[r.Topic+" "+string(value)]++
			l.mu.Unlock()
			b.Complete(i, kafka.Outcome{})
		}
	}
}

// Buffers are shared by requests one after the other: each event must come out as it went in, however they overlap.
func TestRequestsDoNotMixUp(t *testing.T) {
	l := newLate()
	g := wikimedia(t, l, func(c *Config) { c.Transforms = []string{} })
	b := &bench{}
	onFastHTTP(t, b, g, HandlerConfig{MaxBodyBytes: 1 << 20})
	const workers, rounds = 12, 60
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := range rounds {
				var events []string
				for k := range 1 + (w+i)%7 {
					// Some lie in the body as they are, some are rewritten, some are filled, some are refused.
					events = append(events, click(fmt.Sprintf(`"n":%d,"who":"%d-%d-%d","pad":"%s"`, k, w, i, k, strings.Repeat("p", (w*i*13)%3000))),
						fmt.Sprintf(`{"$schema":"/filled/1.0.0","meta":{"stream":"defaults"},"who":"%d-%d-%d"}`, w, i, k),
						click(fmt.Sprintf(`"who":"x","who":"%d-%d-%d","twice":true`, w, i, k)),
						click(fmt.Sprintf(`"n":"%d-%d"`, w, i)))
				}
				query := ""
				if i%3 == 0 {
					query = "?hasty=true"
				}
				resp, err := http.Post("http://"+b.address+"/v1/events"+query, "application/json", strings.NewReader("["+strings.Join(events, ",")+"]"))
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
				if resp.StatusCode != 207 && resp.StatusCode != 202 {
					t.Errorf("answered %d", resp.StatusCode)
				}
			}
		})
	}
	wait.Wait()
	if err := g.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	total := 0
	for w := range workers {
		for i := range rounds {
			for k := range 1 + (w+i)%7 {
				for _, want := range []string{
					"dc1.clicks " + click(fmt.Sprintf(`"n":%d,"who":"%d-%d-%d","pad":"%s"`, k, w, i, k, strings.Repeat("p", (w*i*13)%3000))),
					fmt.Sprintf(`dc1.defaults {"$schema":"/filled/1.0.0","meta":{"stream":"defaults"},"who":"%d-%d-%d","test":"filled in"}`, w, i, k),
					"dc1.clicks " + click(fmt.Sprintf(`"who":"%d-%d-%d","twice":true`, w, i, k)),
				} {
					if l.records[want] != 1 {
						t.Fatalf("%d times: %.200s", l.records[want], want)
					}
					total++
				}
			}
		}
	}
	if total != len(l.records) {
		t.Errorf("%d different records, want %d", len(l.records), total)
	}
	close(l.queue)
}
