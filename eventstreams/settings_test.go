package eventstreams

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

func TestWhoIsAsking(t *testing.T) {
	behind := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, c := range []struct {
		name      string
		proxies   []netip.Prefix
		remote    string
		clientIP  string
		forwarded []string
		want      string
	}{
		{"everyone is believed", nil, "192.0.2.1:5", "any text", nil, "any text"},
		{"everyone is believed, and says nothing", nil, "192.0.2.1:5", "", []string{"192.0.2.9"}, ""},
		{"a proxy says", behind, "10.1.2.3:5", "192.0.2.7", []string{"192.0.2.9"}, "192.0.2.7"},
		{"a proxy forwards", behind, "10.1.2.3:5", "", []string{"203.0.113.1, 192.0.2.9:77, 10.9.9.9", "10.8.8.8"}, "192.0.2.9"},
		{"a proxy forwards for an address that is longer", behind, "10.1.2.3:5", "", []string{"[2001:db9::7]:77"}, "2001:db9::7"},
		{"a proxy forwards for nobody", behind, "[2001:db8::1]:5", "", nil, ""},
		{"a proxy of mapped address", behind, "[::ffff:10.1.2.3]:5", "192.0.2.7", nil, "192.0.2.7"},
		{"somebody pretends", behind, "192.0.2.1:5", "192.0.2.7", []string{"192.0.2.9"}, "192.0.2.1"},
		{"nobody is believed", []netip.Prefix{}, "10.1.2.3:5", "192.0.2.7", nil, "10.1.2.3"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.clientIP != "" {
			r.Header.Set("X-Client-IP", c.clientIP)
		}
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := (&inUse{Settings: Settings{TrustedProxies: c.proxies}}).client(r); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// serving is the service with one stream, for tests in a bubble.
func serving(t *testing.T, settings Settings) *harness {
	t.Helper()
	log := kafkassetest.New("c")
	log.Create("a", 1)
	return newHarness(t, log, parse(t, "streams:\n  a: {topics: [a]}\n"), Config{Settings: settings})
}

func (h *harness) stream(headers ...string) *exchange {
	h.t.Helper()
	q := request{Method: "GET", Path: "/v2/stream/a", Headers: map[string]string{}}
	for i := 0; i < len(headers); i += 2 {
		q.Headers[headers[i]] = headers[i+1]
	}
	return h.send(q)
}

// A limit, denials and allowed streams that are changed hold for who comes then; denied clients that are connected are cut.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serving(t, Settings{})
		defer h.stop()
		kept := h.stream("X-Client-IP", "192.0.2.1")
		denied := h.stream("X-Client-IP", "198.51.100.7")
		agent := h.stream("X-Client-IP", "192.0.2.3", "User-Agent", "A BadBot/1.0")
		if err := h.srv.Reload(Settings{ClientIPConnectionLimit: 1, Denied: []Denial{{Address: "198.51.100.0/24"}, {UserAgent: "BadBot/"}}}); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		for x, want := range map[*exchange]bool{kept: false, denied: true, agent: true} {
			if _, ended := x.body(); ended != want {
				t.Errorf("ended: %v", ended)
			}
		}
		for _, c := range []struct {
			headers []string
			status  int
		}{
			{[]string{"X-Client-IP", "192.0.2.1"}, 429}, // it was counted before there was a limit
			{[]string{"X-Client-IP", "198.51.100.9"}, 403},
			{[]string{"X-Client-IP", "192.0.2.4", "User-Agent", "BadBot/2"}, 403},
			{nil, 400},
		} {
			if x := h.stream(c.headers...); x.head.StatusCode != c.status {
				t.Errorf("%v: %s", c.headers, x.head.Status)
			}
		}
		for _, wrong := range []Denial{{}, {Address: "x"}, {UserAgent: "("}, {Address: "192.0.2.1", UserAgent: "x"}} {
			if err := h.srv.Reload(Settings{Denied: []Denial{wrong}}); err == nil {
				t.Errorf("%+v is accepted", wrong)
			}
		}
		if x := h.stream("X-Client-IP", "198.51.100.9"); x.head.StatusCode != 403 {
			t.Errorf("a reload that failed changed something: %s", x.head.Status)
		}
		if err := h.srv.Reload(Settings{AllowedStreams: []string{"b"}}); err != nil {
			t.Fatal(err)
		}
		if x := h.stream(); x.head.StatusCode != 400 {
			t.Errorf("a stream that is allowed no longer: %s", x.head.Status)
		}
		kept.close()
	})
}

// What is redacted can be changed while streams are open.
func TestRedactionIsReloaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serving(t, Settings{})
		defer h.stop()
		x := h.stream("Accept", "application/json")
		event := []byte(`{"title":"Secret","user":"Ada","meta":{"domain":"d","stream":"mediawiki.recentchange"}}`)
		h.log.Produce(kafka.Record{Topic: "a", Timestamp: 1, Value: event})
		pass(time.Second)
		if err := h.srv.Reload(Settings{RedactedPages: map[string][]string{"d": {"secret"}}}); err != nil {
			t.Fatal(err)
		}
		h.log.Produce(kafka.Record{Topic: "a", Timestamp: 2, Value: event})
		pass(time.Second)
		text, _ := x.body()
		if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 2 || !strings.Contains(lines[0], "Ada") || strings.Contains(lines[1], "Ada") {
			t.Errorf("%q", text)
		}
	})
}

// Who is denied by where the connection comes from cannot say to be somebody else; single events are not for them either.
func TestDeniedConnections(t *testing.T) {
	s := filteredServer(t)
	if err := s.Reload(Settings{Denied: []Denial{{Address: "192.0.2.0/24"}}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, remote, told string
		status             int
	}{
		{"/v2/stream/plain", "192.0.2.7:5", "198.51.100.1", 403}, {"/v2/stream/plain", "198.51.100.1:5", "192.0.2.7", 403}, {"/v2/event/plain/0/0", "192.0.2.7:5", "", 403},
		{"/v2/event/plain/0/0", "198.51.100.1:5", "", 200}, {"/?spec", "192.0.2.7:5", "", 200},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.RemoteAddr = c.remote
		if c.told != "" {
			r.Header.Set("X-Client-IP", c.told)
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s of %s, %s: %d %s", c.path, c.remote, c.told, w.Code, w.Body)
		}
	}
}

// Operators deny for a time.
func TestAdminDenies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serving(t, Settings{Denied: []Denial{{Address: "203.0.113.1"}}})
		defer h.stop()
		x := h.stream("X-Client-IP", "192.0.2.1")
		var report DenyReport
		if status := h.askAdmin("POST", "/clients/denied?address=192.0.2.0/24&seconds=60", &report); status != 201 || report.Cut != 1 {
			t.Fatalf("%d %+v", status, report)
		}
		pass(time.Second)
		if _, ended := x.body(); !ended {
			t.Error("a denied client goes on")
		}
		if x := h.stream("X-Client-IP", "192.0.2.9"); x.head.StatusCode != 403 {
			t.Errorf("a denied client: %s", x.head.Status)
		}
		var list DeniedReport
		if h.askAdmin("GET", "/clients/denied", &list); len(list.Denied) != 2 || list.Denied[0].By != "configuration" || list.Denied[1].Address != "192.0.2.0/24" || list.Denied[1].SecondsLeft != 59 {
			t.Errorf("%+v", list)
		}
		for _, wrong := range []string{"", "?address=x", "?address=192.0.2.1&user_agent=x", "?address=192.0.2.1&seconds=0", "?address=192.0.2.1&seconds=x", "?user_agent=("} {
			if status := h.askAdmin("POST", "/clients/denied"+wrong, nil); status != 400 {
				t.Errorf("%s: %d", wrong, status)
			}
		}
		if status := h.askAdmin("DELETE", "/clients/denied?address=192.0.2.1", nil); status != 404 {
			t.Errorf("what is not denied: %d", status)
		}
		if status := h.askAdmin("POST", "/clients/denied?user_agent=Bot&seconds=600", nil); status != 201 {
			t.Errorf("%d", status)
		}
		pass(time.Minute)
		y := h.stream("X-Client-IP", "192.0.2.9")
		if y.head.StatusCode != 200 {
			t.Errorf("after its time: %s", y.head.Status)
		}
		y.close()
		if x := h.stream("User-Agent", "aBot"); x.head.StatusCode != 403 {
			t.Errorf("a denied user agent: %s", x.head.Status)
		}
		if status := h.askAdmin("DELETE", "/clients/denied?user_agent=Bot", &report); status != 200 || report.Removed != 1 {
			t.Errorf("%d %+v", status, report)
		}
		z := h.stream("User-Agent", "aBot")
		if z.head.StatusCode != 200 {
			t.Errorf("allowed again: %s", z.head.Status)
		}
		z.close()
	})
}

// An event stream over its limit can be one that ends and says when to come again, which a browser's EventSource understands; others get the status.
func TestOverloadAsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := kafkassetest.New("c")
		log.Create("a", 1)
		h := newHarness(t, log, parse(t, "streams:\n  a: {topics: [a]}\n"), Config{Settings: Settings{ClientIPConnectionLimit: 1}, Kafka: kafkasse.Config{OverloadAsStream: true}})
		defer h.stop()
		x := h.stream("X-Client-IP", "192.0.2.1")
		defer x.close()
		events := h.stream("X-Client-IP", "192.0.2.1", "Accept", "text/event-stream")
		text, ended := events.body()
		if events.head.StatusCode != 200 || events.head.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || !ended ||
			!strings.Contains(text, "\nretry: ") || strings.Contains(text, "\n\n") {
			t.Errorf("%s %v %q", events.head.Status, events.head.Header, text)
		}
		if x := h.stream("X-Client-IP", "192.0.2.1", "Accept", "application/json"); x.head.StatusCode != 429 || x.head.Header.Get("Retry-After") != "30" {
			t.Errorf("%s %v", x.head.Status, x.head.Header)
		}
		if n := h.srv.Clients(); n != 1 {
			t.Errorf("%d clients", n)
		}
	})
}

// Who comes and who goes is logged, also when the answer is a refusal; a HEAD is neither.
func TestWhoComesIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serving(t, Settings{})
		defer h.stop()
		var text strings.Builder
		h.srv.log = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		x := h.stream("X-Client-IP", "192.0.2.1", "User-Agent", "me", "Referer", "there")
		pass(2 * time.Second)
		x.close()
		pass(time.Second)
		h.stream("Last-Event-ID", "[]", "X-Client-IP", "192.0.2.2").close()
		h.send(request{Method: "HEAD", Path: "/v2/stream/a", Headers: map[string]string{"X-Client-IP": "192.0.2.3"}}).close()
		const want = "level=INFO msg=connected streams=a ip=192.0.2.1 user_agent=me referer=there\n" +
			"level=INFO msg=disconnected streams=a ip=192.0.2.1 user_agent=me referer=there reason=client seconds=2\n" +
			"level=INFO msg=connected streams=a ip=192.0.2.2 user_agent=\"\" referer=\"\"\n" +
			"level=INFO msg=disconnected streams=a ip=192.0.2.2 user_agent=\"\" referer=\"\" reason=refused seconds=0\n"
		if text.String() != want {
			t.Errorf("%s", text.String())
		}
	})
}
