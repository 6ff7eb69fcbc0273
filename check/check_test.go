package check

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams/client"
)

func TestTheLineOfAResult(t *testing.T) {
	tests := []struct {
		result Result
		want   string
	}{
		{
			Result{
				Name: "STREAM", Text: "an event of a|b\nafter 1 s",
				Values: []Value{seconds("time", 1234*time.Millisecond, 10*time.Second, time.Minute), {Name: "events", Number: 3}},
			},
			"STREAM OK - an event of a/b after 1 s | time=1.234s;10.000;60.000;0 events=3;;;0",
		},
		{Result{Name: "LAG", Status: Warning, Text: "behind"}, "LAG WARNING - behind"},
		{failed("INTAKE", Critical, "%s", "no\nanswer"), "INTAKE CRITICAL - no answer"},
		{failed("CONFIG", Unknown, "what?"), "CONFIG UNKNOWN - what?"},
	}
	for _, test := range tests {
		if got := test.result.Line(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestTheOtherFormsOfAResult(t *testing.T) {
	r := Result{
		Name: "CANARY", Status: Critical, Text: "1 of 2 <missing>", Values: []Value{seconds("delay", 250*time.Millisecond, 0, time.Second)},
		Series:  []Series{{"arrived", map[string]string{"stream": `a"\`, "dc": "eqiad"}, 1}, {"arrived", map[string]string{"stream": "b"}, 0}},
		Details: []string{"b is not there"},
	}
	var text, object, metrics strings.Builder
	if err := r.WriteText(&text); err != nil || text.String() != "CANARY CRITICAL - 1 of 2 <missing> | delay=0.250s;;1.000;0\nb is not there\n" {
		t.Error(text.String(), err)
	}
	const wantJSON = `{"check":"canary","status":"CRITICAL","code":2,"text":"1 of 2 <missing>","values":{"delay_seconds":0.25},` +
		`"series":[{"name":"arrived","labels":{"dc":"eqiad","stream":"a\"\\"},"value":1},{"name":"arrived","labels":{"stream":"b"},"value":0}],"details":["b is not there"]}`
	if err := r.WriteJSON(&object); err != nil || strings.TrimSpace(object.String()) != wantJSON {
		t.Error(object.String(), err)
	}
	const wantMetrics = `# HELP probe_success Whether the check was good: 1, also with a warning, or 0.
# TYPE probe_success gauge
probe_success 0
# HELP probe_status The check's exit code: 0 OK, 1 warning, 2 critical, 3 unknown.
# TYPE probe_status gauge
probe_status 2
# HELP probe_duration_seconds How long the check took.
# TYPE probe_duration_seconds gauge
probe_duration_seconds 2
# HELP probe_delay_seconds A measurement of the check.
# TYPE probe_delay_seconds gauge
probe_delay_seconds 0.25
# HELP probe_arrived A measurement of the check.
# TYPE probe_arrived gauge
probe_arrived{dc="eqiad",stream="a\"\\"} 1
probe_arrived{stream="b"} 0
`
	if err := r.WriteMetrics(&metrics, 2*time.Second); err != nil || metrics.String() != wantMetrics {
		t.Error(metrics.String(), err)
	}
	for i := range 2 * maxDetails {
		r.Details = append(r.Details, fmt.Sprint(i))
	}
	text.Reset()
	if err := r.WriteText(&text); err != nil || strings.Count(text.String(), "\n") != maxDetails+2 || !strings.HasSuffix(text.String(), "and 101 more\n") {
		t.Error(text.String(), err)
	}
}

// streamer serves streams: /v2/stream/a,b; events are what answers a stream's name, nil for one that is not served.
type streamer struct {
	*httptest.Server
	events func(stream string) []string

	lock  sync.Mutex
	asked []string
}

func serve(t *testing.T, events func(stream string) []string) *streamer {
	t.Helper()
	s := &streamer{events: events}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *streamer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	s.asked = append(s.asked, r.URL.String())
	s.lock.Unlock()
	var all []string
	if r.Header.Get("X-Client-IP") == "" {
		http.Error(w, "X-Client-IP is missing", http.StatusBadRequest)
		return
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(r.URL.Path, "/v2/stream/"), ",") {
		events := s.events(name)
		if events == nil {
			http.Error(w, "no such stream", http.StatusNotFound)
			return
		}
		all = append(all, events...)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for i, e := range all {
		fmt.Fprintf(w, "event: message\ndata: %s\nid: %d\n\n", e, i)
	}
	if r.URL.Query().Has("until") {
		fmt.Fprint(w, "event: end\ndata: {}\n\n")
		return
	}
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func event(stream, topic, domain, id string, at time.Time) string {
	text, err := json.Marshal(map[string]any{"meta": map[string]string{
		"stream": stream, "topic": topic, "domain": domain, "id": id, "dt": at.UTC().Format("2006-01-02T15:04:05.000Z"),
	}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// address is a header that the streamer of these tests wants.
var address = http.Header{"X-Client-Ip": {"192.0.2.1"}}

func TestStream(t *testing.T) {
	now := time.Now()
	s := serve(t, func(stream string) []string {
		switch stream {
		case "rc":
			return []string{
				event("rc", "eqiad.rc", "canary", "1", now), event("rc", "codfw.rc", "en.wikipedia.org", "2", now.Add(-time.Hour)), `{"meta":"no object"}`,
			}
		case "silent":
			return []string{}
		}
		return nil
	})
	tests := []struct {
		name  string
		check Stream
		want  Status
		text  string
	}{
		{"any event", Stream{From: client.Config{Streams: []string{"rc"}}}, OK, "an event of rc after "},
		{"no canary event", Stream{From: client.Config{Streams: []string{"rc"}}, IgnoreCanary: true}, OK, ", 36"},
		{"of a data centre", Stream{From: client.Config{Streams: []string{"rc"}}, Datacenter: "codfw"}, OK, "an event of rc from codfw after "},
		{"late", Stream{From: client.Config{Streams: []string{"rc"}}, Warning: 1}, Warning, "an event of rc after "},
		{
			"of no data centre, until the stream ends", Stream{From: client.Config{Streams: []string{"rc"}, Query: url.Values{"until": {"now"}}}, Datacenter: "esams"},
			Critical, "no event of rc from esams: the stream has ended; not counted: 0 canary events, 3 of other data centres",
		},
		{"silent", Stream{From: client.Config{Streams: []string{"silent"}}, Within: 300 * time.Millisecond}, Critical, "no event of silent within 300ms"},
		{"not served", Stream{From: client.Config{Streams: []string{"none"}}}, Critical, "none: the server answers 404 Not Found: no such stream"},
	}
	for _, test := range tests {
		test.check.From.URL, test.check.Header = s.URL, address
		if test.check.Within == 0 {
			test.check.Within = time.Minute
		}
		if got := test.check.Run(t.Context()); got.Status != test.want || !strings.Contains(got.Text, test.text) {
			t.Errorf("%s: %s", test.name, got.Line())
		}
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	for within := 100 * time.Millisecond; ; within *= 2 { // until there is time for one try
		r := Stream{From: client.Config{URL: gone.URL, Streams: []string{"rc"}}, Within: within}.Run(t.Context())
		if r.Status == Critical && strings.Contains(r.Text, "connection refused") {
			break
		}
		if r.Status != Critical || within > time.Minute {
			t.Fatal(r.Line())
		}
	}
}

func TestIntake(t *testing.T) {
	requests := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Method + " " + r.URL.String()
		switch r.URL.String() {
		case "/v1/_test/events":
			w.WriteHeader(http.StatusCreated)
		case "/v1/events?dry_run=true":
		case "/v1/events":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"invalid":[]}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	tests := []struct {
		check   Intake
		request string
		want    string
	}{
		{Intake{}, "GET /v1/_test/events", "INTAKE OK - 201 Created after "},
		{Intake{Warning: 1}, "GET /v1/_test/events", "INTAKE WARNING - 201 Created after "},
		{Intake{Stream: "a", DryRun: true}, "POST /v1/events?dry_run=true", "INTAKE OK - 200 OK after "},
		{Intake{Stream: "a"}, "POST /v1/events", `INTAKE CRITICAL - 400 Bad Request: {"invalid":[]} | time=`},
		{Intake{URL: "/other"}, "GET /other", "INTAKE CRITICAL - the intake has no test events (404)"},
		{Intake{DryRun: true}, "", "INTAKE UNKNOWN - the intake's own test events are always produced: a dry run needs a stream"},
	}
	for _, test := range tests {
		test.check.URL, test.check.Critical = server.URL+test.check.URL, time.Minute
		r, got := test.check.Run(t.Context()), ""
		if len(requests) > 0 {
			got = <-requests
		}
		if got != test.request || !strings.HasPrefix(r.Line(), test.want) {
			t.Errorf("asked %s; %s", got, r.Line())
		}
	}
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hangs.Close()
	if r := (Intake{URL: hangs.URL, Critical: 200 * time.Millisecond}).Run(t.Context()); !strings.HasPrefix(r.Line(), "INTAKE CRITICAL - no answer within 200ms | time=") {
		t.Error(r.Line())
	}
}

func TestLag(t *testing.T) {
	var metrics string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			t.Errorf("asked for %s", r.URL)
		}
		fmt.Fprint(w, metrics)
	}))
	defer server.Close()
	const behind = `# TYPE eventstreams_partition_lag_records gauge
eventstreams_partition_lag_records{partition="0",service="es",topic="eqiad.a"} 12
eventstreams_partition_lag_records{partition="1",service="es",topic="a\"}b"} 1.5e+04 1700000000
`
	for text, want := range map[string]string{
		"":                                      "LAG UNKNOWN - " + server.URL + "/metrics has no metrics of a streamer; is it the admin address of serve or eventstreams?",
		"eventstreams_events_delivered_total 0": "LAG OK - no partition is read: nobody asks for any stream | lag=0;100;20000;0 partitions=0;;;0",
		behind:                                  `LAG WARNING - at most 15000 records behind, in partition 1 of a"}b | lag=15000;100;20000;0 partitions=2;;;0`,
		behind + `eventstreams_partition_lag_records{partition="0",topic="c"} 20000`: `LAG CRITICAL - at most 20000 records behind, in partition 0 of c | lag=20000;100;20000;0 partitions=3;;;0`,
	} {
		metrics = text
		if r := (Lag{URL: server.URL, Warning: 100, Critical: 20000}).Run(t.Context()); r.Line() != want {
			t.Errorf("got  %s\nwant %s", r.Line(), want)
		}
	}
	for _, line := range []string{"", "# HELP a b", "a", "a x", `a{b} 1`, `a{b="c 1`, `a{b="\z"} 1`, " "} {
		if s, ok := parseSample(line); ok {
			t.Errorf("%q is no sample, but %+v", line, s)
		}
	}
}
