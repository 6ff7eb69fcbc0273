package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Under a load of guaranteed events the platform is killed. What was answered 201 is there after the next start, and a client that comes back with its last
// id gets each event exactly once.
func TestKilledUnderLoad(t *testing.T) {
	dir := t.TempDir()
	p := serve(t, "--data-dir", dir)
	reader := p.open("test.event", "", "")
	const events, killAt = 10_000, 6_000
	var accepted sync.Map
	var count atomic.Int64
	var killed sync.Once
	load := func(p *platform, next *atomic.Int64) {
		var posters sync.WaitGroup
		for range 16 {
			posters.Go(func() {
				for n := next.Add(1); n <= events; n = next.Add(1) {
					status, _, err := p.tryPost("/v1/events", "application/json", testEvent(n))
					if err != nil {
						return
					}
					if status == http.StatusCreated {
						accepted.Store(n, true)
						if count.Add(1) >= killAt {
							killed.Do(p.kill)
						}
					}
				}
			})
		}
		posters.Wait()
	}
	var next atomic.Int64
	load(p, &next)
	if count.Load() < killAt {
		t.Fatalf("only %d events were accepted before the end", count.Load())
	}
	// What the reader saw before the kill; its last id is where it goes on.
	seen := map[string]int{}
	lastID := ""
	for f := range reader.frames {
		seen[number(f)]++
		lastID = f.id
	}
	if lastID == "" {
		t.Fatal("the reader saw nothing before the kill")
	}

	p = serve(t, "--data-dir", dir)
	load(p, &next) // the rest
	const last = "the last one"
	if status, text := p.post("/v1/events", "application/json", strings.Replace(testEvent(0), `"0"`, `"`+last+`"`, 1)); status != http.StatusCreated {
		t.Fatalf("%d: %s", status, text)
	}
	for resumed := p.open("test.event", "", lastID); ; {
		n := number(resumed.next(1)[0])
		seen[n]++
		if n == last {
			break
		}
	}
	checkOnce(t, &accepted, seen)
}

// checkOnce wants every accepted event among those seen, and none seen twice.
func checkOnce(t *testing.T, accepted *sync.Map, seen map[string]int) {
	t.Helper()
	missing, twice := 0, 0
	accepted.Range(func(n, _ any) bool {
		if seen[fmt.Sprint(n)] == 0 {
			missing++
		}
		return true
	})
	for _, times := range seen {
		if times > 1 {
			twice++
		}
	}
	if missing > 0 || twice > 0 {
		t.Errorf("%d accepted events are missing, %d came more than once", missing, twice)
	}
}

func testEvent(n int64) string {
	return fmt.Sprintf(`{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":"%d"}`, n)
}

// number is what testEvent put into the event.
func number(f frame) string {
	_, rest, _ := strings.Cut(f.data, `"test":"`)
	n, _, _ := strings.Cut(rest, `"`)
	return n
}

// A consumer that is cut again and again under load and comes back with its last id sees every event once, in the order of the offsets.
func TestCutsUnderLoad(t *testing.T) {
	onEachCluster(t, func(t *testing.T, cluster ...string) {
		p := serve(t, cluster...)
		const events, between = 3_000, 150
		seen := map[string]int{}
		reader := p.open("test.event", "", "")
		var accepted sync.Map
		done := make(chan struct{})
		go func() {
			defer close(done)
			for n := range int64(events) {
				if status, _, err := p.tryPost("/v1/events", "application/json", testEvent(n)); err == nil && status == http.StatusCreated {
					accepted.Store(n, true)
				}
			}
		}()
		lastID := ""
		var lastOffset int64 = -1
		for total := 0; total < events; {
			for _, f := range reader.next(min(between, events-total)) {
				seen[number(f)]++
				lastID = f.id
				_, _, offset := f.position(t)
				if offset <= lastOffset {
					t.Fatalf("offset %d after %d", offset, lastOffset)
				}
				lastOffset = offset
				total++
			}
			reader.close()
			reader = p.open("test.event", "", lastID)
		}
		<-done
		checkOnce(t, &accepted, seen)
		if len(seen) != events {
			t.Errorf("%d different events came", len(seen))
		}
	})
}
