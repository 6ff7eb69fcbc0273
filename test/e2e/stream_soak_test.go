package e2e

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// soakKind is a way of using streams. Every one of them sees consecutive events.
type soakKind struct {
	name, method, query, body, accept, encoding string

	stalled bool // reads nothing
	ends    bool // the server may end it
	resumes bool // goes on where the last one was cut
}

var soakKinds = []soakKind{
	{name: "plain"},
	{name: "resumed", resumes: true},
	{name: "resumed with gzip", encoding: "gzip", resumes: true},
	{name: "gzip", encoding: "gzip"},
	{name: "zstd", encoding: "zstd"},
	{name: "lines", accept: "application/json"},
	{name: "lines with zstd", accept: "application/json", encoding: "zstd"},
	{name: "where", query: "?where=meta.stream:test.event&where=meta.stream:other"},
	{name: "fields", query: "?fields=test,meta.offset", encoding: "gzip"},
	{name: "limit", query: "?limit=30&control=true", ends: true},
	{name: "until", query: "?until=%UNTIL%", ends: true},
	{name: "since", query: "?since=%SINCE%"},
	{name: "since, until", query: "?since=%SINCE%&until=%SINCE%", ends: true},
	{name: "posted", method: http.MethodPost, body: `{"where":{"meta.stream":["test.event","other"]}}`},
	{name: "head", method: http.MethodHead, ends: true},
	{name: "stalled", stalled: true},
	{name: "stalled and behind", query: "?since=%SINCE%", encoding: "gzip", stalled: true},
	{name: "filter", query: "?filter=" + url.QueryEscape(`event.test != "" && topic.endsWith("test.event")`)},
}

// soak is a platform under clients that come and go.
type soak struct {
	*platform
	web     *http.Client
	streams atomic.Int64
	events  atomic.Int64
}

// Clients of every kind come and go at random for a while; whatever they see is in order and without holes, and in the end nothing is left of them: no
// connection is counted, and goroutines, descriptors and memory are about what they were. It lasts ten minutes with EVENTPLATFORM_LONG=1.
func TestStreamSoak(t *testing.T) {
	lasts, slots := 10*time.Second, 40
	if os.Getenv("EVENTPLATFORM_LONG") != "" {
		lasts = 10 * time.Minute
	}
	admin := freeAddress(t)
	s := &soak{platform: serve(t, "--data-dir", t.TempDir(), "--admin-listen", admin), web: &http.Client{Transport: &http.Transport{
		DisableCompression: true, DisableKeepAlives: true}}}
	if status, text := s.post("/v1/events", "application/json", testEvent(0)); status != http.StatusCreated {
		t.Fatalf("%d: %s", status, text)
	}
	before := scrape(t, admin)
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() {
		for n := int64(1); ctx.Err() == nil; n += 10 {
			var batch []string
			for i := range int64(10) {
				batch = append(batch, testEvent(n+i))
			}
			if status, text, err := s.tryPost("/v1/events", "application/json", "["+strings.Join(batch, ",")+"]"); err != nil || status != http.StatusCreated {
				t.Errorf("producing: %d %s %v", status, text, err)
				return
			}
		}
	})
	for slot := range slots {
		running.Go(func() {
			r := rand.New(rand.NewPCG(uint64(slot), 3))
			cut := map[string]string{} // the last ids of kinds that resume
			had := map[string]int64{}
			for ctx.Err() == nil {
				kind := soakKinds[r.IntN(len(soakKinds))]
				if err := s.one(ctx, r, &kind, cut, had); err != nil {
					t.Errorf("%s: %v", kind.name, err)
					return
				}
			}
		})
	}
	running.Wait()
	t.Logf("%d streams, %d events", s.streams.Load(), s.events.Load())
	if s.streams.Load() < 100 || s.events.Load() < 1000 {
		t.Error("that proves little")
	}
	const streams, goroutines, files, memory = "eventstreams_connected_clients", "go_goroutines", "process_open_fds", "process_resident_memory_bytes"
	most := map[string]float64{streams: 0, goroutines: before[goroutines] + 30, files: before[files] + 15, memory: before[memory] + 192<<20}
	for deadline := time.Now().Add(2 * patience); ; <-time.After(200 * time.Millisecond) {
		now, left := scrape(t, admin), ""
		for name, bound := range most {
			if now[name] > bound {
				left += fmt.Sprintf("\n%s is %.0f, was %.0f", name, now[name], before[name])
			}
		}
		if left == "" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("something is left of clients that are gone:%s", left)
		}
	}
}

// one opens one stream, reads it for a random time, and says what is wrong with what came.
func (s *soak) one(ctx context.Context, r *rand.Rand, kind *soakKind, cut map[string]string, had map[string]int64) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(2000))*time.Millisecond)
	defer cancel()
	now := time.Now().UnixMilli()
	query := strings.NewReplacer("%UNTIL%", strconv.FormatInt(now+r.Int64N(1000), 10), "%SINCE%", strconv.FormatInt(now-r.Int64N(5000), 10)).Replace(kind.query)
	request, err := http.NewRequestWithContext(ctx, kind.method, s.url+"/v2/stream/test.event"+query, strings.NewReader(kind.body))
	if err != nil {
		return err
	}
	if kind.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if kind.accept != "" {
		request.Header.Set("Accept", kind.accept)
	}
	if kind.encoding != "" {
		request.Header.Set("Accept-Encoding", kind.encoding)
	}
	last := int64(-1)
	if id := cut[kind.name]; kind.resumes && id != "" {
		request.Header.Set("Last-Event-ID", id)
		last = had[kind.name]
	}
	response, err := s.web.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil // cut before the head came
		}
		return err
	}
	defer response.Body.Close()
	s.streams.Add(1)
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	if kind.stalled {
		<-ctx.Done()
		return nil
	}
	body, err := decoder(response)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	defer body.Close()
	lines := bufio.NewReaderSize(body, 64<<10)
	pending := int64(-1)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF) && kind.ends:
			return nil
		case err != nil:
			return fmt.Errorf("after event %d: %w", last, err)
		}
		if _, rest, ok := strings.Cut(line, `"test":"`); ok {
			n, err := strconv.ParseInt(rest[:strings.IndexByte(rest, '"')], 10, 64)
			if err != nil {
				return err
			}
			if last >= 0 && n != last+1 {
				return fmt.Errorf("after event %d comes %d", last, n)
			}
			last, pending = n, n
			s.events.Add(1)
		}
		if id, ok := strings.CutPrefix(line, "id: "); ok && pending >= 0 {
			cut[kind.name], had[kind.name] = strings.TrimSpace(id), pending
		}
	}
}

// decoder reads a body that may be compressed.
func decoder(response *http.Response) (io.ReadCloser, error) {
	switch response.Header.Get("Content-Encoding") {
	case "gzip":
		return gzip.NewReader(response.Body)
	case "zstd":
		d, err := zstd.NewReader(response.Body, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return response.Body, nil
}

// scrape reads the metrics, added up over labels.
func scrape(t *testing.T, admin string) map[string]float64 {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	sums := map[string]float64{}
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		name, _, labels := strings.Cut(name, "{")
		if labels {
			_, value, _ = strings.Cut(lines.Text(), "} ")
		}
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			sums[name] += v
		}
	}
	return sums
}
