package eventstreams

import (
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func view(t *testing.T, query string) *kafkasse.View {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	want := asking{fields: selection{}}
	if fault := want.read(&kafkasse.Subscription{}, q); fault != nil {
		t.Fatal(fault)
	}
	return want.view(nil)
}

func TestWhere(t *testing.T) {
	const event = `{"wiki":"enwiki","n":12,"bot":false,"a":{"b":"x\u0079\/z"},"list":["p",3],"none":null,"meta":{"domain":"en.wikipedia.org"}}`
	for query, want := range map[string]bool{
		"where=wiki:enwiki":                              true,
		"where=wiki:dewiki":                              false,
		"where=wiki:dewiki&where=wiki:enwiki":            true,
		"where=wiki:enwiki&where=bot:true":               false,
		"where=wiki:enwiki&where=bot:false&where=n:12":   true,
		"where=a.b:xy/z":                                 true,
		"where=a.c:xy":                                   false,
		"where=list:p":                                   true,
		"where=list:3":                                   true,
		"where=list:4":                                   false,
		"where=none:null":                                true,
		"where=wiki:":                                    false,
		"canary=false":                                   true,
		"canary=false&where=meta.domain:canary":          false,
		"canary=false&where=wiki:enwiki&where=wiki:abba": true,
	} {
		if got := view(t, query).Keep("topic", 0, []byte(event)); got != want {
			t.Errorf("%s is %v", query, got)
		}
	}
	if view(t, "canary=false").Keep("topic", 0, []byte(`{"meta":{"domain":"canary"}}`)) {
		t.Error("a canary event is kept")
	}
	v := view(t, "where=wiki:enwiki&where=bot:false")
	raw := []byte(event)
	if n := testing.AllocsPerRun(100, func() { v.Keep("topic", 0, raw) }); n > 0 && !raceEnabled {
		t.Errorf("%v allocations", n)
	}
	if view(t, "where=a:1&where=b:2&where=a:3").Key != view(t, "where=b:2&where=a:3&where=a:1").Key {
		t.Error("equal views have different keys")
	}
	if view(t, "where=a:1&where=b:2").Key == view(t, "where=a:1&where=a:2").Key {
		t.Error("different views have one key")
	}
}

func TestFields(t *testing.T) {
	const event = `{"b":{"c":1.0,"d":{"e":2}},"a":[1], "x\u0079":true,"z":{"q":1}}`
	for query, want := range map[string]string{
		"fields=a,b.c":         `{"b":{"c":1.0},"a":[1]}`,
		"fields=b,b.c":         `{"b":{"c":1.0,"d":{"e":2}}}`,
		"fields=b.c,b":         `{"b":{"c":1.0,"d":{"e":2}}}`,
		"fields=b.d.e,b.d.f":   `{"b":{"d":{"e":2}}}`,
		"fields=xy":            `{"x\u0079":true}`,
		"fields=a.b&fields=no": `{"a":[1]}`,
	} {
		if got := string(view(t, query).Project(nil, []byte(event))); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}

func TestWrongParameters(t *testing.T) {
	for _, query := range []string{"limit=0", "limit=x", "where=x", "where=:x", "canary=maybe", "fields=a..b", "fields=,", "until=soon"} {
		q, _ := url.ParseQuery(query)
		want := asking{fields: selection{}}
		if fault := want.read(&kafkasse.Subscription{}, q); fault == nil || fault.status != 400 {
			t.Errorf("%s: %v", query, fault)
		}
	}
}

func TestAStreamIsNarrowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("s", 1)
		for _, value := range []string{`{"wiki":"a","n":1}`, `{"wiki":"b","n":2}`, `{"wiki":"a","n":3}`, `{"wiki":"a","n":4}`} {
			log.Produce(kafka.Record{Topic: "s", Timestamp: 1000, Value: []byte(value)})
		}
		streams, err := streamconfig.Parse("streams.yaml", []byte("streams:\n  s: {}\n"))
		if err != nil {
			t.Fatal(err)
		}
		h := newHarness(t, log, streams, Config{})
		defer h.stop()
		lines := map[string]string{"Accept": "application/json", "Content-Type": "application/json"}
		posted := h.send(request{Method: "POST", Path: "/v2/stream/s?since=0&limit=2", Headers: lines, Body: `{"where":{"wiki":["b","c"],"n":2},"fields":["n","meta.offset"]}`})
		if text, _ := posted.body(); text != "\n{\"n\":2,\"meta\":{\"offset\":1}}\n" {
			t.Errorf("posted conditions: %q", text)
		}
		for body, status := range map[string]int{`{"where":{"a":{}}}`: 400, `{"whre":{}}`: 400, `{"fields":["a."]}`: 400, `{"where":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`: 413} {
			if x := h.send(request{Method: "POST", Path: "/v2/stream/s", Headers: lines, Body: body}); x.head.StatusCode != status {
				t.Errorf("%.30s: %s", body, x.head.Status)
			} else {
				x.close()
			}
		}
		one := h.send(request{Method: "GET", Path: "/v2/event/s/0/2"})
		if text, _ := one.body(); text != `{"wiki":"a","n":3,"meta":{"topic":"s","partition":0,"offset":2}}` {
			t.Errorf("one event: %s", text)
		}
		for path, status := range map[string]int{"/v2/event/s/0/99": 404, "/v2/event/secret/0/0": 404, "/v2/event/s/x/0": 400, "/v2/event/s/0": 404} {
			if x := h.send(request{Method: "GET", Path: path}); x.head.StatusCode != status {
				t.Errorf("%s: %s", path, x.head.Status)
			}
		}
		x := h.send(request{Method: "GET", Path: "/v2/stream/s?since=0&where=wiki:a&fields=n&limit=2", Headers: map[string]string{"Accept": "application/json"}})
		text, ended := x.body()
		if text != "\n{\"n\":1}\n{\"n\":3}\n" || !ended {
			t.Errorf("got %q, ended %v", text, ended)
		}
	})
}
