package eventstreams

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func parse(t *testing.T, text string) *streamconfig.Config {
	t.Helper()
	c, err := streamconfig.Parse("streams.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCatalogue(t *testing.T) {
	settings := &inUse{Settings: Settings{
		StreamDefaults: map[string]json.RawMessage{
			"declared": json.RawMessage(`{"description":"default","stream_aliases":["short","other"],"topics":["never"]}`),
			"added":    json.RawMessage(`{"topics":["dc.added"],"stream_aliases":["declared"]}`),
			"nothing":  json.RawMessage(`{"description":"without topics"}`),
			"not json": json.RawMessage(`[`),
		},
		StreamOverrides: map[string]json.RawMessage{"narrow": json.RawMessage(`{"topics":["dc1.narrow"],"topics_allowed":["dc1.narrow","dc2.narrow"]}`)},
	}}
	c := newCatalogue(parse(t, `
default_settings: {}
streams:
  declared: {topics: [dc.declared], schema_title: a/title}
  narrow: {topics: [dc1.narrow, dc2.narrow]}
  "/^pattern/": {topics: [dc.pattern]}
  other: {topics: [dc.other]}
`), settings)
	if want := []string{"added", "declared", "narrow", "other", "short"}; !slices.Equal(c.names, want) {
		t.Errorf("names are %v, not %v", c.names, want)
	}
	for name, want := range map[string]string{"declared": "dc.declared", "short": "dc.declared", "other": "dc.other", "added": "dc.added", "narrow": "dc1.narrow"} {
		if got := strings.Join(c.named[name].topics, ","); got != want {
			t.Errorf("%s has topics %s, not %s", name, got, want)
		}
	}
	if e := c.named["short"]; e.aliasOf != "declared" || e.description != "default" || e.schemaTitle != "a/title" {
		t.Errorf("short is %+v", e)
	}
	if got := c.named["narrow"].allowed; !slices.Equal(got, []string{"dc1.narrow", "dc2.narrow"}) {
		t.Errorf("allowed are %v", got)
	}
	settings.AllowedStreams = []string{"declared", "unknown"}
	if c = newCatalogue(parse(t, "streams:\n  declared: {topics: [dc.declared]}\n  other: {topics: [o]}\n"), settings); !slices.Equal(c.names, []string{"declared", "other", "short"}) {
		t.Errorf("names are %v", c.names) // other is the default's alias here
	}
	settings.StreamDefaults = nil
	if c = newCatalogue(nil, settings); len(c.names) != 0 {
		t.Errorf("names of nothing are %v", c.names)
	}
}

func TestDeclarationsAreTakenAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, parse(t, "streams:\n  a: {topics: [a]}\n"), Config{})
		defer h.stop()
		if x := h.send(request{Method: "GET", Path: "/v2/stream/b"}); x.head.StatusCode != 400 {
			t.Error(x.head.Status)
		}
		next := parse(t, "streams:\n  b: {topics: [a]}\n")
		h.srv.cfg.Streams = func() *streamconfig.Config { return next }
		if x := h.send(request{Method: "GET", Path: "/v2/stream/b"}); x.head.StatusCode != 200 {
			t.Error(x.head.Status)
		}
	})
}

func TestIDsMayNameAllowedTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("dc1.s", 1)
		log.Create("dc2.s", 1)
		log.Produce(kafka.Record{Topic: "dc1.s", Timestamp: 1, Value: []byte(`{"n":1}`)}, kafka.Record{Topic: "dc2.s", Timestamp: 1, Value: []byte(`{"n":2}`)})
		h := newHarness(t, log, parse(t, "streams:\n  s: {topics: [dc1.s, dc2.s]}\n"), Config{
			Settings: Settings{StreamOverrides: map[string]json.RawMessage{"s": json.RawMessage(`{"topics":["dc1.s"],"topics_allowed":["dc1.s","dc2.s"]}`)}},
		})
		defer h.stop()
		x := h.send(request{Method: "GET", Path: "/v2/stream/s?since=0"})
		if text, _ := x.body(); strings.Contains(text, "dc2") || !strings.Contains(text, `"n":1`) {
			t.Error(text)
		}
		x = h.send(request{Method: "GET", Path: "/v2/stream/s", Headers: map[string]string{"Last-Event-ID": `[{"topic":"dc2.s","partition":0,"offset":0}]`}})
		if text, _ := x.body(); !strings.Contains(text, `"n":2`) {
			t.Error(text)
		}
	})
}

func TestTheCountOfAnAddressFallsWithEveryEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, parse(t, "streams:\n  a: {topics: [a]}\n"), Config{Settings: Settings{ClientIPConnectionLimit: 1}})
		defer h.stop()
		log.Produce(kafka.Record{Topic: "a", Timestamp: 1, Value: []byte(`{"n":1}`)})
		from := map[string]string{"X-Client-IP": "192.0.2.1"}
		for _, path := range []string{"/v2/stream/a?since=0&limit=1", "/v2/stream/a?since=garbage", "/v2/stream/a", "/v2/stream/none"} {
			x := h.send(request{Method: "GET", Path: path, Headers: from})
			if x.head.StatusCode == 429 {
				t.Errorf("%s: what was before it is still counted", path)
			}
			x.close()
		}
		if len(h.srv.limit.open) != 0 {
			t.Errorf("left: %v", h.srv.limit.open)
		}
	})
}
