package uiapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// errorEvent is an event about a refused one, as intakes write it.
func errorEvent(stream, uri, kind, message, raw string) string {
	text, _ := json.Marshal(map[string]string{
		"$schema": "/error/1.0.0", "errored_stream_name": stream, "errored_schema_uri": uri, "error_type": kind, "message": message, "raw_event": raw,
	})
	return string(text)
}

func TestRefusedEventsAreSummarised(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Schemas = testSchemas(t); c.Open.Errors = true })
	const topic = "dc.eventgate.error.validation"
	now := time.Now()
	wrong := `{"$schema":"/note/1.0.0","meta":{"stream":"notes","dt":"2026-01-01T00:00:00Z"},"text":"x","tags":[{"name":"B"}],"user":"Ada","client_ip":"1.2.3.4"}`
	f.produced(topic, now.Add(-2*time.Hour), errorEvent("notes", "/note/1.0.0", "ValidationError", "old", wrong))
	for range 3 {
		f.produced(topic, now.Add(-time.Minute), errorEvent("notes", "/note/1.0.0", "ValidationError", "pattern", wrong))
	}
	f.produced(topic, now.Add(-50*time.Minute), errorEvent("late", "/note/1.0.0", "ValidationError", "required", note(`"x"`)[:1]+`"a":1}`))
	f.log.Produce(kafka.Record{Topic: topic, Partition: 1, Timestamp: now.UnixMilli(), Value: []byte(errorEvent("unknown", "unknown", "MalformedBody", "no JSON", `{"user":`))})
	f.produced(topic, now, `{"message":"something else"}`)
	f.produced(topic, now, `no JSON`)

	var s ErrorSummary
	if status := f.ask(t, "GET", "/ui/api/errors", "", &s); status != 200 {
		t.Fatalf("status %d", status)
	}
	if s.Total != 5 || s.Truncated || len(s.Sources) != 1 || len(s.Counts) != periods || s.Counts[periods-1] != 4 || !s.Replaced {
		t.Errorf("%+v", s)
	}
	tops := func(list []Top) string {
		var b strings.Builder
		for _, top := range list {
			fmt.Fprintf(&b, "%s:%d ", top.Name, top.Count)
		}
		return b.String()
	}
	if got := tops(s.Streams) + "| " + tops(s.Places) + "| " + tops(s.Keywords); got != "notes:3 :1 late:1 | /tags/*/name:3 /:1 | pattern:3 MalformedBody:1 required:1 " {
		t.Errorf("tops: %s", got)
	}
	if len(s.Samples) != 3 {
		t.Fatalf("samples %+v", s.Samples)
	}
	for _, sample := range s.Samples {
		if strings.Contains(sample.Event, "Ada") || strings.Contains(sample.Event, "1.2.3.4") {
			t.Errorf("a person is told: %s", sample.Event)
		}
		if sample.Kind == "MalformedBody" && sample.Event != "" {
			t.Errorf("what cannot be read is told: %s", sample.Event)
		}
		if sample.Stream == "notes" && (sample.Count != 3 || sample.Place != "/tags/*/name" || !strings.Contains(sample.Event, `"user":"(replaced)"`)) {
			t.Errorf("%+v", sample)
		}
	}

	// On the admin port nothing is replaced.
	if status := ask(t, f.AdminHandler(), "GET", "/ui/api/errors?minutes=1440", "", &s); status != 200 || s.Total != 6 || s.Replaced {
		t.Errorf("%d %+v", status, s)
	}
	text, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(text), "Ada") || !strings.Contains(string(text), "1.2.3.4") {
		t.Errorf("operators are told %s", text)
	}
	if status := f.ask(t, "GET", "/ui/api/errors?minutes=5", "", nil); status != 400 {
		t.Errorf("minutes=5: %d", status)
	}
}

func TestManyRefusedEventsAreReadInPart(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Open.Errors = true })
	record := kafka.Record{Topic: "dc.eventgate.error.validation", Timestamp: time.Now().UnixMilli(), Value: []byte(errorEvent("s", "", "X", "m", "{}"))}
	records := make([]kafka.Record, mostErrors+10)
	for i := range records {
		records[i] = record
	}
	f.log.Produce(records...)
	var s ErrorSummary
	if status := f.ask(t, "GET", "/ui/api/errors", "", &s); status != 200 || !s.Truncated || s.Total != mostErrors || len(s.Samples) != 1 {
		t.Errorf("%d, %d, truncated %v", status, s.Total, s.Truncated)
	}
	f.log.Fail(fmt.Errorf("gone"))
	if status := f.ask(t, "GET", "/ui/api/errors?minutes=360", "", nil); status != 502 {
		t.Errorf("without Kafka: %d", status)
	}
	if status := f.ask(t, "GET", "/ui/api/errors", "", &s); status != 200 {
		t.Errorf("what was told a moment ago: %d", status)
	}
}

func TestPersonalFieldsAreReplaced(t *testing.T) {
	in := `{"user":{"name":"Ada","id":-7,"bot":false},"description":"ip","X-Client-IP":"1.2.3.4","a":[{"performer":["Ada",null,{"x":"y"}]}],"user_agent":"x","userText":"Ada",
		"emailAddress":"a@b","title":"Tea","chip":"c","http":{"request_headers":{"user-agent":"x"},"method":"GET"},"session_id":"s","usage":1,"e":[]}`
	want := `{"user":{"name":"(replaced)","id":0,"bot":false},"description":"ip","X-Client-IP":"(replaced)","a":[{"performer":["(replaced)",null,{"x":"(replaced)"}]}],` +
		`"user_agent":"(replaced)","userText":"Ada","emailAddress":"(replaced)","title":"Tea","chip":"c",` +
		`"http":{"request_headers":{"user-agent":"(replaced)"},"method":"GET"},"session_id":"(replaced)","usage":1,"e":[]}`
	want = strings.Replace(want, `"userText":"Ada"`, `"userText":"(replaced)"`, 1)
	if got := string(withoutPersons([]byte(in))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := withoutPersons([]byte(`{"user":"A`)); got != nil {
		t.Errorf("of what is no JSON %s is left", got)
	}
}
