package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/test/realkafka"
)

// The intake that runs alone, on three brokers of which some hang or die. The topic is the brokers' own making, with three replicas of which two must
// have an event.
func TestIntakeWhenBrokersFail(t *testing.T) {
	if testing.Short() {
		t.Skip("three brokers are not started in a short run")
	}
	f := &faulty{cluster: realkafka.Start(t, 3), repository: t.TempDir()}
	notes := filepath.Join(f.repository, "jsonschema", "note")
	if err := os.MkdirAll(notes, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(notes, "1.0.0.yaml"), []byte(noteSchema), 0o644); err != nil {
		t.Fatal(err)
	}
	impatient := f.intake(t, impatience)
	f.works(t, impatient)
	t.Run("one hangs", func(t *testing.T) { f.oneHangs(t, impatient) })
	t.Run("two hang", func(t *testing.T) { f.twoHang(t, impatient) })
	t.Run("one is killed", func(t *testing.T) { f.oneIsKilled(t, f.intake(t, patience)) })
	f.checkAccepted(t)
}

const (
	faultyTopic = "faulty"
	// impatience is the delivery timeout of the intake that brokers hang under; what is over it, up to hangs, is for a busy machine.
	impatience = 6 * time.Second
	hangs      = 30 * time.Second
)

// faulty has brokers that fail, and the events that were accepted all the same.
type faulty struct {
	cluster    *realkafka.Cluster
	repository string
	posted     atomic.Int64
	accepted   sync.Map
}

// intake starts an intake with a delivery timeout.
func (f *faulty) intake(t *testing.T, timeout time.Duration) *intake {
	t.Helper()
	return startIntake(t, fmt.Sprintf("      schema_base_uris: %s\n      stream_field: meta.stream\n      output_path: ''\n"+
		"      kafka: {conf: {metadata.broker.list: %q}, topic_conf: {message.timeout.ms: %d}}\n",
		f.repository, strings.Join(f.cluster.Addrs(), ","), timeout.Milliseconds()))
}

// post posts one more event. Every answer comes in bounded time and says what is known.
func (f *faulty) post(t *testing.T, p *intake) int {
	t.Helper()
	n, begun := f.posted.Add(1), time.Now()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v1/events", strings.NewReader(note("/note/1.0.0", faultyTopic, fmt.Sprint(n))))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: 2 * patience}).Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if took := time.Since(begun); err != nil || took > hangs {
		t.Errorf("answered after %v, %v", took, err)
	}
	switch response.StatusCode {
	case http.StatusCreated:
		f.accepted.Store(n, true)
	case http.StatusInternalServerError:
		if !strings.Contains(string(body), "its fate is unknown") {
			t.Errorf("the answer does not say that the event's fate is unknown: %s", body)
		}
	case http.StatusServiceUnavailable:
		if response.Header.Get("Retry-After") == "" {
			t.Errorf("the answer does not say when to try again: %s", body)
		}
	default:
		t.Errorf("answered %s %s", response.Status, body)
	}
	return response.StatusCode
}

// together posts so many events at the same time, and counts the answers by status.
func (f *faulty) together(t *testing.T, p *intake, events int) map[int]int {
	t.Helper()
	var lock sync.Mutex
	var wait sync.WaitGroup
	count := map[int]int{}
	for range events {
		wait.Go(func() {
			status := f.post(t, p)
			lock.Lock()
			count[status]++
			lock.Unlock()
		})
	}
	wait.Wait()
	return count
}

// works waits until an event is accepted.
func (f *faulty) works(t *testing.T, p *intake) {
	t.Helper()
	for end := time.Now().Add(patience); f.post(t, p) != http.StatusCreated; {
		if time.Now().After(end) {
			t.Fatal("no event is accepted although the brokers are there")
		}
	}
}

// oneHangs has another broker lead soon: some events wait, or their fate is unknown, and then everything is accepted again.
func (f *faulty) oneHangs(t *testing.T, p *intake) {
	leader := f.cluster.Leader(t, faultyTopic, 0)
	f.cluster.Freeze(t, leader)
	t.Logf("answers when the leader hung: %v", f.together(t, p, 20))
	f.works(t, p)
	f.cluster.Thaw(t, leader)
	f.works(t, p)
}

// twoHang leaves one that may not accept anything: the fate of the first events is unknown, and further ones are turned away.
func (f *faulty) twoHang(t *testing.T, p *intake) {
	leader := f.cluster.Leader(t, faultyTopic, 0)
	other := (leader + 1) % 3
	f.cluster.Freeze(t, leader)
	f.cluster.Freeze(t, other)
	first := f.together(t, p, 20)
	second := f.together(t, p, 20) // one of them is let through to try
	t.Logf("answers when two hung: %v, then %v", first, second)
	if first[http.StatusCreated]+second[http.StatusCreated] > 0 {
		t.Error("an event was accepted that only one broker can have")
	}
	if second[http.StatusServiceUnavailable] < 19 {
		t.Error("events were let through to a partition that acknowledges nothing")
	}
	f.cluster.Thaw(t, leader, other)
	f.works(t, p)
}

// oneIsKilled has another broker lead within the delivery timeout: every answer is 201.
func (f *faulty) oneIsKilled(t *testing.T, p *intake) {
	f.works(t, p)
	const events, killAt = 2_000, 500
	var next, count atomic.Int64
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for next.Add(1) <= events {
				if status := f.post(t, p); status != http.StatusCreated {
					t.Errorf("answered %d", status)
					return
				}
				if count.Add(1) == killAt {
					f.cluster.Kill(f.cluster.Leader(t, faultyTopic, 0))
				}
			}
		})
	}
	senders.Wait()
}

// checkAccepted wants every accepted event in the topic once.
func (f *faulty) checkAccepted(t *testing.T) {
	t.Helper()
	text := regexp.MustCompile(`"text":"(\d+)"`)
	seen := map[string]int{}
	for _, r := range readTopic(t, faultyTopic, f.cluster.Addrs()...) {
		if m := text.FindSubmatch(r.Value); m != nil {
			seen[string(m[1])]++
		}
	}
	checkOnce(t, &f.accepted, seen)
}
