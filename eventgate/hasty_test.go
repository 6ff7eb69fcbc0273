package eventgate

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/eventplatform/eventplatform/kafka"
)

func hasty(r *Request) { r.Hasty = true }

func TestHastyRequestsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{hold: make(chan struct{})}
		g := wikimedia(t, m, func(c *Config) { c.Transforms = []string{} })
		req := &Request{Body: []byte("[" + click("") + "," + click(`"n":"x"`) + "]"), Hasty: true}
		var resp Response
		g.Handle(context.Background(), req, &resp)
		wantStatus(t, &resp, 202, "2 events hastily received.")
		if len(resp.Body) > 0 || resp.Retained {
			t.Errorf("body %s, retained %v", resp.Body, resp.Retained)
		}
		copy(req.Body, strings.Repeat("x", len(req.Body))) // the body is the caller's again
		ended, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := g.Close(ended); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close returned %v while an event had no outcome", err)
		}
		close(m.hold)
		synctest.Wait()
		if got := string(only(t, m).Value); !strings.HasPrefix(got, `{"$schema":"/click/1.0.0"`) {
			t.Errorf("produced %s", got)
		}
	})
}

func TestTheHastyQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, e := &memory{hold: make(chan struct{})}, &ear{}
		g := wikimedia(t, m, func(c *Config) { c.HastyMaxBytes, c.Observer = 300, e })
		wantStatus(t, post(g, click(""), hasty), 202, "1 events hastily received.")
		resp := post(g, click(`"x":"`+strings.Repeat("x", 200)+`"`), hasty)
		wantStatus(t, resp, 503, "1 out of 1 events had failures and were not accepted. (0 invalid and 1 errored).")
		if resp.Get("Retry-After") == "" || e.count("refused clicks /click/1.0.0 HastyQueueFull") != 1 {
			t.Errorf("Retry-After %q, heard %q", resp.Get("Retry-After"), e.heard)
		}
		close(m.hold)
		synctest.Wait()
		if n := len(m.take()); n != 1 {
			t.Errorf("%d records were produced", n)
		}
		wantStatus(t, post(g, click(`"x":"`+strings.Repeat("x", 100)+`"`), hasty), 202, "1 events hastily received.")
		synctest.Wait()
	})
}

func TestLostHastyEventsAreToldOf(t *testing.T) {
	log, lines := logBook()
	e := &ear{}
	m := &memory{refuse: func(*kafka.Record) error { return &kafka.DeliveryError{Kind: kafka.Timeout, Msg: "no answer"} }}
	g := wikimedia(t, m, func(c *Config) { c.Observer, c.Logger = e, log })
	wantStatus(t, post(g, "["+click("")+","+click("")+"]", hasty), 202, "2 events hastily received.")
	if err := g.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if e.count("lost clicks /click/1.0.0 Timeout") != 2 || strings.Count(lines.String(), "\n") != 1 || !strings.Contains(lines.String(), `"level":"ERROR"`) {
		t.Errorf("heard %q, logged %s", e.heard, lines)
	}
}

// Of which it is known at hand-over that nothing is produced, that is answered, and counted as refused only.
func TestHastyEventsOfAStalledTopicAreRefused(t *testing.T) {
	log, lines := logBook()
	e := &ear{}
	m := &memory{refuse: func(r *kafka.Record) error {
		if strings.Contains(string(r.Value), `"n":7`) {
			return nil
		}
		return &kafka.DeliveryError{Kind: kafka.Unavailable, Msg: "not now"}
	}}
	g := wikimedia(t, m, func(c *Config) { c.Observer, c.Logger = e, log })
	resp := post(g, "["+click("")+","+click("")+"]", hasty)
	wantStatus(t, resp, 503, "2 out of 2 events had failures and were not accepted. (0 invalid and 2 errored).")
	if resp.Get("Retry-After") == "" || !strings.Contains(string(resp.Body), "not now") {
		t.Errorf("Retry-After %q: %s", resp.Get("Retry-After"), resp.Body)
	}
	if e.count("refused clicks /click/1.0.0 Unavailable") != 2 || e.count("lost clicks /click/1.0.0 Unavailable") != 0 || strings.Contains(lines.String(), "lost") {
		t.Errorf("heard %q, logged %s", e.heard, lines)
	}
	wantStatus(t, post(g, "["+click("")+","+click(`"n":7`)+"]", hasty), 202, "2 events hastily received.")
	if err := g.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if e.count("lost clicks /click/1.0.0 Unavailable") != 1 || g.hastyBytes.Load() != 0 {
		t.Errorf("heard %q, %d bytes wait", e.heard, g.hastyBytes.Load())
	}
}

func TestHastyBodiesMustBeJSON(t *testing.T) {
	wantStatus(t, post(wikimedia(t, &memory{}), "[{]", hasty), 400, notJSON)
	wantStatus(t, post(wikimedia(t, &memory{}), "[]", hasty), 400, emptyBody)
}

func withErrors(c *Config) { c.ErrorStream, c.UserAgent = "errors", "the intake" }

func TestRefusalsBecomeErrorEvents(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m := &memory{}
	cfg := Config{Manner: Wikimedia, Schemas: testShelf(t), Streams: testStreams(t), Guaranteed: m, TopicPrefix: "dc1.", Now: func() time.Time { return arrival }}
	withErrors(&cfg)
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sent := `{"$schema":"/click/1.0.0","meta":{"stream":"clicks","id":"i","uri":"http://x/","domain":"x","request_id":"r","dt":"2024-03-04T05:06:07Z"},"http":{"client_ip":"::1"},"n":"\u00e9"}`
	post(g, "["+sent+`,{"$schema":"/no/1.0.0","meta":{"stream":"nowhere"}}]`)
	post(g, `{"broken`)
	if err := g.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	records := m.take()
	if len(records) != 3 {
		t.Fatalf("%d records were produced", len(records))
	}
	want := []map[string]string{
		{"$schema": "/error/2.1.0", "meta.stream": "errors", "meta.id": "i", "meta.uri": "http://x/", "meta.domain": "x", "meta.request_id": "r", "emitter_id": "the intake",
			"dt": "2024-03-04T05:06:07.008Z", "message": "'.n' should be integer", "errored_schema_uri": "/click/1.0.0", "errored_stream_name": "clicks", "error_type": "ValidationError", "raw_event": sent},
		{"meta.uri": "unknown", "meta.domain": "unknown", "meta.request_id": "unknown", "message": "Failed loading schema at /no/1.0.0", "errored_schema_uri": "/no/1.0.0",
			"errored_stream_name": "nowhere", "error_type": "UnknownSchema"},
		{"raw_event": `{"broken`, "errored_schema_uri": "unknown", "errored_stream_name": "unknown", "error_type": "MalformedBody"},
	}
	for i, r := range records {
		if r.Topic != "dc1.errors" {
			t.Errorf("an error event went to %s", r.Topic)
		}
		var v map[string]any
		if err := json.Unmarshal(r.Value, &v); err != nil {
			t.Fatal(err)
		}
		for path, w := range want[i] {
			if got := dig(v, path); got != w {
				t.Errorf("error event %d has %s %v, want %s", i, path, got, w)
			}
		}
	}
}

func TestErrorEventsDoNotLoop(t *testing.T) {
	m, e := &memory{}, &ear{}
	g := wikimedia(t, m, withErrors, func(c *Config) { c.Observer, c.ErrorStream = e, "not.configured" })
	post(g, click(`"n":"x"`))
	if err := g.errors.close(context.Background()); err != nil {
		t.Fatal(err)
	}
	g.errors.queue = nil
	if got := e.count("refused other /error/2.1.0 UnknownStream"); got != 1 {
		t.Errorf("%d error events were tried for one refusal", got)
	}
}

// What waits to be produced about refused events is bounded in bytes too.
func TestTheErrorQueueIsBounded(t *testing.T) {
	m, e := &memory{hold: make(chan struct{}), count: true}, &ear{}
	g := wikimedia(t, m, withErrors, func(c *Config) { c.Observer = e })
	large := strings.Repeat("x", mostRaw)
	for range 80 {
		post(g, click(`"n":"`+large+`"`))
	}
	if got := e.count("noted error_event_lost clicks other"); got < 10 || g.errors.bytes.Load() > errorQueueBytes {
		t.Errorf("%d were lost, %d bytes wait", got, g.errors.bytes.Load())
	}
	close(m.hold)
	if err := g.errors.close(context.Background()); err != nil {
		t.Fatal(err)
	}
	g.errors.queue = nil
	if got := e.count("noted error_event_lost clicks other"); m.n+got != 80 || g.errors.bytes.Load() != 0 {
		t.Errorf("%d were lost, %d produced, %d bytes still wait", got, m.n, g.errors.bytes.Load())
	}
}

// An error event that is refused makes no further one, a flood is bounded, and a failed intake is not the sender's error.
func TestErrorEventsEnd(t *testing.T) {
	m, e := &memory{}, &ear{}
	log, lines := logBook()
	g := wikimedia(t, m, withErrors, func(c *Config) { c.Observer, c.Logger, c.ErrorStream = e, log, "not.configured" })
	post(g, click(`"n":"x"`))
	for range errorRate + 10 {
		post(g, `{"$schema":"/no/1.0.0"}`)
	}
	post(g, `{"$schema":"/broken/1.0.0"}`)
	if err := g.errors.close(context.Background()); err != nil {
		t.Fatal(err)
	}
	g.errors.queue = nil
	if n := len(m.take()); n > 0 {
		t.Errorf("%d records were produced", n)
	}
	if got := e.count("refused other /error/2.1.0 UnknownStream"); got != errorRate+1 {
		t.Errorf("%d error events were tried", got)
	}
	// One line about each that was lost, besides those about the requests, with the message alone.
	const why = `destined to stream not.configured is not allowed in stream; not.configured is not configured."}`
	if lost := strings.Count(lines.String(), "an error event could not be produced"); lost != errorRate+1 || strings.Count(lines.String(), why) != lost ||
		strings.Contains(lines.String(), `{\"invalid`) || strings.Count(lines.String(), "events were not accepted") != errorRate+12 {
		t.Errorf("logged %s", lines)
	}
}
