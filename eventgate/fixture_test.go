package eventgate

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/jsonschema"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// shelf is a few schemas.
type shelf map[string]*schema.Schema

func (s shelf) Lookup(_ context.Context, uri string) (*schema.Schema, error) {
	if uri == "/error/latest" {
		uri = "/error/2.1.0"
	}
	switch {
	case strings.HasPrefix(uri, "/silent/"):
		return nil, &schema.UnavailableError{URI: uri}
	case strings.HasPrefix(uri, "/broken/"):
		return nil, &schema.BrokenError{URI: uri, Message: "it has no type", File: "/secret/path"}
	case strings.Contains(uri, "://"):
		return nil, &schema.InvalidURIError{URI: uri, Reason: "it is absolute"}
	}
	if found, ok := s[uri]; ok {
		return found, nil
	}
	return nil, &schema.NotFoundError{URI: uri, Tried: 1}
}

func (s shelf) LookupBytes(uri []byte) (*schema.Schema, bool) {
	found, ok := s[string(uri)]
	return found, ok
}

// put compiles a schema of title and version.
func (s shelf) put(t testing.TB, title, version, text string) {
	t.Helper()
	compiled, err := jsonschema.Compile([]byte(text), jsonschema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	uri := "/" + title + "/" + version
	s[uri] = &schema.Schema{URI: uri, Title: title, Version: version, Validator: compiled, Source: []byte(text)}
}

const metaSchema = `"meta":{"type":"object","required":["stream"],"properties":{"id":{"type":"string"},"dt":{"type":"string","format":"date-time"},
	"stream":{"type":"string","minLength":1},"request_id":{"type":"string"},"uri":{"type":"string"},"domain":{"type":"string"}}}`

func testShelf(t testing.TB) shelf {
	s := shelf{}
	s.put(t, "click", "1.0.0", `{"type":"object","required":["$schema","meta"],"properties":{"$schema":{"type":"string"},`+metaSchema+`,
		"n":{"type":"integer"},"page":{"type":"object","properties":{"id":{"type":"integer"},"title":{"type":"string"}}},
		"http":{"type":"object","properties":{"client_ip":{"type":"string"},"request_headers":{"type":"object","additionalProperties":{"type":"string"}}}}}}`)
	s.put(t, "bare", "1.0.0", `{"type":"object","properties":{"n":{"type":"integer"}}}`)
	s.put(t, "filled", "1.0.0", `{"type":"object","properties":{`+metaSchema+`,"test":{"type":"string","default":"filled in"}}}`)
	s.put(t, "analytics/legacy/old", "1.0.0", `{"type":"object","properties":{`+metaSchema+`,"dt":{"type":"string"}}}`)
	s.put(t, "error", "2.1.0", `{"type":"object","additionalProperties":false,"required":["dt","message"],"properties":{"$schema":{"type":"string"},`+metaSchema+`,
		"dt":{"type":"string"},"emitter_id":{"type":"string"},"raw_event":{"type":"string"},"message":{"type":"string"},
		"errored_schema_uri":{"type":"string"},"errored_stream_name":{"type":"string"},"error_type":{"type":"string"}}}`)
	return s
}

const streamText = `
default_settings: {topic_prefixes: [dc1.]}
streams:
  clicks: {schema_title: click}
  bares: {schema_title: bare}
  defaults: {schema_title: filled}
  old: {schema_title: analytics/legacy/old}
  eventlogging_Old: {schema_title: click}
  keyed: {schema_title: click, message_key_fields: {page.id: page.id, t: page.title}}
  untitled: {}
  clicks.v2: {schema_title: click}
  own.headers:
    schema_title: click
    producers: {eventgate: {enrich_fields_from_http_headers: {meta.request_id: false, http.request_headers.x-own: x-own}}}
  /^any\..+/: {schema_title: click}
  errors: {schema_title: error}
  renamed: {schema_title: click, aliases: [old.name], aliases_writable: true}
  kept: {schema_title: click, aliases: [older.name]}
  tried: {schema_title: click, producers: {eventgate: {use_edge_uniques: true}}}
`

func testStreams(t testing.TB) streamconfig.Snapshot {
	t.Helper()
	c, err := streamconfig.Parse("streams.yaml", []byte(streamText))
	if err != nil {
		t.Fatal(err)
	}
	return func() *streamconfig.Config { return c }
}

// arrival is the time at which tests' events arrive.
var arrival = time.Date(2024, 3, 4, 5, 6, 7, 8_000_000, time.UTC)

// wikimedia is a gate in the Wikimedia manner with everything at hand.
func wikimedia(t testing.TB, p Producer, change ...func(*Config)) *Gate {
	t.Helper()
	cfg := Config{Manner: Wikimedia, Schemas: testShelf(t), Streams: testStreams(t), Guaranteed: p, TopicPrefix: "dc1.", Now: func() time.Time { return arrival }}
	for _, c := range change {
		c(&cfg)
	}
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return g
}

// post sends a body through a gate.
func post(g *Gate, body string, change ...func(*Request)) *Response {
	req := &Request{Body: []byte(body), Header: http.Header{}, RemoteIP: "192.0.2.1", Method: "POST", URI: "/v1/events"}
	for _, c := range change {
		c(req)
	}
	var resp Response
	g.Handle(context.Background(), req, &resp)
	return &resp
}

func withHeader(name, value string) func(*Request) {
	return func(r *Request) { r.Header.(http.Header).Set(name, value) }
}

// click is a valid event of stream clicks with further members.
func click(members string) string {
	if members != "" {
		members = "," + members
	}
	return `{"$schema":"/click/1.0.0","meta":{"stream":"clicks"}` + members + `}`
}

func wantStatus(t *testing.T, resp *Response, status int, reason string) {
	t.Helper()
	if resp.Status != status || resp.Reason != reason {
		t.Errorf("answered %d %q %s\nwant %d %q", resp.Status, resp.Reason, resp.Body, status, reason)
	}
	if len(resp.Body) > 0 && !json.Valid(resp.Body) {
		t.Errorf("the body is not JSON: %s", resp.Body)
	}
}

// message is the message of the only refused event.
func message(t *testing.T, resp *Response) string {
	t.Helper()
	var body struct {
		Invalid, Error []struct {
			Context struct{ Message, ErrorsText string }
		}
	}
	if err := json.Unmarshal(resp.Body, &body); err != nil {
		t.Fatalf("%v: %s", err, resp.Body)
	}
	all := append(body.Invalid, body.Error...)
	if len(all) != 1 {
		t.Fatalf("%d events were refused: %s", len(all), resp.Body)
	}
	return all[0].Context.Message + all[0].Context.ErrorsText
}

// only is the only record that was produced.
func only(t *testing.T, m *memory) kafka.Record {
	t.Helper()
	records := m.take()
	if len(records) != 1 {
		t.Fatalf("%d records were produced", len(records))
	}
	return records[0]
}

// ear is an observer that remembers what it hears.
type ear struct {
	mu    sync.Mutex
	heard []string
}

func (e *ear) hear(words ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, strings.Join(words, " "))
}

func (e *ear) Produced(stream, uri string)       { e.hear("produced", stream, uri) }
func (e *ear) Refused(stream, uri, why string)   { e.hear("refused", stream, uri, why) }
func (e *ear) HastyLost(stream, uri, why string) { e.hear("lost", stream, uri, why) }
func (e *ear) Noted(what Note, stream, uri string) {
	e.hear("noted", what.String(), stream, uri)
}
func (e *ear) Answered(method, route string, _ int, _ time.Duration) {
	e.hear("answered", method, route)
}

func (e *ear) count(words string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, h := range e.heard {
		if h == words {
			n++
		}
	}
	return n
}

// logBook is a logger whose lines can be read.
func logBook() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewJSONHandler(&b, nil)), &b
}
