package eventgate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func TestStatusAndReason(t *testing.T) {
	const bad = `{"$schema":"/click/1.0.0","meta":{"stream":"clicks"},"n":"x"}`
	unlucky := click(`"n":13`)
	down := func(r *kafka.Record) error {
		if strings.Contains(string(r.Value), `"n":13`) {
			return &kafka.DeliveryError{Kind: kafka.Other, Topic: r.Topic, Msg: "the broker is unwell"}
		}
		return nil
	}
	cases := []struct {
		name, body string
		status     int
		reason     string
		records    int
	}{
		{"one", click(""), 201, "All 1 out of 1 events were accepted.", 1},
		{"two", "[" + click("") + "," + click("") + "]", 201, "All 2 out of 2 events were accepted.", 2},
		{"all invalid", "[" + bad + "," + bad + "]", 400, "2 out of 2 events were invalid and not accepted.", 0},
		{"some invalid", "[" + bad + "," + click("") + "]", 207, "1 out of 2 events were accepted, but 1 failed (1 invalid and 0 errored).", 1},
		{"all three", "[" + bad + "," + click("") + "," + unlucky + "]", 207, "1 out of 3 events were accepted, but 2 failed (1 invalid and 1 errored).", 1},
		{"failed", unlucky, 500, "1 out of 1 events had failures and were not accepted. (0 invalid and 1 errored).", 0},
		{"failed and invalid", "[" + bad + "," + unlucky + "]", 500, "2 out of 2 events had failures and were not accepted. (1 invalid and 1 errored).", 0},
		{"no schema", `{"meta":{"stream":"clicks"}}`, 400, "1 out of 1 events were invalid and not accepted.", 0},
		{"not objects", `[1,null,[]]`, 400, "3 out of 3 events were invalid and not accepted.", 0},
		{"nothing", "", 400, emptyBody, 0},
		{"empty array", " [ ] ", 400, emptyBody, 0},
		{"empty object", "{ }", 400, emptyBody, 0},
		{"an empty object in an array", "[{}]", 400, "1 out of 1 events were invalid and not accepted.", 0},
		{"a broken schema", `{"$schema":"/broken/1.0.0"}`, 500, "1 out of 1 events had failures and were not accepted. (0 invalid and 1 errored).", 0},
		{"a silent repository", `{"$schema":"/silent/1.0.0"}`, 503, "1 out of 1 events had failures and were not accepted. (0 invalid and 1 errored).", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{refuse: down}
			resp := post(wikimedia(t, m), c.body)
			wantStatus(t, resp, c.status, c.reason)
			if n := len(m.take()); n != c.records {
				t.Errorf("%d records were produced, want %d", n, c.records)
			}
			if strings.Contains(string(resp.Body), "secret") {
				t.Errorf("the answer tells a private cause: %s", resp.Body)
			}
			if (resp.Status == 503) != (resp.Get("Retry-After") != "") {
				t.Errorf("Retry-After %q", resp.Get("Retry-After"))
			}
		})
	}
}

// A body that is not JSON is refused as a whole, wherever the mistake is, and nothing of it is produced.
func TestABodyThatIsNotJSONProducesNothing(t *testing.T) {
	good := click("")
	for _, body := range []string{
		"{", "[", "5", `"x"`, "nul", " ", good + "x", "[" + good + ",]", "[" + good + "," + `{"a":tru}` + "]", "[" + good + `,{"$schema":"/no/1.0.0","a":01}]`,
		"[" + good + `,{"$schema":"/click/1.0.0","meta":{"stream":"clicks"},"n":1e}]`, "[" + good + `,{"$schema":"/click/1.0.0","meta":{"stream":"clicks","x":"` + "\xff" + `"}}]`,
		"[" + good + `,[1,2,]]`, "[" + good + `,{"$schema":"/click/1.0.0","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}]",
		`{"$schema":"/click/1.0.0","meta":{"stream":"clicks",}}`,
	} {
		m := &memory{}
		resp := post(wikimedia(t, m), body)
		wantStatus(t, resp, 400, notJSON)
		if n := len(m.take()); n > 0 {
			t.Errorf("%.80q: %d records were produced", body, n)
		}
		if !strings.HasPrefix(string(resp.Body), `{"invalid":[{"status":"invalid","event":null,"context":{"message":"`) || !strings.Contains(string(resp.Body), `"offset":`) {
			t.Errorf("%.80q: %s", body, resp.Body)
		}
	}
}

func TestManyEvents(t *testing.T) {
	m := &memory{count: true}
	g := wikimedia(t, m)
	many := strings.Repeat(click("")+",", maxEvents-1) + click("")
	wantStatus(t, post(g, "["+many+"]"), 201, "All 10000 out of 10000 events were accepted.")
	wantStatus(t, post(g, "["+many+",1]"), 413, "Payload Too Large")
	if m.n != maxEvents {
		t.Errorf("%d records were produced", m.n)
	}
}

func TestManyErrors(t *testing.T) {
	bad := click(`"n":"x"`)
	var headers strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&headers, `"k%d":5,`, i)
	}
	worse := click(`"http":{"request_headers":{` + headers.String() + `"k":5}}`)
	resp := post(wikimedia(t, &memory{}), "["+strings.Repeat(worse+",", 5)+bad+"]")
	wantStatus(t, resp, 400, "6 out of 6 events were invalid and not accepted.")
	if n := strings.Count(string(resp.Body), `"keyword":`); n < mostErrors || n > mostErrors+2*6001 {
		t.Errorf("%d errors are listed", n)
	}
	if !strings.Contains(string(resp.Body), "Its errors are not listed") {
		t.Error("the last event's refusal does not say that its errors are not listed")
	}
}

// A stream of which nothing is said, nor of all streams, says so; what a default says is a setting.
func TestStreamsWithoutSettings(t *testing.T) {
	for text, want := range map[string]string{
		"streams: {bare: {}}":                                           "bare is configured but does not have any settings.",
		"streams: {bare: {description: x}}":                             "bare does not have a schema_title setting.",
		"default_settings: {topic_prefixes: [a.]}\nstreams: {bare: {}}": "bare does not have a schema_title setting.",
	} {
		config, err := streamconfig.Parse("streams.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		g := wikimedia(t, &memory{}, func(c *Config) { c.Streams = func() *streamconfig.Config { return config } })
		resp := post(g, `{"$schema":"/click/1.0.0","meta":{"stream":"bare"}}`)
		if got := message(t, resp); got != "event of schema at /click/1.0.0 destined to stream bare is not allowed in stream; "+want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestMessagesOfRefusals(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"no schema", `{"a":1}`, "Field(s) $schema were missing from event and could not be extracted."},
		{"schema of another type", `{"$schema":5}`, `$schema must be a string that names a schema, such as "/title/1.0.0".`},
		{"unknown schema", `{"$schema":"/no/1.0.0"}`, "Failed loading schema at /no/1.0.0"},
		{"absolute", `{"$schema":"http://x/y"}`, "Absolute schema URIs are not allowed but event schema_uri is http://x/y"},
		{"no stream", `{"$schema":"/click/1.0.0"}`, "Field(s) meta.stream were missing from event and could not be extracted."},
		{"unknown stream", `{"$schema":"/click/1.0.0","meta":{"id":"i","stream":"no"}}`,
			"event i of schema at /click/1.0.0 destined to stream no is not allowed in stream; no is not configured."},
		{"stream without title", `{"$schema":"/click/1.0.0","meta":{"stream":"untitled"}}`,
			"event of schema at /click/1.0.0 destined to stream untitled is not allowed in stream; untitled does not have a schema_title setting."},
		{"another title", `{"$schema":"/bare/1.0.0","meta":{"stream":"clicks"}}`,
			"event of schema at /bare/1.0.0 destined to stream clicks is not allowed in stream; schema title must be click."},
		{"what the schema refuses", `{"$schema":"/click/1.0.0","meta":{"stream":"clicks"},"n":"x"}`, "'.n' should be integer"},
		{"a missing key field", `{"$schema":"/click/1.0.0","meta":{"stream":"keyed"},"page":{"id":1}}`, "Failed extracting t from event, field is not defined."},
		{"a stream with an illegal name", `{"$schema":"/click/1.0.0","meta":{"stream":"any.x y"}}`,
			`invalid topic: "dc1.any.x y" is not a name that Kafka accepts (1 to 249 letters, digits, dots, underscores and hyphens, but not . or ..).`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp := post(wikimedia(t, &memory{}), c.body)
			wantStatus(t, resp, 400, "1 out of 1 events were invalid and not accepted.")
			if got := message(t, resp); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestOutcomesOfProducing(t *testing.T) {
	cases := []struct {
		kind   kafka.Kind
		status int
		want   string
	}{
		{kafka.TooLarge, 400, "told by the producer"},
		{kafka.InvalidTopic, 400, "told by the producer"},
		{kafka.UnknownTopic, 500, "told by the producer"},
		{kafka.Timeout, 500, "it may have been produced or not. Sending it again with the same meta.id is safe"},
		{kafka.Overloaded, 503, "told by the producer"},
		{kafka.Unavailable, 503, "told by the producer"},
		{kafka.BadTimestamp, 500, "told by the producer"},
		{kafka.Closed, 503, "told by the producer"},
		{kafka.Other, 500, "told by the producer"},
	}
	for _, c := range cases {
		t.Run(c.kind.String(), func(t *testing.T) {
			m := &memory{refuse: func(*kafka.Record) error { return &kafka.DeliveryError{Kind: c.kind, Msg: "told by the producer"} }}
			resp := post(wikimedia(t, m), click(""))
			if resp.Status != c.status || !strings.Contains(message(t, resp), c.want) {
				t.Errorf("answered %d %s", resp.Status, resp.Body)
			}
			if !resp.Retained {
				t.Error("the body may be used again, though the producer may still hold it")
			}
		})
	}
}

func TestDuplicateKeysAreResolved(t *testing.T) {
	m, e := &memory{}, &ear{}
	g := wikimedia(t, m, func(c *Config) { c.Observer = e })
	wantStatus(t, post(g, `{"$schema":"/no/1.0.0","n":"x","$schema":"/click/1.0.0","meta":5,"meta":{"stream":"clicks","id":"a","id":"i","dt":"2024-03-04T05:00:00Z"},"n":1}`), 201,
		"All 1 out of 1 events were accepted.")
	if got, want := string(only(t, m).Value), `{"$schema":"/click/1.0.0","n":1,"meta":{"stream":"clicks","id":"i","dt":"2024-03-04T05:00:00Z"}}`; !strings.HasPrefix(got, want[:len(want)-1]) {
		t.Errorf("produced %s\nwant %s", got, want)
	}
	if e.count("noted normalised clicks /click/1.0.0") != 1 {
		t.Errorf("heard %q", e.heard)
	}
}

func TestSchemaDefaultsAreFilledIn(t *testing.T) {
	m := &memory{}
	g := wikimedia(t, m, func(c *Config) { c.Transforms = []string{} })
	wantStatus(t, post(g, `{"$schema":"/filled/1.0.0","meta":{"stream":"defaults"}, "x": 1.0}`), 201, "All 1 out of 1 events were accepted.")
	if got, want := string(only(t, m).Value), `{"$schema":"/filled/1.0.0","meta":{"stream":"defaults"}, "x": 1.0,"test":"filled in"}`; got != want {
		t.Errorf("produced %s\nwant %s", got, want)
	}
}
