package eventgate

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/streamconfig"
	"github.com/google/uuid"
)

// produced is the only record's value, parsed.
func produced(t *testing.T, m *memory) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(only(t, m).Value, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func dig(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

func TestFieldsAreFilledIn(t *testing.T) {
	m := &memory{}
	resp := post(wikimedia(t, m), click(`"n":9007199254740993,"x": 1.0`), withHeader("X-Request-Id", "req"), withHeader("User-Agent", "agent/1"), withHeader("X-Other", "no"))
	wantStatus(t, resp, 201, "All 1 out of 1 events were accepted.")
	record := only(t, m)
	if record.Topic != "dc1.clicks" || record.Timestamp != arrival.UnixMilli() || record.Key != nil {
		t.Errorf("record %+v", record)
	}
	text := string(record.Value)
	if !strings.HasPrefix(text, `{"$schema":"/click/1.0.0","meta":{"stream":"clicks","id":"`) || !strings.Contains(text, `"n":9007199254740993,"x": 1.0,`) {
		t.Errorf("what was sent was changed: %s", text)
	}
	var v map[string]any
	if err := json.Unmarshal(record.Value, &v); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"meta.dt": "2024-03-04T05:06:07.008Z", "meta.request_id": "req", "http.request_headers.user-agent": "agent/1", "http.client_ip": "192.0.2.1",
	} {
		if got := dig(v, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if id, err := uuid.Parse(dig(v, "meta.id").(string)); err != nil || id.Version() != 7 {
		t.Errorf("meta.id is %v", dig(v, "meta.id"))
	}
	if dig(v, "dt") != nil {
		t.Error("dt was filled in, which the schema does not have")
	}
}

func TestPresentFieldsStay(t *testing.T) {
	m := &memory{}
	sent := `{"http":{"client_ip":"::1","request_headers":{"user-agent":"mine"}},"meta":{"dt":"2024-03-04T05:00:00Z","id":"i","request_id":"r","stream":"clicks"},"$schema":"/click/1.0.0"}`
	post(wikimedia(t, m), sent, withHeader("X-Request-Id", "req"), withHeader("User-Agent", "agent/1"))
	record := only(t, m)
	if string(record.Value) != sent {
		t.Errorf("produced %s\nwant %s", record.Value, sent)
	}
	if record.Timestamp != arrival.UnixMilli()-367_008 {
		t.Errorf("timestamp %d", record.Timestamp)
	}
}

func TestOnlyWhatTheSchemaHasIsFilledIn(t *testing.T) {
	m := &memory{}
	sent := `{"$schema":"/bare/1.0.0","meta":{"stream":"bares"}}`
	post(wikimedia(t, m), sent, withHeader("User-Agent", "agent/1"))
	if got := string(only(t, m).Value); got != sent {
		t.Errorf("produced %s", got)
	}
}

func TestLegacySchemasGetDt(t *testing.T) {
	m := &memory{}
	post(wikimedia(t, m), `{"$schema":"/analytics/legacy/old/1.0.0","meta":{"stream":"old"}}`)
	if v := produced(t, m); v["dt"] != "2024-03-04T05:06:07.008Z" {
		t.Errorf("produced %v", v)
	}
}

func TestStreamsSayWhichHeadersTheyTake(t *testing.T) {
	m := &memory{}
	post(wikimedia(t, m), `{"$schema":"/click/1.0.0","meta":{"stream":"own.headers"}}`, withHeader("X-Own", "mine"), withHeader("X-Request-Id", "no"), withHeader("User-Agent", "agent"))
	v := produced(t, m)
	if dig(v, "http.request_headers.x-own") != "mine" || dig(v, "meta.request_id") != nil || dig(v, "http.request_headers.user-agent") != "agent" {
		t.Errorf("produced %v", v)
	}
}

func TestLongHeadersAreCut(t *testing.T) {
	for sent, want := range map[string]string{
		strings.Repeat("é", 500):              strings.Repeat("é", 400),
		strings.Repeat("x", 400):              strings.Repeat("x", 400),
		"caf\xe9 " + strings.Repeat("x", 500): "café " + strings.Repeat("x", 395),
		"a\"b\\\x01":                          "a\"b\\\x01",
	} {
		m := &memory{}
		post(wikimedia(t, m), click(""), withHeader("User-Agent", sent))
		if got := dig(produced(t, m), "http.request_headers.user-agent"); got != want {
			t.Errorf("%.20q became %.20q", sent, got)
		}
	}
}

func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	cases := []struct {
		name            string
		trusted         []netip.Prefix
		peer, xff, xcip string
		want            string
	}{
		{"the peer", nil, "192.0.2.1", "", "", "192.0.2.1"},
		{"everyone is believed", nil, "203.0.113.9", "198.51.100.1, 10.0.0.1", "", "198.51.100.1"},
		{"X-Client-IP comes first", nil, "203.0.113.9", "198.51.100.1", "198.51.100.2", "198.51.100.2"},
		{"what a trusted proxy wrote", proxies, "192.0.2.1", "198.51.100.1,203.0.113.7", "", "203.0.113.7"},
		{"through two trusted proxies", proxies, "192.0.2.1", "198.51.100.1, 203.0.113.7, 192.0.2.2", "", "203.0.113.7"},
		{"from a trusted proxy itself", proxies, "192.0.2.1", "192.0.2.3, 192.0.2.2", "", "192.0.2.3"},
		{"with a port", proxies, "192.0.2.1", "[2001:db8::1]:443", "", "2001:db8::1"},
		{"what is no address", proxies, "192.0.2.1", "198.51.100.1, <script>, 192.0.2.2", "not an ip", "192.0.2.2"},
		{"a proxy's X-Client-IP", proxies, "192.0.2.1", "198.51.100.1", "198.51.100.2", "198.51.100.2"},
		{"a trusted proxy over IPv6", proxies, "::ffff:192.0.2.1", "198.51.100.1", "", "198.51.100.1"},
		{"a stranger", proxies, "203.0.113.9", "198.51.100.1", "198.51.100.2", "203.0.113.9"},
		{"no one is believed", []netip.Prefix{}, "192.0.2.1", "198.51.100.1", "", "192.0.2.1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			g := wikimedia(t, m, func(cfg *Config) { cfg.TrustedProxies = c.trusted })
			change := func(r *Request) { r.RemoteIP = c.peer }
			post(g, click(""), change, withHeader("X-Forwarded-For", c.xff), withHeader("X-Client-Ip", c.xcip))
			if got := dig(produced(t, m), "http.client_ip"); got != c.want {
				t.Errorf("client_ip is %v, want %s", got, c.want)
			}
		})
	}
}

func TestQueryDefaults(t *testing.T) {
	m := &memory{}
	g := wikimedia(t, m)
	query := func(r *Request) { r.SchemaURI, r.Stream = "/click/1.0.0", "clicks" }
	wantStatus(t, post(g, `[{"n":1},{"n":2,"meta":{"stream":"eventlogging_Old"}}]`, query), 201, "All 2 out of 2 events were accepted.")
	records := m.take()
	var first map[string]any
	if err := json.Unmarshal(records[0].Value, &first); err != nil {
		t.Fatal(err)
	}
	if first["$schema"] != "/click/1.0.0" || dig(first, "meta.stream") != "clicks" || dig(first, "meta.id") == nil || records[0].Topic != "dc1.clicks" {
		t.Errorf("produced %s to %s", records[0].Value, records[0].Topic)
	}
	if records[1].Topic != "eventlogging_Old" {
		t.Errorf("an old stream went to %s", records[1].Topic)
	}
}

func TestTimestamps(t *testing.T) {
	cases := []struct {
		dt   string
		want int64
	}{
		{`"2024-03-04T05:06:07Z"`, arrival.UnixMilli() - 8},
		{`"2024-03-04T06:06:07+01:00"`, arrival.UnixMilli() - 8},
		{`"2024-02-26T05:06:08Z"`, 1708923968000},
		{`"2024-02-26T05:06:06Z"`, 0},
		{`"2024-03-04T05:16:07Z"`, 1709529367000},
		{`"2024-03-04T05:16:08Z"`, 0},
		{`"1970-01-01T00:00:00Z"`, 0},
		{`"2024-02-30T00:00:00Z"`, 0}, // passes the schema's format
		{`"2024-03-04 05:06:07.5z"`, arrival.UnixMilli() + 492},
		{`"2024-03-04t06:06:07+0100"`, arrival.UnixMilli() - 8},
		{`"2024-03-04\u00a000:06:07-05:00"`, arrival.UnixMilli() - 8},
		{`"2024-03-04\ufeff05:06:07Z"`, arrival.UnixMilli() - 8},
		{`"2024-03-04T06:06:07+01"`, 0}, // not a date to JavaScript either
		{`"2024-03-03T23:59:60Z"`, 0},
	}
	for _, c := range cases {
		m, e := &memory{}, &ear{}
		g := wikimedia(t, m, func(cfg *Config) { cfg.Observer = e })
		wantStatus(t, post(g, `{"$schema":"/click/1.0.0","meta":{"stream":"clicks","dt":`+c.dt+`}}`), 201, "All 1 out of 1 events were accepted.")
		if got := only(t, m).Timestamp; got != c.want {
			t.Errorf("%s became %d, want %d", c.dt, got, c.want)
		}
		if n := e.count("noted arrival_time clicks /click/1.0.0"); (n == 1) != (c.want == 0) {
			t.Errorf("%s was noted %d times", c.dt, n)
		}
	}
}

func TestMessageKeys(t *testing.T) {
	for sent, want := range map[string]string{
		`{"id":1,"title":"Tea"}`:                   `{"page":{"id":1},"t":"Tea"}`,
		`{"title":"T\u0065a","id": 1.0 }`:          `{"page":{"id":1},"t":"Tea"}`,
		`{"title":"\"\\/\u00e9","id":10000000000}`: `{"page":{"id":10000000000},"t":"\"\\/é"}`,
		`{"title":"","id":-0}`:                     `{"page":{"id":0},"t":""}`,
	} {
		m := &memory{}
		wantStatus(t, post(wikimedia(t, m), `{"$schema":"/click/1.0.0","meta":{"stream":"keyed"},"page":`+sent+`}`), 201, "All 1 out of 1 events were accepted.")
		if got := string(only(t, m).Key); got != want {
			t.Errorf("the key of %s is %s, want %s", sent, got, want)
		}
	}
}

func TestValuesOfMessageKeys(t *testing.T) {
	for sent, want := range map[string]string{
		`{ "a" : [ 1.0 , "\u00e9\u2028" , null ] , "\u0062" : { } }`:      `{"a":[1,"é` + "\u2028" + `",null],"b":{}}`,
		`["\ud800","\u001F","\/",true,1e21,1E-7,-0.0,123456789012345678]`: `["\ud800","\u001f","/",true,1e+21,1e-7,0,123456789012345680]`,
		`{"a":1,"a":2}`: `{"a":2}`,
		`1e999`:         `null`,
		`false`:         `false`,
	} {
		if got := string(appendPlain(nil, []byte(sent))); got != want {
			t.Errorf("%s is %s in a key, want %s", sent, got, want)
		}
	}
}

func TestAStreamOfAnotherMajorVersion(t *testing.T) {
	m, e := &memory{}, &ear{}
	body := `{"$schema":"/click/1.0.0","meta":{"stream":"clicks.v2"}}`
	log, book := logBook()
	g := wikimedia(t, m, func(c *Config) { c.Observer, c.Logger = e, log })
	post(g, body)
	post(g, body)
	if e.count("noted other_major clicks.v2 /click/1.0.0") != 2 || len(m.take()) != 2 {
		t.Errorf("heard %q", e.heard)
	}
	if n := strings.Count(book.String(), "major version"); n != 1 {
		t.Errorf("warned %d times: %s", n, book)
	}
	resp := post(wikimedia(t, m, func(c *Config) { c.RefuseOtherMajor = true }), body)
	if resp.Status != 400 || !strings.Contains(message(t, resp), "major version 2") {
		t.Errorf("answered %d %s", resp.Status, resp.Body)
	}
}

func TestAliases(t *testing.T) {
	m := &memory{}
	g := wikimedia(t, m)
	wantStatus(t, post(g, `{"$schema":"/click/1.0.0","meta":{"stream":"old.name"}}`), 201, "All 1 out of 1 events were accepted.")
	if r := only(t, m); r.Topic != "dc1.renamed" || !strings.Contains(string(r.Value), `"stream":"old.name"`) {
		t.Errorf("produced %s to %s", r.Value, r.Topic)
	}
	wantStatus(t, post(g, `{"$schema":"/click/1.0.0","meta":{"stream":"older.name"}}`), 400, "1 out of 1 events were invalid and not accepted.")
}

func TestUnknownStreamsAreLookedUpOnce(t *testing.T) {
	m := &memory{}
	asked := 0
	later := testStreams(t)
	empty, err := streamconfig.Parse("empty.yaml", []byte("streams: {}"))
	if err != nil {
		t.Fatal(err)
	}
	now := func() *streamconfig.Config { return empty }
	g := wikimedia(t, m, func(c *Config) {
		c.Streams = func() *streamconfig.Config { return now() }
		c.UnknownStream = func(context.Context, string) error {
			asked++
			now = later
			return nil
		}
	})
	wantStatus(t, post(g, click("")), 201, "All 1 out of 1 events were accepted.")
	wantStatus(t, post(g, click("")), 201, "All 1 out of 1 events were accepted.")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
