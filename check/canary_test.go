package check

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestTheLastCanaryEvents(t *testing.T) {
	now := time.Now()
	everywhere := func(stream string) []string {
		switch stream {
		case "a", "b":
			return []string{
				event(stream, "eqiad."+stream, "canary", "old", now.Add(-20*time.Minute)), event(stream, "eqiad."+stream, "canary", "new", now.Add(-10*time.Second)),
				event(stream, "codfw."+stream, "canary", "c", now.Add(-40*time.Second)), event(stream, "eqiad."+stream, "en.wikipedia.org", "x", now),
			}
		case "public":
			return []string{event(stream, "eqiad.public", "canary", "p", now), event(stream, "codfw.public", "canary", "p", now)}
		}
		return nil
	}
	broken := func(stream string) []string { // what codfw's mirror brings of b is missing, and public is not served
		events := everywhere(stream)
		switch stream {
		case "b":
			return events[2:3]
		case "public":
			return nil
		}
		return events
	}
	eqiad, codfw := serve(t, everywhere), serve(t, broken)
	c := Canary{
		Streamers: []Streamer{{"eqiad", eqiad.URL}}, Streams: []string{"a", "b", "public"}, Within: time.Hour, Header: address,
		Last: []Sent{{Stream: "a", Datacenter: "eqiad"}, {Stream: "a", Datacenter: "codfw"}, {Stream: "b", Datacenter: "eqiad"}, {Stream: "public"}},
	}
	r := c.Run(t.Context())
	if r.Status != OK || !strings.HasPrefix(r.Text, "the last canary events of 3 streams came out of 1 streamers, the oldest ") {
		t.Error(r.Line())
	}
	if query, err := url.ParseQuery(strings.SplitN(eqiad.asked[0], "?", 2)[1]); err != nil || query.Get("where") != "meta.domain:canary" || query.Get("until") == "" {
		t.Errorf("asked %s: %v", eqiad.asked[0], err)
	}

	c.Warning = 30 * time.Second
	if r = c.Run(t.Context()); r.Status != Warning {
		t.Error(r.Line())
	}

	c.Streamers = append(c.Streamers, Streamer{"codfw", codfw.URL})
	r = c.Run(t.Context())
	if want := "1 of 7 canary events did not come out within 1h0m0s; 1 are of streams that are not served there"; r.Status != Critical || r.Text != want {
		t.Error(r.Line())
	}
	if want := "b of eqiad: no canary event at codfw (" + codfw.URL + ")"; len(r.Details) != 1 || r.Details[0] != want {
		t.Errorf("%q", r.Details)
	}
	for _, s := range r.Series {
		if missing := s.Labels["stream"] == "b" && s.Labels["streamer"] == "codfw"; s.Name == "canary_arrived" && (s.Value == 0) != missing {
			t.Errorf("%+v", s)
		}
	}

	c.Streamers, c.Streams, c.Last = c.Streamers[1:], []string{"public"}, c.Last[3:]
	if r = c.Run(t.Context()); r.Status != Critical || r.Text != "none of the streams that have canary events is served" || !strings.Contains(r.Details[0], "no such stream") {
		t.Error(r.Line())
	}
	if r = (Canary{}).Run(t.Context()); r.Status != Unknown {
		t.Error(r.Line())
	}
}

func TestProducedCanaryEvents(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	events := make(chan string, 2)
	opened := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		opened <- struct{}{}
		for {
			select {
			case <-r.Context().Done():
				return
			case e := <-events:
				_, _ = w.Write([]byte("data: " + e + "\nid: 1\n\n"))
				_ = http.NewResponseController(w).Flush()
			}
		}
	}))
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	at := time.Now()
	sent := Sent{Stream: "a", Datacenter: "eqiad", ID: "1", Time: "t"}
	c := Canary{
		Streamers: []Streamer{{"eqiad", server.URL}}, Streams: []string{"a"}, Within: time.Minute,
		Produce: func(context.Context) ([]Sent, []string) {
			<-opened // the streamer is listened to before anything is sent
			events <- event("a", "eqiad.a", "canary", "another", at)
			events <- event("a", "eqiad.a", "canary", "1", at)
			return []Sent{sent}, nil
		},
	}
	r := c.Run(t.Context())
	if r.Status != OK || !strings.HasPrefix(r.Text, "canary events of 1 streams came out of 1 streamers, the slowest after ") || r.Values[0].Name != "delay" {
		t.Error(r.Line())
	}
	var metrics strings.Builder
	if err := r.WriteMetrics(&metrics, time.Second); err != nil {
		t.Error(err)
	}
	types := map[string]bool{}
	for line := range strings.Lines(metrics.String()) {
		if strings.HasPrefix(line, "# TYPE") && types[line] {
			t.Errorf("twice: %s", line)
		}
		types[line] = true
	}
	c.Produce = func(context.Context) ([]Sent, []string) {
		<-opened
		return nil, []string{"a in eqiad: refused"}
	}
	if r = c.Run(t.Context()); r.Status != Critical || r.Text != "1 canary events could not be produced" || len(r.Details) != 1 {
		t.Error(r.Line())
	}
	c.Within = 300 * time.Millisecond
	c.Produce = func(context.Context) ([]Sent, []string) {
		<-opened
		return []Sent{sent}, nil
	}
	if r = c.Run(t.Context()); r.Status != Critical || r.Text != "1 of 1 canary events did not come out within 300ms" {
		t.Error(r.Line())
	}
}

func TestProber(t *testing.T) {
	var asked string
	release := make(chan struct{})
	p := &Prober{
		Allow: []string{"http://a:1", "http://b/v2/"}, Longest: time.Minute,
		Modules: map[string]func(context.Context, string, url.Values) (Result, error){
			"stream": func(ctx context.Context, target string, q url.Values) (Result, error) {
				deadline, _ := ctx.Deadline()
				asked = target + " " + q.Get("dc") + " " + time.Until(deadline).Round(time.Second).String()
				return Result{Name: "STREAM", Status: Warning}, nil
			},
			"hangs": func(context.Context, string, url.Values) (Result, error) { <-release; return Result{}, nil },
		},
	}
	handler := p.Handler()
	get := func(target string, header ...string) (int, string) {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if code, text := get("/probe?module=stream&dc=eqiad&target=http://a:1/v2/stream/x", "X-Prometheus-Scrape-Timeout-Seconds", "10.5"); code != 200 ||
		!strings.Contains(text, "probe_success 1\n") || !strings.Contains(text, "probe_status 1\n") || asked != "http://a:1/v2/stream/x eqiad 10s" {
		t.Errorf("%d %s asked %s", code, text, asked)
	}
	for target, want := range map[string]int{
		"http://a:1/v2/stream/x": 200, "http://A:1": 200, "http://b/v2/stream/x": 200, "http://b/v2": 200,
		"http://b/v1": 403, "http://b/v2/../v1": 403, "http://b/v20": 403, "http://a:2/": 403, "https://a:1/": 403, "http://u@a:1/": 403, "http://c/": 403, "a:1": 403,
	} {
		if code, text := get("/probe?module=stream&target=" + url.QueryEscape(target)); code != want {
			t.Errorf("%s: %d %s", target, code, text)
		}
	}
	if code, text := get("/probe?module=other"); code != 400 || !strings.Contains(text, "hangs, stream") {
		t.Error(code, text)
	}
	if code, text := get("/"); code != 404 || !strings.Contains(text, "/probe?module=NAME") {
		t.Error(code, text)
	}
	codes := make(chan int)
	for range atOnce + 1 {
		go func() {
			code, _ := get("/probe?module=hangs")
			codes <- code
		}()
	}
	if code := <-codes; code != 503 { // the others hang
		t.Error(code)
	}
	close(release)
	for range atOnce {
		if code := <-codes; code != 200 {
			t.Error(code)
		}
	}
}
