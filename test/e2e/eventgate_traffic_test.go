package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
)

// kindLasts is how long good events are measured beside each kind of stranger.
const kindLasts = 10 * time.Second

const noteSchema = "title: note\n$id: /note/1.0.0\ntype: object\nproperties:\n  $schema: {type: string}\n  meta:\n    type: object\n" +
	"    properties: {id: {type: string}, dt: {type: string}, stream: {type: string}}\n  text: {type: string}\nrequired: [$schema, meta, text]\n"

// Strangers who send nonsense cost the intake nothing that lasts, and senders of good events notice nothing: each event that was answered 201 is in
// Kafka, and afterwards there are as many goroutines and descriptors as at the start, and memory has not grown. Ten seconds of it, or with
// EVENTPLATFORM_LONG ten minutes; then good events may also take at most twice as long as without strangers.
//
// The long form also logs what each kind of stranger does to good events.
func TestMixedTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: 10 seconds of traffic")
	}
	lasts, long := 10*time.Second, os.Getenv("EVENTPLATFORM_LONG") != ""
	if long {
		lasts = 10 * time.Minute
	}
	broker, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	repository := t.TempDir()
	notes := filepath.Join(repository, "jsonschema", "note")
	if err := os.MkdirAll(notes, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(notes, "1.0.0.yaml"), []byte(noteSchema), 0o644); err != nil {
		t.Fatal(err)
	}
	streams := filepath.Join(t.TempDir(), "streams.yaml")
	if err := os.WriteFile(streams, []byte("streams:\n  notes: {schema_title: note}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	in := startIntake(t, fmt.Sprintf("      eventgate_factory_module: eventgate-wikimedia.js\n      max_body_size: 1mb\n      schema_base_uris: %s\n"+
		"      stream_config_uri: %s\n      kafka: {conf: {metadata.broker.list: %q}}\n", repository, streams, broker.Addr()), "--streams", streams, "--debug")

	var good accepted
	in.traffic(&good, time.Second) // the producer is connected
	start := in.usage()
	alone := in.traffic(&good, lasts/10)
	in.trafficBeside("", &good, lasts/10) // caches and pools fill
	before := usage{start.goroutines, start.descriptors, in.usage().memory}
	beside := in.trafficBeside("", &good, lasts)
	after := in.settled(before)
	t.Logf("%d good events; before %+v, after %+v", len(good.texts), before, after)
	t.Logf("good events took (p50, p99) %v, %v alone and %v, %v beside strangers", percentile(alone, 0.5), percentile(alone, 0.99), percentile(beside, 0.5), percentile(beside, 0.99))
	if !after.within(before) {
		t.Errorf("something was left: before %+v, after %+v\n%s", before, after, in.profile("goroutine?debug=1"))
	}
	for _, h := range hostilities {
		if long {
			times := in.trafficBeside(h.name, &good, kindLasts)
			t.Logf("beside %s: %v, %v", h.name, percentile(times, 0.5), percentile(times, 0.99))
		}
	}
	const unnoticed = 50 * time.Millisecond // less than this is the machine's business: broker and test run on it too
	if p := percentile(beside, 0.99); long && p > max(2*percentile(alone, 0.99), unnoticed) {
		t.Errorf("beside strangers one of a hundred good events took longer than %v, alone %v", p, percentile(alone, 0.99))
	}

	text := regexp.MustCompile(`"text":"(good [^"]*)"`)
	there := map[string]int{}
	for _, r := range readTopic(t, "notes", broker.Addr()) {
		m := text.FindSubmatch(r.Value)
		if m == nil {
			t.Fatalf("Kafka has %s", r.Value)
		}
		there[string(m[1])]++
	}
	missing := 0
	for _, text := range good.texts {
		if there[text] != 1 {
			missing++
		}
	}
	if missing > 0 || len(there) != len(good.texts) {
		t.Errorf("of %d events that were answered 201, %d are not in Kafka exactly once; it has %d", len(good.texts), missing, len(there))
	}
}

// usage is what a process holds. The slacks are how much more there may be in the end: a broker's connection more than before, and what the caches
// and pools of ten minutes hold.
type usage struct {
	goroutines, descriptors int
	memory                  int // bytes in use after a collection
}

const (
	slackGoroutines  = 6
	slackDescriptors = 3
	slackMemory      = 8 << 20
)

func (u usage) within(before usage) bool {
	return u.goroutines <= before.goroutines+slackGoroutines && u.descriptors <= before.descriptors+slackDescriptors && u.memory <= before.memory+slackMemory
}

// profile is one of the Go runtime's, from the admin port. That of the heap collects garbage first.
func (p *intake) profile(name string) string {
	p.t.Helper()
	return p.operate("/debug/pprof/" + name)
}

// operate asks for something on the admin port, over a connection of its own that is gone afterwards.
func (p *intake) operate(path string) string {
	p.t.Helper()
	response, err := fleeting.Get(p.admin + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s, %v", path, response.Status, err)
	}
	return string(text)
}

func (p *intake) usage() usage {
	p.t.Helper()
	for range 2 { // pools give up what they hold at the second collection
		p.profile("heap?gc=1")
	}
	text := p.operate("/metrics")
	value := func(name string) int {
		m := regexp.MustCompile(`(?m)^` + name + `\{[^}]*\} (\S+)$`).FindStringSubmatch(text)
		if m == nil {
			p.t.Skipf("there is no %s on this operating system", name)
		}
		f, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			p.t.Fatal(err)
		}
		return int(f)
	}
	return usage{value("go_goroutines"), value("process_open_fds"), value("go_memstats_heap_alloc_bytes")}
}

// settled waits until the process holds no more than before, if that can be had at all: the HTTP library keeps a worker for ten seconds.
func (p *intake) settled(before usage) usage {
	p.t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	over := time.After(3 * patience)
	for {
		now := p.usage()
		if now.within(before) {
			return now
		}
		select {
		case <-over:
			return now
		case <-tick.C:
		}
	}
}

func percentile(times []time.Duration, part float64) time.Duration {
	slices.Sort(times)
	return times[int(part*float64(len(times)-1))]
}

// accepted are the texts of the good events that were answered 201.
type accepted struct {
	mu    sync.Mutex
	texts []string
	round int
	times []time.Duration // that the requests of this round took
}

// traffic has good clients at work for so long, and returns how long their requests took.
func (p *intake) traffic(good *accepted, lasts time.Duration) []time.Duration {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), lasts)
	defer cancel()
	good.round++
	good.times = nil
	var clients sync.WaitGroup
	for i := range 4 {
		clients.Go(func() { p.sendGood(ctx, good, fmt.Sprintf("good %d.%d", good.round, i)) })
	}
	clients.Wait()
	if len(good.times) == 0 {
		p.t.Fatal("there was no good traffic")
	}
	return good.times
}

// trafficBeside is the same beside strangers, of one kind or "" for all; it returns when they have gone too.
func (p *intake) trafficBeside(kind string, good *accepted, lasts time.Duration) []time.Duration {
	p.t.Helper()
	defer p.besiege(kind)()
	return p.traffic(good, lasts)
}

// every waits for a pause; it is false when the context is over.
func every(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sendGood sends good events one after the other, over one connection; each must be accepted.
func (p *intake) sendGood(ctx context.Context, good *accepted, name string) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
	defer client.CloseIdleConnections()
	for n := 0; every(ctx, 5*time.Millisecond); n++ {
		text := fmt.Sprintf("%s.%d", name, n)
		begun := time.Now()
		status, err := post(context.WithoutCancel(ctx), client, p.url, strings.NewReader(note("/note/1.0.0", "notes", text)))
		if err != nil || status != http.StatusCreated {
			p.t.Errorf("a good event: %d %v", status, err)
			return
		}
		good.mu.Lock()
		good.texts, good.times = append(good.texts, text), append(good.times, time.Since(begun))
		good.mu.Unlock()
	}
}

func note(schema, stream, text string) string {
	return fmt.Sprintf(`{"$schema":%q,"meta":{"stream":%q},"text":%q}`, schema, stream, text)
}

func post(ctx context.Context, client *http.Client, url string, body io.Reader) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/events", body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}
