package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
)

const noteSchema = "title: note\n$id: /note/1.0.0\ntype: object\nproperties:\n  $schema: {type: string}\n  meta:\n    type: object\n" +
	"    properties: {id: {type: string}, dt: {type: string}, stream: {type: string}}\n  text: {type: string}\nrequired: [$schema, meta, text]\n"

// Strangers who send nonsense cost the intake nothing that lasts, and senders of good events notice nothing: each event that was answered 201 is in
// Kafka, and afterwards there are as many goroutines and descriptors as before, and memory has not grown. 20 seconds of it, or with EVENTPLATFORM_LONG
// ten minutes.
func TestMixedTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: 20 seconds of traffic")
	}
	lasts := 20 * time.Second
	if os.Getenv("EVENTPLATFORM_LONG") != "" {
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
		"      stream_config_uri: %s\n      kafka: {conf: {metadata.broker.list: %q}}\n", repository, streams, broker.Addr()), "--streams", streams)

	var good accepted
	in.traffic(&good, lasts/10) // the pools fill, the brokers are connected to
	before := in.settled(usage{})
	in.traffic(&good, lasts)
	after := in.settled(before)
	t.Logf("%d good events; before %+v, after %+v", len(good.texts), before, after)
	if after.goroutines > before.goroutines+slackGoroutines || after.descriptors > before.descriptors+slackDescriptors {
		t.Errorf("goroutines or descriptors were left: before %+v, after %+v", before, after)
	}
	if after.memory > before.memory+slackMemory {
		t.Errorf("memory grew: before %+v, after %+v", before, after)
	}

	if len(good.texts) == 0 {
		t.Fatal("there was no good traffic")
	}
	text := regexp.MustCompile(`"text":"(good [^"]*)"`)
	there := map[string]int{}
	for _, r := range readTopic(t, broker.Addr(), "notes") {
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

// usage is what a process holds. The slacks are how much more there may be in the end: a broker's or a pool's connection more than before, the Go
// runtime's own view of when to give memory back.
type usage struct {
	goroutines, descriptors int
	memory                  int // bytes
}

const (
	slackGoroutines  = 8
	slackDescriptors = 8
	slackMemory      = 48 << 20
)

func (p *intake) usage() usage {
	p.t.Helper()
	response, err := http.Get(p.admin + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	value := func(name string) int {
		m := regexp.MustCompile(`(?m)^` + name + `\{[^}]*\} (\S+)$`).FindSubmatch(text)
		if m == nil {
			p.t.Skipf("there is no %s on this operating system", name)
		}
		f, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			p.t.Fatal(err)
		}
		return int(f)
	}
	return usage{value("go_goroutines"), value("process_open_fds"), value("process_resident_memory_bytes")}
}

// calm is how long it takes until workers and connections that nobody uses any more are gone: the HTTP library keeps workers for ten seconds.
const calm = 12

// settled waits until the process holds no more than before, if that can be had at all; without a before it waits for calm.
func (p *intake) settled(before usage) usage {
	p.t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	over := time.After(patience)
	for seconds := 1; ; seconds++ {
		select {
		case <-over:
			return p.usage()
		case <-tick.C:
		}
		now := p.usage()
		within := now.goroutines <= before.goroutines+slackGoroutines && now.descriptors <= before.descriptors+slackDescriptors && now.memory <= before.memory+slackMemory
		if within || before == (usage{}) && seconds > calm {
			return now
		}
	}
}

// accepted are the texts of the good events that were answered 201.
type accepted struct {
	mu    sync.Mutex
	texts []string
	round int
}

// traffic has good and hostile clients at work for so long, and returns when all have gone.
func (p *intake) traffic(good *accepted, lasts time.Duration) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), lasts)
	defer cancel()
	good.round++
	var clients sync.WaitGroup
	for i := range 4 {
		clients.Go(func() { p.sendGood(ctx, good, fmt.Sprintf("good %d.%d", good.round, i)) })
	}
	for _, h := range hostilities {
		for i := range h.clients {
			clients.Go(func() {
				for n := 0; every(ctx, h.pause); n++ {
					status := h.act(ctx, p, fmt.Sprintf("%d.%d", i, n))
					if status != 0 && status/100 != 4 && ctx.Err() == nil {
						p.t.Errorf("%s: answered %d", h.name, status)
						return
					}
				}
			})
		}
	}
	clients.Wait()
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
		status, err := post(context.WithoutCancel(ctx), client, p.url, strings.NewReader(note("/note/1.0.0", "notes", text)))
		if err != nil || status != http.StatusCreated {
			p.t.Errorf("a good event: %d %v", status, err)
			return
		}
		good.mu.Lock()
		good.texts = append(good.texts, text)
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
