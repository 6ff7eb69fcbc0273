package eventgate

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

func receipts(r *Request) { r.Receipts = true }
func dryRun(r *Request)   { r.DryRun = true }
func problem(r *Request)  { r.Problem = true }

const identified = `{"$schema":"/click/1.0.0","meta":{"stream":"clicks","id":"i","dt":"2024-03-04T05:06:07Z"}}`

func TestReceipts(t *testing.T) {
	m := &memory{}
	resp := post(wikimedia(t, m), "["+identified+`,{"$schema":"/no/1.0.0","meta":{"id":"j"}}]`, receipts)
	wantStatus(t, resp, 207, "1 out of 2 events were accepted, but 1 failed (1 invalid and 0 errored).")
	want := `{"receipts":[{"status":"accepted","id":"i","topic":"dc1.clicks","partition":0,"offset":0,"timestamp":1709528767000},{"status":"invalid","id":"j"}],"invalid":[{`
	if !strings.HasPrefix(string(resp.Body), want) {
		t.Errorf("got  %s\nwant %s…", resp.Body, want)
	}
	resp = post(wikimedia(t, m), identified, receipts)
	wantStatus(t, resp, 201, "All 1 out of 1 events were accepted.")
	if !strings.HasSuffix(string(resp.Body), `],"invalid":[]}`) || resp.Get("Content-Type") != typeJSON {
		t.Errorf("got %s %s", resp.Get("Content-Type"), resp.Body)
	}
}

// A dry run leaves no trace: no record, no error event, no line, no count.
func TestDryRunsProduceNothing(t *testing.T) {
	for _, change := range []func(*Request){func(*Request) {}, hasty} {
		m, e := &memory{}, &ear{}
		log, lines := logBook()
		g, err := New(Config{Manner: Wikimedia, Schemas: testShelf(t), Streams: testStreams(t), Guaranteed: m, TopicPrefix: "dc1.", Observer: e, Logger: log, ErrorStream: "errors",
			Now: func() time.Time { return arrival }})
		if err != nil {
			t.Fatal(err)
		}
		resp := post(g, identified, dryRun, change)
		wantStatus(t, resp, 200, "All 1 out of 1 events would be accepted. None was produced, since this was a dry run.")
		if want := `{"receipts":[{"status":"accepted","id":"i","topic":"dc1.clicks"}],"invalid":[]}`; string(resp.Body) != want {
			t.Errorf("got %s", resp.Body)
		}
		wantStatus(t, post(g, `{"$schema":"/no/1.0.0"}`, dryRun, change), 400, "1 out of 1 events were invalid and not accepted.")
		wantStatus(t, post(g, `[{]`, dryRun, change), 400, notJSON)
		wantStatus(t, post(g, ``, dryRun, change), 400, emptyBody)
		if err := g.Close(t.Context()); err != nil { // error events that wait are produced
			t.Fatal(err)
		}
		if n := len(m.take()); n > 0 || len(e.heard) > 0 || lines.Len() > 0 {
			t.Errorf("%d records were produced, heard %q, logged %s", n, e.heard, lines)
		}
	}
}

// Whether an event may have been produced all the same is said by its status, not only by words.
func TestUnknownOutcomesSaySo(t *testing.T) {
	for kind, want := range map[kafka.Kind]string{kafka.Timeout: "unknown", kafka.Unavailable: "error", kafka.TooLarge: "invalid"} {
		m := &memory{refuse: func(*kafka.Record) error { return &kafka.DeliveryError{Kind: kind, Msg: "so"} }}
		resp := post(wikimedia(t, m), click(""), receipts)
		if n := strings.Count(string(resp.Body), `{"status":"`+want+`",`); n != 2 { // in the receipts and in the list
			t.Errorf("%v: %s", kind, resp.Body)
		}
	}
}

func TestProblemDocuments(t *testing.T) {
	g := wikimedia(t, &memory{})
	cases := []struct {
		body, reason string
		status       int
		has          string
	}{
		{"", emptyBody, 400, `"detail":"Request body was empty.`},
		{click(`"n":"x"`), "1 out of 1 events were invalid and not accepted.", 400, `"pointer":"/n"`},
		{`{"$schema":"/silent/1.0.0"}`, "1 out of 1 events had failures and were not accepted. (0 invalid and 1 errored).", 503, `"error":[{`},
		{"[1,]", notJSON, 400, `"offset":3`},
	}
	for _, c := range cases {
		resp := post(g, c.body, problem)
		wantStatus(t, resp, c.status, c.reason)
		var doc struct {
			Type, Title, Detail, Instance string
			Status                        int
		}
		if err := json.Unmarshal(resp.Body, &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Type != "about:blank" || doc.Title != http.StatusText(c.status) || doc.Detail == "" || doc.Status != c.status || doc.Instance != "/v1/events" || resp.Get("Content-Type") != typeProblem ||
			!strings.Contains(string(resp.Body), c.has) {
			t.Errorf("got %s %s", resp.Get("Content-Type"), resp.Body)
		}
	}
	if resp := post(g, "["+click("")+","+click(`"n":"x"`)+"]", problem); resp.Status != 207 || resp.Get("Content-Type") != typeJSON {
		t.Errorf("a success in part is a problem: %d %s", resp.Status, resp.Get("Content-Type"))
	}
}

// A request that is refused is one line in the log, which is an error only if the intake is to blame.
func TestRefusedRequestsAreLogged(t *testing.T) {
	down := func(*kafka.Record) error { return &kafka.DeliveryError{Kind: kafka.Other, Msg: "unwell"} }
	cases := []struct{ name, body, level string }{
		{"accepted", click(""), ""},
		{"empty", "", "WARN"},
		{"invalid", "[" + click(`"n":"x"`) + "," + click(`"n":"y"`) + "]", "WARN"},
		{"not JSON", "{", "WARN"},
		{"unknown schema", `{"$schema":"/no/1.0.0"}`, "WARN"},
		{"unknown stream", `{"$schema":"/click/1.0.0","meta":{"stream":"no"}}`, "WARN"},
		{"a broken schema", `{"$schema":"/broken/1.0.0"}`, "ERROR"},
		{"a broker that fails", "[" + click(`"n":"x"`) + "," + click("") + "]", "ERROR"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			log, lines := logBook()
			m := &memory{}
			if c.level == "ERROR" {
				m.refuse = down
			}
			post(wikimedia(t, m, func(cfg *Config) { cfg.Logger = log }), c.body, withHeader("X-Request-Id", "req"))
			if c.level == "" {
				if lines.Len() > 0 {
					t.Errorf("logged %s", lines)
				}
				return
			}
			if strings.Count(lines.String(), "\n") != 1 || !strings.Contains(lines.String(), `"level":"`+c.level+`"`) || !strings.Contains(lines.String(), `"request_id":"req"`) {
				t.Errorf("logged %s", lines)
			}
		})
	}
}

// Whoever raises the level sees accepted requests, and at the highest one what events say.
func TestDebuggersSeeMore(t *testing.T) {
	for level, want := range map[slog.Level][]string{
		slog.LevelInfo:  {},
		slog.LevelDebug: {`"msg":"events were accepted","status":201,"events":2,"hasty":false,"seconds":0,`},
		levelTrace: {
			`"msg":"event","accepted":true,"stream":"clicks","schema_uri":"/click/1.0.0","topic":"dc1.clicks","event":"{`,
			`"msg":"event","accepted":true,"stream":"clicks",`, `"msg":"events were accepted",`,
		},
	} {
		var b bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: level}))
		post(wikimedia(t, &memory{}, func(c *Config) { c.Logger = log }), "["+click("")+","+click("")+"]")
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if b.Len() == 0 {
			lines = nil
		}
		if len(lines) != len(want) {
			t.Fatalf("at %v: %q", level, lines)
		}
		for i, line := range lines {
			if !strings.Contains(line, want[i]) {
				t.Errorf("at %v: %s, want %s", level, line, want[i])
			}
		}
	}
}
