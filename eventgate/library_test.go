package eventgate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func TestOwnSteps(t *testing.T) {
	m := &memory{}
	g := wikimedia(t, m, withErrors, func(c *Config) {
		c.Steps = map[string]Step{
			"shout": func(_ context.Context, e *Event) error {
				if e.Stream() != "clicks" {
					return nil
				}
				return e.Fill("page.title", []byte(`"`+strings.ToUpper(e.Stream())+`"`))
			},
			"drop": func(_ context.Context, e *Event) error {
				if e.Header("User-Agent") == "robot" {
					e.Discard()
				}
				return nil
			},
			"doubt": func(_ context.Context, e *Event) error {
				if string(e.Find("n")) == "7" {
					return &Refusal{Type: "Doubt", Message: "seven is not believed"}
				}
				return nil
			},
		}
		c.Transforms = []string{"shout", DefaultsStep, "drop", "doubt"}
		c.Route = func(_ context.Context, e *Event) (Destination, error) {
			if string(e.Find("n")) == "8" {
				return Destination{}, errors.New("no way for eight")
			}
			return Destination{Topic: "own." + e.StreamSettings().Name, Key: e.Find("page.title")}, nil
		}
		c.MapToError = func(_ context.Context, _ *Event, r *Refusal) (string, []byte) {
			return "", []byte(`{"$schema":"/error/2.1.0","meta":{"stream":"errors"},"dt":"x","message":"` + r.Type + `"}`)
		}
	})
	wantStatus(t, post(g, click("")), 201, "All 1 out of 1 events were accepted.")
	if r := only(t, m); r.Topic != "own.clicks" || string(r.Key) != `"CLICKS"` || !strings.Contains(string(r.Value), `"title":"CLICKS"`) {
		t.Errorf("produced %s %s %s", r.Topic, r.Key, r.Value)
	}
	wantStatus(t, post(g, click(""), withHeader("User-Agent", "robot")), 201, "All 1 out of 1 events were accepted.")
	if n := len(m.take()); n > 0 {
		t.Errorf("%d records of a robot", n)
	}
	resp := post(g, click(`"n":8`))
	wantStatus(t, resp, 500, "1 out of 1 events had failures and were not accepted. (0 invalid and 1 errored).")
	if strings.Contains(string(resp.Body), "eight") {
		t.Errorf("the answer tells a private cause: %s", resp.Body)
	}
	resp = post(g, click(`"n":7`))
	wantStatus(t, resp, 400, "1 out of 1 events were invalid and not accepted.")
	if message(t, resp) != "seven is not believed" {
		t.Errorf("answered %s", resp.Body)
	}
	if err := g.errors.close(context.Background()); err != nil {
		t.Fatal(err)
	}
	g.errors.queue = nil
	if r := only(t, m); !strings.Contains(string(r.Value), `"message":"Doubt"`) {
		t.Errorf("error event %s", r.Value)
	}
}

func TestOwnValidation(t *testing.T) {
	m := &memory{}
	g := wikimedia(t, m, func(c *Config) {
		c.Validate = func(_ context.Context, e *Event) error {
			if bytes.Contains(e.Bytes(), []byte(`"bad"`)) {
				return &Refusal{Type: "Own", Message: "bad"}
			}
			return nil
		}
	})
	wantStatus(t, post(g, click(`"n":"any"`)), 201, "All 1 out of 1 events were accepted.")
	wantStatus(t, post(g, click(`"n":"bad"`)), 400, "1 out of 1 events were invalid and not accepted.")
	if n := len(m.take()); n != 1 {
		t.Errorf("%d records", n)
	}
	wantStatus(t, post(g, click(`"n":tru`)), 400, notJSON)
}

func TestConfigurationMistakes(t *testing.T) {
	m := &memory{}
	for name, cfg := range map[string]Config{
		"Schemas":    {Guaranteed: m},
		"Output":     {Schemas: shelf{}},
		`"no-such"`:  {Schemas: shelf{}, Guaranteed: m, Transforms: []string{"no-such"}},
		`"meta..id"`: {Schemas: shelf{}, Guaranteed: m, IDField: "meta..id"},
	} {
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New says %v, want something about %s", err, name)
		}
	}
}

func TestOutput(t *testing.T) {
	var lines bytes.Buffer
	g := wikimedia(t, nil, func(c *Config) { c.Output, c.Transforms, c.Guaranteed = &lines, []string{}, nil })
	body := "[" + click("\n\"n\": 1") + "," + click(`"n":"x"`) + "," + click("") + "]"
	post(g, body)
	post(g, click(""), hasty)
	if want := strings.Replace(click(` "n": 1`), "\n", " ", 1) + "\n" + click("") + "\n" + click("") + "\n"; lines.String() != want {
		t.Errorf("wrote %q\nwant  %q", lines.String(), want)
	}
}

// What is only written needs no topic, and so no stream that could be one.
func TestOutputWithoutTopics(t *testing.T) {
	var lines bytes.Buffer
	g, err := New(Config{Schemas: testShelf(t), StreamFields: []string{"meta.stream"}, Output: &lines})
	if err != nil {
		t.Fatal(err)
	}
	body := `[{"$schema":"/bare/1.0.0"},{"$schema":"/bare/1.0.0","meta":{"stream":"a b"}},{"$schema":"/bare/1.0.0","meta":{"stream":5}}]`
	if resp := post(g, body); resp.Status != 201 || strings.Count(lines.String(), "\n") != 3 {
		t.Errorf("answered %d %s, wrote %s", resp.Status, resp.Body, lines.String())
	}
}

func TestTraceContextGoesAlong(t *testing.T) {
	m := &memory{}
	post(wikimedia(t, m), click(""), withHeader("Traceparent", "00-a-b-01"), withHeader("Tracestate", "v=1"))
	want := []kafka.Header{{Key: "traceparent", Value: []byte("00-a-b-01")}, {Key: "tracestate", Value: []byte("v=1")}}
	got := only(t, m).Headers
	if len(got) != 2 || got[0].Key != want[0].Key || string(got[1].Value) != "v=1" {
		t.Errorf("headers %v", got)
	}
}

// Routes are bounded, found again, and made anew with a new configuration.
func TestRoutesAreKept(t *testing.T) {
	streams := testStreams(t)
	now := streams()
	g := wikimedia(t, &memory{}, func(c *Config) { c.Streams = func() *streamconfig.Config { return now } })
	first := g.routeOf([]byte("any.first"))
	for i := range 3 * maxRoutes {
		name := fmt.Appendf(nil, "any.%d", i)
		rt := g.routeOf(name)
		if again := g.routeOf(name); rt == nil || again != rt || rt.topic != "dc1."+string(name) {
			t.Fatalf("route %d is %v, then %v", i, rt, again)
		}
		if n := len(g.routes.settled.Load().byName) + len(g.routes.fresh); n > maxRoutes {
			t.Fatalf("%d routes are kept", n)
		}
	}
	if g.routeOf([]byte("nowhere")) != nil {
		t.Error("an unknown stream has a route")
	}
	before := g.routeOf([]byte("clicks"))
	now = testStreams(t)()
	if after := g.routeOf([]byte("clicks")); after == before || first == nil {
		t.Error("the route outlived its configuration")
	}
}

func TestEventsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	g := wikimedia(t, &memory{count: true})
	header := map[string][]string{"User-Agent": {"agent/1"}, "X-Request-Id": {"req"}}
	run := func(n int) float64 {
		body := []byte("[" + strings.TrimSuffix(strings.Repeat(click(`"page":{"id":5,"title":"Tea"}`)+",", n), ",") + "]")
		req := &Request{Body: body, Header: headers(header), RemoteIP: "192.0.2.1"}
		var resp Response
		return testing.AllocsPerRun(200, func() {
			g.Handle(context.Background(), req, &resp)
			if resp.Status != 201 {
				t.Fatalf("answered %d %s", resp.Status, resp.Body)
			}
		})
	}
	one, fifty := run(1), run(50)
	t.Logf("%v allocations for a request of one event, %v for one of fifty", one, fifty)
	if fifty > one+1 {
		t.Errorf("%v allocations for one event, %v for fifty", one, fifty)
	}
	if one > 1 {
		t.Errorf("%v allocations for a request", one)
	}
}

type headers map[string][]string

func (h headers) Get(name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// What is produced is what was sent, but for the fields that are filled in at the end of objects.
func TestWhatIsProducedIsWhatWasSent(t *testing.T) {
	m := &memory{}
	g := wikimedia(t, m)
	space := rapid.SampledFrom([]string{"", " ", "\n", "\t "})
	value := rapid.SampledFrom([]string{`1.0`, `1e3`, `-0`, `"\u0041\/"`, `"é"`, `[1, 2 ]`, `{"b":1,"a":{}}`, `null`, `9007199254740993`})
	rapid.Check(t, func(t *rapid.T) {
		s := space.Draw(t, "space")
		sent := "{" + s + `"$schema":` + s + `"/click/1.0.0"` + s + `,"x":` + value.Draw(t, "x") + `,"meta":{"stream":"clicks","y":` + value.Draw(t, "y") + s + "}" + s + "}"
		resp := post(g, sent)
		records := m.take()
		if resp.Status != 201 || len(records) != 1 {
			t.Fatalf("%s: %d %s", sent, resp.Status, resp.Body)
		}
		got := records[0].Value
		if rawjson.Check(got) != nil {
			t.Fatalf("produced %s", got)
		}
		i := 0
		for _, c := range got { // sent is a subsequence
			if i < len(sent) && c == sent[i] {
				i++
			}
		}
		if head, _, _ := strings.Cut(sent, `,"y":`); i != len(sent) || !bytes.HasPrefix(got, []byte(head)) {
			t.Fatalf("sent %s\nproduced %s", sent, got)
		}
	})
}

// Steps see events before anything has checked that they are JSON.
func TestStepsLookIntoEventsThatAreNotJSON(t *testing.T) {
	g := wikimedia(t, &memory{}, func(c *Config) {
		c.Steps = map[string]Step{"look": func(_ context.Context, e *Event) error {
			e.Find("a.b")
			return e.Fill("c.d", []byte("1"))
		}}
		c.Transforms = []string{EdgeUniquesStep, TestKitchenStep, "look", DefaultsStep}
	})
	for _, members := range []string{`"a":{"b":tru}`, `"a":[[}`, `"a":{"b":"\x"}`, `"experiment":{"sampling_unit":"`, `"experiment":`} {
		wantStatus(t, post(g, click(members), withHeader("User-Agent", "x")), 400, notJSON)
	}
}

func TestAStepThatBreaksAnEvent(t *testing.T) {
	m := &memory{}
	g := wikimedia(t, m, func(c *Config) {
		c.Steps = map[string]Step{"break": func(_ context.Context, e *Event) error {
			e.Replace([]byte(`{"a":`))
			return nil
		}}
		c.Transforms = []string{"break"}
	})
	wantStatus(t, post(g, click("")), 400, "1 out of 1 events were invalid and not accepted.")
	if n := len(m.take()); n > 0 {
		t.Errorf("%d records", n)
	}
}

// FuzzGate: nothing that is not JSON is produced, and nothing of a body that is not JSON.
func FuzzGate(f *testing.F) {
	f.Add([]byte(click("")))
	f.Add([]byte("[" + click(`"n":1,"n":"x"`) + `,{"$schema":"/filled/1.0.0","meta":{"stream":"defaults"}}]`))
	f.Add([]byte(`[{"$schema":"/click/1.0.0","meta":{"stream":"keyed"},"page":{"id":1,"title":""}},5]`))
	f.Add([]byte(`{"$schema":"/click/1.0.0","meta":{"stream":"clicks"},"meta":{"stream":"tried"},"experiment":{"subject_id":"awaiting","sampling_unit":"edge-unique"}}`))
	m := &memory{}
	g := wikimedia(f, m, func(c *Config) { c.Transforms = []string{DefaultsStep, EdgeUniquesStep, TestKitchenStep} })
	f.Fuzz(func(t *testing.T, body []byte) {
		resp := post(g, string(body), receipts, withHeader("User-Agent", "x"))
		records := m.take()
		if len(body) > 0 && rawjson.Check(body) != nil && (resp.Status != 400 || len(records) > 0) {
			t.Fatalf("%q is not JSON and was answered %d", body, resp.Status)
		}
		if resp.Status >= 500 || len(resp.Body) > 0 && !json.Valid(resp.Body) {
			t.Fatalf("%q was answered %d %s", body, resp.Status, resp.Body)
		}
		for _, r := range records {
			if err := rawjson.Check(r.Value); err != nil {
				t.Fatalf("%q was produced as %q: %v", body, r.Value, err)
			}
		}
	})
}
