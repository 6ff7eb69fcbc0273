package eventgate

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/schema"
)

const (
	// errorSchema is where the newest schema of error events is; the names of its fields decide which form they have.
	errorSchema = "/error/latest"
	// mostRaw is how much of a refused event's text its error event carries, mostMessage how much of what was wrong with it.
	mostRaw, mostMessage = 256 << 10, 32 << 10
	// errorQueue and errorQueueBytes bound the error events that wait to be produced; errorRate is how many a stream may cause a second.
	errorQueue      = 1000
	errorQueueBytes = 16 << 20
	errorRate       = 100
	unknown         = "unknown"
)

// errorEvents produces an event about each event that was refused by the sender's fault, behind the request's back and through the gate itself. An error
// event that is refused is logged and makes no further one.
type errorEvents struct {
	gate  *Gate
	queue chan errorReport
	done  chan struct{}
	bytes atomic.Int64 // in the queue

	mu     sync.Mutex
	second int64 // since the epoch
	caused map[string]int
}

// errorReport is what an error event is made of. Its texts are the report's own.
type errorReport struct {
	raw, message, kind, schemaURI, stream string
	id, uri, domain, requestID            string
	label                                 string // of the stream
	ready                                 []byte // made by Config.MapToError
	readyStream                           string
}

func newErrorEvents(g *Gate) *errorEvents {
	x := &errorEvents{gate: g, caused: map[string]int{}}
	if g.cfg.ErrorStream == "" {
		return x
	}
	x.queue, x.done = make(chan errorReport, errorQueue), make(chan struct{})
	go x.work()
	return x
}

func (x *errorEvents) work() {
	defer close(x.done)
	for r := range x.queue {
		x.produce(r)
		x.bytes.Add(-r.size())
	}
}

// close ends the work when the queue is empty, or when the context is over.
func (x *errorEvents) close(ctx context.Context) error {
	if x.queue == nil {
		return nil
	}
	close(x.queue)
	select {
	case <-x.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send has error events produced for the events of a request that were refused by the sender's fault.
func (x *errorEvents) send(r *run) {
	if x.queue == nil || r.lost != nil {
		return
	}
	for i := range r.events {
		e := &r.events[i]
		if e.refusal == nil || e.refusal.Fault != Sender || !x.allowed(e.streamLabel()) {
			continue
		}
		report := errorReport{
			raw: rawText(e.bytes), message: shortenTo(e.refusal.Message, mostMessage), kind: e.refusal.Type, schemaURI: shorten(e.SchemaURI()), stream: shorten(e.Stream()),
			id: shorten(e.textAt(x.gate.cfg.IDField)), uri: shorten(e.textAt("meta.uri")), domain: shorten(e.textAt("meta.domain")),
			requestID: shorten(e.textAt("meta.request_id")),
			label:     e.streamLabel(),
		}
		if report.stream == "" && len(x.gate.streamSlots) > 0 && e.isObject() {
			if raw := e.first(x.gate.streamSlots); raw != nil && raw[0] == '"' {
				report.stream = shorten(string(rawjson.AppendUnquoted(nil, raw)))
			}
		}
		if to := x.gate.cfg.MapToError; to != nil {
			report.readyStream, report.ready = to(r.ctx, e, e.refusal)
			if report.ready == nil {
				continue
			}
		}
		x.enqueue(report)
	}
}

// sendBody has an error event produced for a body that could not be taken apart.
func (x *errorEvents) sendBody(r *run, message string) {
	if x.queue == nil || r.lost != nil || !x.allowed("other") {
		return
	}
	x.enqueue(errorReport{raw: rawText(r.req.Body), message: message, kind: "MalformedBody", label: "other"})
}

func (x *errorEvents) enqueue(report errorReport) {
	if x.bytes.Add(report.size()) <= errorQueueBytes {
		select {
		case x.queue <- report:
			return
		default:
		}
	}
	x.bytes.Add(-report.size())
	x.gate.observer.Noted(ErrorEventLost, report.label, "other")
}

// size is about what a report takes in memory.
func (r *errorReport) size() int64 { return int64(1024 + len(r.raw) + len(r.message) + len(r.ready)) }

// allowed bounds the error events that one stream causes.
func (x *errorEvents) allowed(label string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if now := x.gate.cfg.Now().Unix(); now != x.second {
		x.second = now
		clear(x.caused)
	}
	x.caused[label]++
	if x.caused[label] <= errorRate {
		return true
	}
	x.gate.observer.Noted(ErrorEventLost, label, "other")
	return false
}

// rawText is the text of a refused event, cut at a bound.
func rawText(b []byte) string {
	if len(b) > mostRaw {
		b = b[:mostRaw]
	}
	return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
}

// textAt returns the text of a field, "" if the event does not have it as a text.
func (e *Event) textAt(path string) string {
	if !e.isObject() {
		return ""
	}
	raw := e.Find(path)
	if len(raw) == 0 || raw[0] != '"' {
		return ""
	}
	return string(rawjson.AppendUnquoted(nil, raw))
}

// produce makes an error event and sends it through the gate.
func (x *errorEvents) produce(report errorReport) {
	g := x.gate
	ctx := context.Background()
	body, stream := report.ready, report.readyStream
	if body == nil {
		s, err := g.cfg.Schemas.Lookup(ctx, errorSchema)
		if err != nil {
			x.failed(report, err.Error())
			return
		}
		body, stream = x.event(report, s), g.cfg.ErrorStream
	}
	var resp Response
	var lost string
	g.handle(ctx, &Request{Body: body, Stream: stream}, &resp, &lost)
	if resp.Status != 201 {
		x.failed(report, cmp.Or(lost, resp.Reason))
	}
}

func (x *errorEvents) failed(report errorReport, why string) {
	x.gate.observer.Noted(ErrorEventLost, report.label, "other")
	x.gate.log.LogAttrs(context.Background(), slog.LevelWarn, "an error event could not be produced", slog.String("stream", x.gate.cfg.ErrorStream),
		slog.String("about_stream", shorten(report.stream)), slog.String("why", why))
}

// event writes an error event with the fields that its schema declares.
func (x *errorEvents) event(report errorReport, s *schema.Schema) []byte {
	now := string(event.AppendTime(nil, x.gate.cfg.Now()))
	w := memberWriter{schema: s}
	w.open("", "{")
	w.text(s.URI, "$schema")
	w.open(`"meta":`, "{")
	w.text(x.gate.cfg.ErrorStream, "meta", "stream")
	if report.id != "" {
		w.text(report.id, "meta", "id")
	}
	w.text(now, "meta", "dt")
	w.text(usable(report.uri, isURIReference), "meta", "uri")
	w.text(usable(report.domain, nil), "meta", "domain")
	w.text(usable(report.requestID, nil), "meta", "request_id")
	w.close("}")
	w.text(now, "dt")
	w.text(x.gate.cfg.UserAgent, "emitter_id")
	w.text(report.raw, "raw_event")
	w.text(report.message, "message")
	w.text(usable(report.schemaURI, nil), "errored_schema_uri")
	w.text(usable(report.stream, nil), "errored_stream_name")
	w.text(report.kind, "error_type")
	w.close("}")
	return w.b
}

func usable(s string, ok func(string) bool) string {
	if s == "" || ok != nil && !ok(s) {
		return unknown
	}
	return s
}

func isURIReference(s string) bool {
	_, err := url.Parse(s)
	return err == nil && len(s) <= 8192 && !strings.ContainsAny(s, " \t\r\n\\")
}

// memberWriter writes members of an object if a schema declares them.
type memberWriter struct {
	schema *schema.Schema
	b      []byte
}

func (w *memberWriter) open(key, bracket string) {
	w.comma()
	w.b = append(append(w.b, key...), bracket...)
}

func (w *memberWriter) close(bracket string) { w.b = append(w.b, bracket...) }

func (w *memberWriter) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' {
		w.b = append(w.b, ',')
	}
}

func (w *memberWriter) text(value string, path ...string) {
	if !w.schema.Validator.Declares(path...) {
		return
	}
	w.comma()
	w.b = rawjson.AppendQuoted(w.b, []byte(path[len(path)-1]))
	w.b = append(w.b, ':')
	w.b = rawjson.AppendQuoted(w.b, []byte(value))
}
