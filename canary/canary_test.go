package canary

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

const clickSchema = `title: web/click
$id: /web/click/1.1.0
$schema: http://json-schema.org/draft-07/schema#
type: object
properties:
  $schema: {type: string}
  meta:
    type: object
    properties: {stream: {type: string}, domain: {type: string}, dt: {type: string}, id: {type: string}}
  n: {type: number}
examples:
  - {"$schema": "/web/click/1.0.0", "meta": {"stream": "of.the.example", "dt": "2020-01-01T00:00:00Z", "id": "copied"}, "n": 1.0}
  - {"n": 2}
`

const barredSchema = `title: bare
$id: /bare/1.0.0
type: object
properties: {n: {type: number}}
examples:
  - {"n": 12345678901234567890}
`

func repositories(t *testing.T) *schema.Repositories {
	t.Helper()
	r, err := schema.New(schema.Config{Embedded: fstest.MapFS{
		"web/click/1.0.0.yaml": {Data: []byte(strings.ReplaceAll(clickSchema, "1.1.0", "1.0.0"))},
		"web/click/1.1.0.yaml": {Data: []byte(clickSchema)},
		"bare/1.0.0.yaml":      {Data: []byte(barredSchema)},
		"none/1.0.0.yaml":      {Data: []byte("title: none\n$id: /none/1.0.0\ntype: object\n")},
		"list/1.0.0.yaml":      {Data: []byte("title: list\n$id: /list/1.0.0\nexamples: [[1]]\n")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestAnEventIsTheNewestSchemasFirstExample(t *testing.T) {
	now := time.Date(2026, 11, 22, 1, 2, 3, 4e6, time.UTC)
	tests := []struct {
		schema, want string
		hasID        bool
	}{
		{"web/click", `{"$schema":"/web/click/1.1.0","meta":{"stream":"a.b","dt":"2026-11-22T01:02:03.004Z","id":"ID","domain":"canary"},"n":1.0}`, true},
		// What the schema does not declare is not put in, but for what no intake does without. Numbers stay as they are.
		{"bare", `{"n":12345678901234567890,"$schema":"/bare/1.0.0","meta":{"stream":"a.b"}}`, false},
	}
	for _, test := range tests {
		s, err := repositories(t).Latest(t.Context(), test.schema)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Make(s, "a.b", now)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(e.Text) || test.hasID != (e.ID != "") || e.Time != "2026-11-22T01:02:03.004Z" {
			t.Errorf("%s: %+v", test.schema, e)
		}
		got := strings.NewReplacer(" ", "", "\n", "", e.ID, "ID").Replace(string(e.Text))
		if e.ID == "" {
			got = strings.NewReplacer(" ", "", "\n", "").Replace(string(e.Text))
		}
		if got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.schema, got, test.want)
		}
	}
	for _, title := range []string{"none", "list"} {
		s, err := repositories(t).Latest(t.Context(), title)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := Make(s, "a.b", now); err == nil {
			t.Errorf("an event was made of %s: %s", title, e.Text)
		}
	}
}

func TestServices(t *testing.T) {
	tests := []struct {
		name, object string
		want         Services // nil: an error
	}{
		{"one for all", `{"eventgate-main": "http://a:1/v1/events"}`, Services{"eventgate-main": {{"", "http://a:1/v1/events"}}}},
		{"the path is added", `{"eventgate-main": "http://a:1"}`, Services{"eventgate-main": {{"", "http://a:1/v1/events"}}}},
		{
			"as Wikimedia's job has them, where the names of services begin alike",
			`{"eventgate-analytics": "http://any:1", "eventgate-analytics-eqiad": "http://e:1", "eventgate-analytics-codfw": "http://c:1",
			  "eventgate-analytics-external": "http://any:2", "eventgate-analytics-external-eqiad": "http://e:2"}`,
			Services{
				"eventgate-analytics":          {{"codfw", "http://c:1/v1/events"}, {"eqiad", "http://e:1/v1/events"}},
				"eventgate-analytics-external": {{"eqiad", "http://e:2/v1/events"}},
			},
		},
		{"by data centre", `{"x": {"eqiad": "http://e:1", "codfw": "http://c:1/in"}}`, Services{"x": {{"codfw", "http://c:1/in"}, {"eqiad", "http://e:1/v1/events"}}}},
		{"as $wgEventServices has them", `{"x": {"url": "http://e:1/v1/events", "timeout": 62}}`, Services{"x": {{"", "http://e:1/v1/events"}}}},
		{"a list", `["http://a"]`, nil},
		{"no URL", `{"x": "a:1"}`, nil},
		{"another scheme", `{"x": "ftp://a/"}`, nil},
		{"no data centre", `{"x": {}}`, nil},
		{"a data centre without a URL", `{"x": {"eqiad": 1}}`, nil},
	}
	for _, test := range tests {
		got, err := ParseServices([]byte(test.object), Datacenters)
		if (err != nil) != (test.want == nil) || err == nil && !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v, %v", test.name, got, err)
		}
	}
}

const declarations = `
default_settings: {destination_event_service: main, schema_title: web/click}
streams:
  a: {}
  b: {canary_events_enabled: true}
  off: {canary_events_enabled: false}
  /^regex/: {canary_events_enabled: true}
  nowhere: {destination_event_service: null}
  contradiction: {destination_event_service: null, canary_events_enabled: true}
  elsewhere: {destination_event_service: unknown}
  exampleless: {schema_title: none}
  schemaless: {schema_title: missing}
`

// intakes answers in the place of servers.
type intakes struct {
	lock   sync.Mutex
	asked  map[string]int
	answer func(host, stream string, try int) (int, string, error)
}

func (f *intakes) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var events []struct {
		Meta struct{ Stream, Domain string }
	}
	if err := json.Unmarshal(body, &events); err != nil || len(events) != 1 || events[0].Meta.Domain != Domain {
		return nil, errors.New("not one canary event: " + string(body))
	}
	key := r.URL.Host + " " + events[0].Meta.Stream
	f.lock.Lock()
	f.asked[key]++
	try := f.asked[key]
	f.lock.Unlock()
	code, text, err := f.answer(r.URL.Host, events[0].Meta.Stream, try)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: code, Status: http.StatusText(code), Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func producer(t *testing.T, f *intakes, only ...string) *Producer {
	t.Helper()
	c, err := streamconfig.Parse("streams.yaml", []byte(declarations))
	if err != nil {
		t.Fatal(err)
	}
	f.asked = map[string]int{}
	services := Services{"main": {{"codfw", "http://c/v1/events"}, {"eqiad", "http://e/v1/events"}}}
	return New(Config{
		Streams: func() *streamconfig.Config { return c }, Schemas: repositories(t), HTTP: &http.Client{Transport: f}, Only: only,
		Services: func(service string) []Target { return services[service] },
	})
}

func lines(r *Report) string {
	var b strings.Builder
	for i := range r.Outcomes {
		if r.Outcomes[i].Result != Produced {
			b.WriteString(r.Outcomes[i].String() + "\n")
		}
	}
	return b.String()
}

func TestRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &intakes{answer: func(host, stream string, try int) (int, string, error) {
			switch {
			case host == "c" && stream == "a":
				return 400, `{"invalid":[{"status":"invalid","event":{},"context":{"errorsText":"'.n' should be string"}}]}`, nil
			case host == "e" && stream == "a" && try < 3:
				return 503, "busy", nil
			case host == "c" && stream == "b":
				return 0, "", errors.New("connection refused")
			}
			return 201, "", nil
		}}
		r := producer(t, f).Round(t.Context())
		const want = `contradiction: impossible: canary_events_enabled is true, but there is no destination_event_service: no canary event may be sent to it
a in codfw: refused by http://c/v1/events: Bad Request: '.n' should be string
b in codfw: unreachable by http://c/v1/events: connection refused
elsewhere: impossible: no URL is configured for its destination_event_service "unknown"
exampleless: impossible: the schema /none/1.0.0 has no examples
`
		if got := lines(r); !strings.HasPrefix(got, want) || !strings.Contains(got, "schemaless: impossible: ") {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if got := r.Summary(); got != "canary events: 6 streams, 2 produced, 1 refused, 1 unreachable, 4 impossible, in 1.5s" || !r.Failed() {
			t.Error(got)
		}
		if want := map[string]int{"c a": 1, "e a": 3, "c b": 3, "e b": 1}; !reflect.DeepEqual(f.asked, want) {
			t.Errorf("asked %v, want %v", f.asked, want)
		}
	})
}

func TestOnlyNamedStreams(t *testing.T) {
	f := &intakes{answer: func(string, string, int) (int, string, error) { return 202, "", nil }}
	r := producer(t, f, "b", "off", "absent").Round(t.Context())
	const want = "off: impossible: no canary event may be sent to it\nabsent: impossible: there is no such stream in the stream configuration\n"
	if got := lines(r); got != want || r.Count(Produced) != 2 {
		t.Errorf("%s%s", got, r.Summary())
	}
}

// A round ends although nobody ever answers.
func TestRoundIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := producer(t, &intakes{})
		p.cfg.HTTP.Transport = hangs{}
		r := p.Round(t.Context())
		if r.Took > roundTime || r.Count(Unreachable) != 4 || !strings.Contains(lines(r), "no answer within 10s") {
			t.Errorf("%s\n%s", r.Summary(), lines(r))
		}
	})
}

type hangs struct{}

func (hangs) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

type heard struct{ rounds int }

func (h *heard) CanaryRound(*Report) { h.rounds++ }

func TestRunUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := producer(t, &intakes{answer: func(string, string, int) (int, string, error) { return 201, "", nil }})
		h := &heard{}
		p.cfg.Observer = h
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Hour)
		defer cancel()
		rounds := 0
		p.Run(ctx, Interval, func(*Report) { rounds++ })
		if rounds < 15 || rounds > 19 || h.rounds != rounds {
			t.Errorf("%d rounds in four hours, the observer heard of %d", rounds, h.rounds)
		}
	})
}

func TestJudge(t *testing.T) {
	for code, want := range map[int]Result{
		200: Refused, 201: Produced, 202: Produced, 207: Refused, 302: Refused, 400: Refused, 404: Refused, 429: Unreachable, 500: Unreachable, 503: Unreachable,
	} {
		if got, _ := judge(code, "", nil); got != want {
			t.Errorf("%d is %s, want %s", code, got, want)
		}
	}
	for answer, want := range map[string]string{
		`{"invalid":[],"error":[{"context":{"message":"Broker: Message size too large"}}]}`: "Broker: Message size too large",
		"<html>\n  no  </html>":  "<html> no </html>",
		`{"error":"gone"}`:       `{"error":"gone"}`,
		strings.Repeat("é", 500): strings.Repeat("é", 150) + "…",
	} {
		if got := reason([]byte(answer)); got != want {
			t.Errorf("%.50s: %s", answer, got)
		}
	}
}
