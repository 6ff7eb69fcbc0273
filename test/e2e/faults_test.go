package e2e

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/test/realkafka"
)

// The leader of the partition that is written to is killed under load: every answer is 201, and nothing that was acknowledged is missing.
func TestLeaderKilledUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("three brokers are not started in a short run")
	}
	cluster := realkafka.Start(t, 3)
	p := serve(t, "--kafka", strings.Join(cluster.Addrs(), ","))
	if status, text := p.post("/v1/events", "application/json", testEvent(-1)); status != http.StatusCreated {
		t.Fatalf("%d: %s", status, text)
	}
	reader := p.open("test.event", "", "")
	const events, killAt = 4_000, 1_000
	var next, count atomic.Int64
	var accepted sync.Map
	var kill sync.Once
	var posters sync.WaitGroup
	for range 8 {
		posters.Go(func() {
			for n := next.Add(1); n <= events; n = next.Add(1) {
				status, text, err := p.tryPost("/v1/events", "application/json", testEvent(n))
				if err != nil || status != http.StatusCreated {
					t.Errorf("event %d: %d %s %v", n, status, text, err)
					return
				}
				accepted.Store(n, true)
				if count.Add(1) == killAt {
					kill.Do(func() { cluster.Kill(cluster.Leader(t, "datacenter1.test.event", 0)) })
				}
			}
		})
	}
	posters.Wait()
	seen := map[string]int{}
	for _, f := range reader.next(int(count.Load())) {
		seen[number(f)]++
	}
	checkOnce(t, &accepted, seen)
}

// A broker that hangs with its connections open: every POST is answered in bounded time, and says what is known of the event; when the broker goes on,
// so does the intake.
func TestBrokerFrozen(t *testing.T) {
	if testing.Short() {
		t.Skip("Apache Kafka is not started in a short run")
	}
	cluster := realkafka.Start(t, 1)
	p := serve(t, "--kafka", strings.Join(cluster.Addrs(), ","))
	if status, text := p.post("/v1/events", "application/json", testEvent(0)); status != http.StatusCreated {
		t.Fatalf("%d: %s", status, text)
	}
	cluster.Freeze(t, 0)
	const posts, bound = 20, 30 * time.Second // the delivery timeout is 10 s; the rest is for a busy machine
	var wait sync.WaitGroup
	for n := range int64(posts) {
		wait.Go(func() {
			start := time.Now()
			status, text, err := p.tryPost("/v1/events", "application/json", testEvent(n))
			if took := time.Since(start); took > bound {
				t.Errorf("answered after %s", took)
			}
			if err != nil || status < 500 {
				t.Errorf("answered %d %s %v", status, text, err)
			}
			if status == http.StatusInternalServerError && !strings.Contains(text, "unknown") {
				t.Errorf("the answer does not say that the event's fate is unknown: %s", text)
			}
		})
	}
	wait.Wait()
	cluster.Thaw(t, 0)
	for end := time.Now().Add(patience); ; {
		status, _, err := p.tryPost("/v1/events", "application/json", testEvent(1))
		if err == nil && status == http.StatusCreated {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still answered %d %v after the broker went on", status, err)
		}
	}
}
