package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// span is a span as a collector gets it.
type span struct {
	TraceID, SpanID, ParentSpanID, Name, Service string
	Kind                                         int
	Attributes                                   map[string]string
}

// collector takes spans in, as OpenTelemetry's would.
type collector struct {
	url   string
	mu    sync.Mutex
	spans []span
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		c.take(t, text)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50") // milliseconds
	return c
}

func (c *collector) take(t *testing.T, text []byte) {
	type attributes []struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
	var body struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes attributes }
			ScopeSpans []struct {
				Spans []struct {
					TraceID, SpanID, ParentSpanID, Name string
					Kind                                int
					Attributes                          attributes
				}
			}
		}
	}
	if err := json.Unmarshal(text, &body); err != nil {
		t.Errorf("%v: %s", err, text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range body.ResourceSpans {
		service := ""
		for _, a := range r.Resource.Attributes {
			if a.Key == "service.name" {
				service = a.Value.StringValue
			}
		}
		for _, scope := range r.ScopeSpans {
			for _, s := range scope.Spans {
				got := span{
					TraceID: strings.ToLower(s.TraceID), SpanID: strings.ToLower(s.SpanID), ParentSpanID: strings.ToLower(s.ParentSpanID),
					Name: s.Name, Service: service, Kind: s.Kind, Attributes: map[string]string{},
				}
				for _, a := range s.Attributes {
					got.Attributes[a.Key] = a.Value.StringValue + a.Value.IntValue
				}
				c.spans = append(c.spans, got)
			}
		}
	}
}

// of returns the spans of a trace, by name.
func (c *collector) of(trace string) map[string]span {
	c.mu.Lock()
	defer c.mu.Unlock()
	byName := map[string]span{}
	for _, s := range c.spans {
		if s.TraceID == trace {
			byName[s.Name] = s
		}
	}
	return byName
}

const tracedEvent = `{"$schema":"/test/event/1.0.0","meta":{"stream":"eventgate-main.test.event","dt":"2026-01-01T00:00:00Z"},"test":"followed"}`

// An event is followed from its POST through Kafka to the streamer, in the trace that its sender began; in the intake by the file's word, in the streamer by the
// environment's. A sender that does not sample is not followed.
func TestAnEventIsFollowed(t *testing.T) {
	c := newCollector(t)
	schemas, streams, kafka := testshared.Path(t, "data/schemas/primary"), writeFile(t, "streams.yaml", testStreams), broker(t)
	conf := `{eventgate_factory_module: eventgate-wikimedia.js, topic_prefix: eqiad., kafka: {conf: {metadata.broker.list: '` + kafka + `'}}}`
	file := writeFile(t, "intake.yaml", "tracing: {endpoint: '"+c.url+"', sampling: 0}\nservices: [{name: intake, conf: "+conf+"}]")
	in := start(t, "eventgate", "-c", file, "--schemas", schemas, "--streams", streams)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.url)
	out := start(t, "eventstreams", "-c", testshared.Path(t, "data/configs/eventstreams.yaml"), "--kafka", kafka, "--schemas", schemas, "--streams", streams)

	const trace, sender, unsampled = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "11111111111111111111111111111111"
	post := func(traceparent string) {
		if status, text := ask(t, http.MethodPost, in.url+"/v1/events", tracedEvent, "Traceparent", traceparent); status != http.StatusCreated {
			t.Fatalf("%d %s", status, text)
		}
	}
	post("00-" + unsampled + "-" + sender + "-00") // so that the topic exists
	read := make(chan string, 1)
	go func() {
		read <- firstEvent(t, out.url+"/v2/stream/eventgate-main.test.event", "X-Client-IP", "192.0.2.1")
	}()
	eventually(t, "the reader is connected", func() bool {
		_, text := ask(t, http.MethodGet, out.admin+"/metrics", "")
		return strings.Contains(text, `eventstreams_connected_clients{service="eventstreams",stream="eventgate-main.test.event"} 1`)
	})
	post("00-" + trace + "-" + sender + "-01")
	if data := <-read; !strings.Contains(data, "followed") {
		t.Fatalf("read %s", data)
	}
	const topic = "eqiad.eventgate-main.test.event"
	var spans map[string]span
	eventually(t, "all spans of the trace arrive", func() bool {
		spans = c.of(trace)
		return len(spans) == 3
	})
	request, send, process := spans["POST /v1/events"], spans["send "+topic], spans["process "+topic]
	if request.ParentSpanID != sender || send.ParentSpanID != request.SpanID || process.ParentSpanID != send.SpanID {
		t.Errorf("the spans do not follow each other: %+v", spans)
	}
	if got := []int{request.Kind, send.Kind, process.Kind}; !slices.Equal(got, []int{2, 4, 5}) { // server, producer, consumer
		t.Errorf("the kinds are %v", got)
	}
	if request.Service != "intake" || process.Service != "eventstreams" || request.Attributes["http.response.status_code"] != "201" ||
		process.Attributes["messaging.destination.name"] != topic {
		t.Errorf("the spans are %+v", spans)
	}
	in.end()
	if got := c.of(unsampled); len(got) != 0 {
		t.Errorf("a trace that its sender does not sample has spans: %v", got)
	}
}

// The same in one process.
func TestServeIsTraced(t *testing.T) {
	c := newCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.url)
	p := servePlatform(t)
	const trace, sender = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	read := make(chan string, 1)
	go func() { read <- firstEvent(t, p.url+"/v2/stream/test.event") }()
	eventually(t, "the reader is connected", func() bool {
		_, text := ask(t, http.MethodGet, p.admin+"/metrics", "")
		return strings.Contains(text, `eventstreams_connected_clients{service="eventplatform",stream="test.event"} 1`)
	})
	event := `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":"followed"}`
	if status, text := ask(t, http.MethodPost, p.url+"/v1/events", event, "Traceparent", "00-"+trace+"-"+sender+"-01"); status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	if data := <-read; !strings.Contains(data, "followed") {
		t.Fatalf("read %s", data)
	}
	eventually(t, "all spans of the trace arrive", func() bool { return len(c.of(trace)) == 3 })
	for name, s := range c.of(trace) {
		if s.Service != platformName {
			t.Errorf("%s is a span of %s", name, s.Service)
		}
	}
}

// A collector that does not answer changes nothing for senders; the log says so.
func TestTracesThatCannotBeDelivered(t *testing.T) {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	conf := "{kafka: {conf: {metadata.broker.list: '" + broker(t) + "'}}}"
	in := start(t, "eventgate", "-c", writeFile(t, "c.yaml", fmt.Sprintf("tracing: {endpoint: '%s', sampling: 1}\nservices: [{name: x, conf: %s}]", refusing.URL, conf)),
		"--schemas", testshared.Path(t, "data/schemas/primary"))
	if status, text := ask(t, http.MethodPost, in.url+"/v1/events", tracedEvent); status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	in.says("traces cannot be delivered")
}

func TestWrongTracing(t *testing.T) {
	file := writeFile(t, "c.yaml", "tracing: {endpoint: collector, sampling: 2}\nservices: [{name: x, conf: {}}]")
	code, text, _ := said(t, "", "eventgate", "-c", file, "--check")
	if code != 1 || !strings.Contains(text, "tracing.endpoint") || !strings.Contains(text, "tracing.sampling") {
		t.Errorf("exit code %d: %s", code, text)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "often")
	code, _, text = said(t, "", "streamconfig", "--streams", writeFile(t, "streams.yaml", testStreams), "--listen", "127.0.0.1:0")
	if code != 1 || !strings.Contains(text, "OTEL_TRACES_SAMPLER_ARG") {
		t.Errorf("exit code %d: %s", code, text)
	}
}
