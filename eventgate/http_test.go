package eventgate

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
)

func serveOne(h http.Handler, method, target, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestRoutes(t *testing.T) {
	h := NewHandler(wikimedia(t, &memory{}), HandlerConfig{Streams: testStreams(t), TestEvents: []json.RawMessage{json.RawMessage(click(""))}, Version: "1.2.3", Home: "https://example.org/?a&b"})
	cases := []struct {
		method, target string
		status         int
		has            string
	}{
		{"POST", "/v1/events", 201, ""},
		{"POST", "/V1/Events/", 201, ""},
		{"POST", "/v1//events", 201, ""},
		{"POST", "//v1/events", 404, "Cannot POST //v1/events"},
		{"POST", "/v1/eve%6Ets", 404, "Cannot POST /v1/eve%6Ets"},
		{"POST", "/v1/events//", 404, ""},
		{"GET", "/v1/events", 405, `"detail":"GET is not allowed on /v1/events, but POST is."`},
		{"OPTIONS", "/v1/events", 200, "POST"},
		{"GET", "/v1/_test/events", 201, ""},
		{"POST", "/v1/_test/events", 405, ""},
		{"GET", "/_info", 200, `"version":"1.2.3"`},
		{"GET", "/_info/home", 301, "Redirecting to https://example.org/?a&b"},
		{"DELETE", "/_info/home", 301, ""},
		{"GET", "/?spec", 200, `"version":"1.2.3"`},
		{"GET", "/?%73pec", 200, `"version":"1.2.3"`},
		{"GET", "/?spec[a]=1&doc", 200, `"version":"1.2.3"`},
		{"GET", "/?[spec]=1", 200, `"version":"1.2.3"`},
		{"GET", "/?[spec][a]=1", 200, `"version":"1.2.3"`},
		{"GET", "/?[spec]x", 200, `"version":"1.2.3"`},
		{"GET", "/?[spec", 404, ""},
		{"GET", "/?doc", 200, "OpenAPI"},
		{"GET", "/?doc&path=", 200, "OpenAPI"},
		{"GET", "/?doc&path=" + strings.Repeat("x", 2000), 404, strings.Repeat("x", 2000) + " could not"},
		{"GET", "/" + strings.Repeat("x", 4000), 404, strings.Repeat("x", 4000) + "</pre>"},
		{"GET", "/", 404, ""},
		{"GET", "//?spec", 404, ""},
		{"GET", "/_info//version", 200, `"version":"1.2.3"`},
		{"GET", "/_info//", 200, `"version":"1.2.3"`},
		{"GET", "/%C3%A9%25", 404, "Cannot GET /%C3%A9%25</pre>"},
		{"GET", "/?doc&é", 400, "escaped"},
		{"GET", "/robots.txt", 200, "Disallow: /"},
		{"GET", "/<b>", 404, "Cannot GET /%3Cb%3E"},
		{"GET", "/v1/stream-configs", 200, `"clicks":{`},
		{"GET", "/v1/stream-configs/clicks,errors", 200, `"errors":{`},
		{"GET", "/v1/stream-configs/old%7Cclicks", 200, `"old":{`},
		{"GET", "/v1/stream-configs/nowhere", 200, "{}"},
		{"GET", "/V1//Stream-Configs/clicks/", 200, `{"clicks":{`},
		{"GET", "/v1//stream-configs", 200, `"clicks":{`},
		{"GET", "/v1/stream-configs/clicks/errors", 404, "Cannot GET"},
		{"GET", "/v1/stream-configsx", 404, ""},
	}
	for _, c := range cases {
		t.Run(c.method+" "+c.target, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "/", strings.NewReader(click("")))
			u, err := r.URL.Parse("http://h" + c.target)
			if err != nil {
				t.Fatal(err)
			}
			r.URL, r.RequestURI = u, c.target
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.has)
			}
			if ct := w.Header().Get("Content-Type"); strings.HasPrefix(ct, "application/json") && !json.Valid(w.Body.Bytes()) {
				t.Errorf("not JSON: %s", w.Body)
			}
		})
	}
	if w := serveOne(h, "GET", "/_info/home", "", header("Accept", "text/html")); !strings.Contains(w.Body.String(), `<a href="https://example.org/?a&amp;b">`) {
		t.Errorf("answered %s", w.Body)
	}
	if w := serveOne(h, "GET", "/_info/home", "", header("Accept", "image/png")); w.Code != 301 || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" || w.Header().Get("Vary") != "Accept" {
		t.Errorf("answered %d %v %s", w.Code, w.Header(), w.Body)
	}
	if got := encodePath("/a\"%20"); got != "/a%22%20" {
		t.Errorf("the path is told as %s", got)
	}
}

func TestNegotiationOfTypes(t *testing.T) {
	for header, want := range map[string]int{
		"": 0, "*/*": 0, "text/*": 0, "text/html": 1, "TEXT/HTML": 1, "text/plain, text/html": 0, "text/html, text/plain": 1, "text/html;q=0.5, text/plain": 0,
		"text/html,application/xhtml+xml,*/*;q=0.8": 1, "*/*, text/html;q=0.5": 0, "*/*, text/html": 1, "text/html;q=0": -1, "text/html;q=0, */*;q=0.1": 0, "image/png": -1, "text/plain;q=0, text/html;q=x": -1,
		"*/html": 1, "text/html, text/plain, text/html": 0, "text/html;q=0, text/html": 1, "text/html;level=1": -1, "text/html;charset=utf-8, text/plain;q=0.1;x=1": 0,
	} {
		if got := prefers(header, "text/plain", "text/html"); got != want {
			t.Errorf("%q: %d, want %d", header, got, want)
		}
	}
}

func TestBelowAPrefixAndBesideOthers(t *testing.T) {
	m := &memory{}
	others := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := http.StripPrefix("/eventgate", NewHandler(wikimedia(t, m), HandlerConfig{NotFound: others}))
	if w := serveOne(h, "POST", "/eventgate/v1/events", click("")); w.Code != 201 || len(m.take()) != 1 {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if w := serveOne(h, "GET", "/eventgate/other", ""); w.Code != http.StatusTeapot {
		t.Errorf("answered %d", w.Code)
	}
}

func TestCORS(t *testing.T) {
	preflight := []func(*http.Request){header("Origin", "https://w.example"), header("Access-Control-Request-Method", "POST")}
	w := serveOne(NewHandler(wikimedia(t, &memory{}), HandlerConfig{CORS: "*"}), "OPTIONS", "/v1/events", "", preflight...)
	if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Access-Control-Allow-Methods") != "post" {
		t.Errorf("answered %d %v", w.Code, w.Header())
	}
	w = serveOne(NewHandler(wikimedia(t, &memory{}), HandlerConfig{}), "OPTIONS", "/v1/events", "", preflight...)
	if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Content-Security-Policy") != "" {
		t.Errorf("answered %d %v", w.Code, w.Header())
	}
}

func pack(t *testing.T, encoding string, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Decoders are kept from one request to the next: a broken body must not spoil the next one.
func TestCompressedBodies(t *testing.T) {
	m := &memory{}
	h := NewHandler(wikimedia(t, m), HandlerConfig{MaxBodyBytes: 1000})
	bomb := bytes.Repeat([]byte(" "), 50<<20)
	for range 3 {
		for _, encoding := range []string{"gzip", "deflate", "zstd"} {
			whole := pack(t, encoding, []byte(click("")))
			if w := serveOne(h, "POST", "/v1/events", whole, header("Content-Encoding", encoding)); w.Code != 201 || len(m.take()) != 1 {
				t.Errorf("%s: %d %s", encoding, w.Code, w.Body)
			}
			if w := serveOne(h, "POST", "/v1/events", whole[:len(whole)/2], header("Content-Encoding", encoding)); w.Code != 400 {
				t.Errorf("%s cut off: %d %s", encoding, w.Code, w.Body)
			}
			if w := serveOne(h, "POST", "/v1/events", "no "+whole, header("Content-Encoding", encoding)); w.Code != 400 {
				t.Errorf("%s broken: %d %s", encoding, w.Code, w.Body)
			}
			if w := serveOne(h, "POST", "/v1/events", pack(t, "gzip", nil)+pack(t, "gzip", []byte(click("")))+"\x00\x00x", header("Content-Encoding", "gzip")); w.Code != 201 || len(m.take()) != 1 {
				t.Errorf("two members and zeros: %d %s", w.Code, w.Body)
			}
			noise := pack(t, "gzip", []byte(click(`"x":"`+strings.Repeat("x", 900)+`"`)))
			if w := serveOne(h, "POST", "/v1/events", noise+string(make([]byte, 1000)), header("Content-Encoding", "gzip")); w.Code != 201 || len(m.take()) != 1 {
				t.Errorf("more bytes than there are after decompression: %d %s", w.Code, w.Body)
			}
		}
	}
	large := NewHandler(wikimedia(t, m), HandlerConfig{MaxBodyBytes: 1 << 20})
	for _, encoding := range []string{"gzip", "deflate", "zstd"} {
		if w := serveOne(large, "POST", "/v1/events", pack(t, encoding, bomb), header("Content-Encoding", encoding)); w.Code != 413 {
			t.Errorf("a bomb in %s: %d %s", encoding, w.Code, w.Body)
		}
	}
	if n := len(m.take()); n > 0 {
		t.Errorf("%d records were produced", n)
	}
}

func TestBodiesInUTF16(t *testing.T) {
	units := utf16.Encode([]rune(click(`"x":"😀é"`)))
	for name, encode := range map[string]func(b []byte, u uint16) []byte{
		"utf-16le": func(b []byte, u uint16) []byte { return append(b, byte(u), byte(u>>8)) },
		"utf-16be": func(b []byte, u uint16) []byte { return append(b, byte(u>>8), byte(u)) },
	} {
		var plain []byte
		for _, u := range units {
			plain = encode(plain, u)
		}
		marked := append(encode(nil, 0xFEFF), plain...)
		for charset, bodies := range map[string][][]byte{name: {plain, marked}, "utf-16": {plain, marked}} {
			for _, body := range bodies {
				m := &memory{}
				h := NewHandler(wikimedia(t, m), HandlerConfig{})
				w := serveOne(h, "POST", "/v1/events", string(body), header("Content-Type", "application/json; charset="+charset))
				if w.Code != 201 || !strings.Contains(string(only(t, m).Value), `"x":"😀é"`) {
					t.Errorf("%s as %s: %d %s", name, charset, w.Code, w.Body)
				}
			}
		}
	}
	if got := string(utf16Text([]byte{0x00, 0xD8, 'a', 0, 'b'}, false)); got != "\xffa\xff" {
		t.Errorf("broken UTF-16 became %q", got)
	}
}

func TestNegotiationOfEncodings(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "br": "", "gzip": "gzip", "GZIP": "gzip", "deflate": "deflate", "deflate, gzip": "gzip", "gzip;q=0": "", "gzip; q=0.0, deflate": "deflate",
		"*": "gzip", "*;q=0": "", "identity, gzip": "", "identity;q=0.5, gzip;q=1.0": "gzip", "br, deflate;q=0.1": "deflate", "gzip;q=x": "",
		"gzip;q=0, *": "deflate", "*;q=0.5, gzip;q=0": "deflate", "*;q=0.5, identity": "", "identity;q=0": "", "br, gzip;q=0.5": "gzip", "gzip;q=0.9, *;q=1": "", "deflate, gzip;q=0.9": "gzip",
	} {
		if got := negotiate(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

// What is wrong with the headers of a body is said also if it has no bytes; without a body there is nothing wrong.
func TestBodiesOfNoBytes(t *testing.T) {
	h := NewHandler(wikimedia(t, &memory{}), HandlerConfig{})
	for _, c := range []struct {
		announced, name, value string
		want                   int
		reason                 string
	}{
		{"0", "Content-Type", "application/json; charset=latin1", 415, "charset"},
		{"0", "Content-Encoding", "br", 415, "encoding"},
		{"0", "Content-Encoding", "gzip", 400, "is not what Content-Encoding"},
		{"0", "Content-Type", "text/html", 400, ""},
		{"", "Content-Type", "application/json; charset=latin1", 400, ""},
		{"", "Content-Encoding", "gzip", 400, ""},
	} {
		change := []func(*http.Request){header(c.name, c.value)}
		if c.announced != "" {
			change = append(change, header("Content-Length", c.announced))
		}
		if w := serveOne(h, "POST", "/v1/events", "", change...); w.Code != c.want || !strings.Contains(w.Body.String(), c.reason) || c.reason == "" && w.Body.Len() > 0 {
			t.Errorf("%+v: answered %d %s", c, w.Code, w.Body)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	for header, want := range map[string]string{
		"application/json": "utf-8", "Application/JSON ; Charset=\"UTF-8\"": "utf-8", `application/json; q="a; charset=latin1"`: "utf-8", "application/json; boundary": "utf-8",
		"application/ld+json; charset=utf-16-le": "utf-16-le", "text/plain": "utf-8", "application/json; charset=utf-8, text/plain": "", "application/json; charset=utf 8": "",
		"text/html": "", "application/json, text/plain": "", "": "", "application/json+": "utf-8", "text/plain+; charset=utf-16": "utf-16", "image/json+": "",
		`application/json; charset="utf-8, x"`: "utf-8, x", `application/json; charset="ut\f-8"`: "utf-8", `application/json; charset="utf-8`: "utf-8",
	} {
		if charset, ok := mediaType(header); ok != (want != "") || ok && charset != want {
			t.Errorf("%q: %q %v, want %q", header, charset, ok, want)
		}
	}
	for charset, want := range map[string]bool{"utf-8": true, "utf-16-le": true, "utf_8": false, "utf8": false, "utf-7": false, "latin1": false} {
		if _, known := decoder(charset); known != want {
			t.Errorf("%q: known %v", charset, known)
		}
	}
}

// The memory of all bodies together is bounded, and given back.
func TestManyLargeBodies(t *testing.T) {
	m := &memory{hold: make(chan struct{}), count: true}
	h := NewHandler(wikimedia(t, m), HandlerConfig{MaxBodyBytes: 1 << 20, MaxBodiesBytes: 1 << 20})
	large := click(`"x":"` + strings.Repeat("x", 700<<10) + `"`)
	first := make(chan int)
	go func() { first <- serveOne(h, "POST", "/v1/events", large).Code }()
	for h.(*handler).surface.bodies.Load() < 600<<10 {
		runtime.Gosched()
	}
	if w := serveOne(h, "POST", "/v1/events", large); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if w := serveOne(h, "POST", "/v1/events?dry_run=1", click("")); w.Code != 200 {
		t.Errorf("a small one was answered %d", w.Code)
	}
	close(m.hold)
	if code := <-first; code != 201 {
		t.Errorf("answered %d", code)
	}
	if w := serveOne(h, "POST", "/v1/events", large); w.Code != 201 || h.(*handler).surface.bodies.Load() != 0 {
		t.Errorf("answered %d, %d bytes are still counted", w.Code, h.(*handler).surface.bodies.Load())
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestBodiesThatDoNotArrive(t *testing.T) {
	h := NewHandler(wikimedia(t, &memory{}), HandlerConfig{})
	for err, status := range map[error]int{os.ErrDeadlineExceeded: 408, io.ErrUnexpectedEOF: 400, errors.New("reset"): 400} {
		r := httptest.NewRequest("POST", "/v1/events", failing{err})
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength = 10
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
}

func TestQueryAndHeadersOfARequest(t *testing.T) {
	m := &memory{}
	h := NewHandler(wikimedia(t, m), HandlerConfig{SchemaURIQueryParam: "schema_uri", StreamQueryParam: "stream"})
	if w := serveOne(h, "POST", "/v1/events?stream=clicks&schema_uri=%2Fclick%2F1.0.0", `{"n":1}`); w.Code != 201 {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	cases := []struct {
		query, header, value string
		status               int
		has                  string
	}{
		{"?hasty=true", "X", "", 202, ""},
		{"?hasty=false", "X", "", 201, ""},
		{"?hasty=0", "X", "", 201, ""},
		{"?a=b&hasty=1", "X", "", 202, ""},
		{"?h%61sty=1", "X", "", 202, ""},
		{"?hasty=&hasty=true", "X", "", 202, ""},
		{"?hasty=false&hasty=0&hasty=", "X", "", 201, ""},
		{"?hasty[]=true", "X", "", 201, ""},
		{"?" + strings.Repeat("x=1&", 999) + "hasty=1", "X", "", 202, ""},
		{"?" + strings.Repeat("x=1&", 1000) + "hasty=1", "X", "", 201, ""},
		{"?receipt=true", "X", "", 201, `"receipts":[`},
		{"", "Prefer", "handling=strict, return = representation", 201, `"receipts":[`},
		{"?dry_run=1", "X", "", 200, `"receipts":[`},
		{"?dry_run", "X", "", 200, `"receipts":[`},
		{"?dry_run=False", "X", "", 201, ""},
		{"?receipt", "X", "", 201, `"receipts":[`},
		{"?receipt=no", "X", "", 201, ""},
		{"?hasty=Off", "X", "", 201, ""},
	}
	for _, c := range cases {
		w := serveOne(h, "POST", "/v1/events"+c.query, click(""), header(c.header, c.value))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s %s: %d %s", c.query, c.value, w.Code, w.Body)
		}
	}
	if w := serveOne(h, "POST", "/v1/events", "{", header("Accept", "application/problem+json, */*")); w.Header().Get("Content-Type") != typeProblem || w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
	for target, status := range map[string]int{"/nope": 404, "/v1/events": 405, "/?doc&path=x": 404} {
		w := serveOne(h, "GET", target, "", header("Accept", "application/problem+json"))
		if want := fmt.Sprintf(`{"type":"about:blank","status":%d,"title":"%s"`, status, http.StatusText(status)); w.Code != status || !strings.HasPrefix(w.Body.String(), want) ||
			w.Header().Get("Content-Type") != typeProblem {
			t.Errorf("%s: %d %v %s", target, w.Code, w.Header(), w.Body)
		}
	}
	if w := serveOne(h, "POST", "/v1/events", "<x/>", header("Content-Type", "text/xml"), header("Accept", "application/problem+json")); w.Code != 415 ||
		!strings.Contains(w.Body.String(), `"status":415`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestUnreadableBodiesAreLogged(t *testing.T) {
	log, lines := logBook()
	h := NewHandler(wikimedia(t, &memory{}, func(c *Config) { c.Logger = log }), HandlerConfig{MaxBodyBytes: 10})
	serveOne(h, "POST", "/v1/events", click(""), header("X-Request-Id", "req"))
	if s := lines.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, `"level":"WARN"`) || !strings.Contains(s, `"status":413`) || !strings.Contains(s, `"request_id":"req"`) {
		t.Errorf("logged %s", s)
	}
}

func TestWhatTheObserverHearsOfRequests(t *testing.T) {
	e := &ear{}
	h := NewHandler(wikimedia(t, &memory{}, func(c *Config) { c.Observer = e }), HandlerConfig{})
	serveOne(h, "POST", "/v1/events", click(""))
	serveOne(h, "GET", "/any/path", "")
	if e.count("answered POST v1/events") != 1 || e.count("answered GET other") != 1 || e.count("produced clicks /click/1.0.0") != 1 {
		t.Errorf("heard %q", e.heard)
	}
}

func FuzzHandler(f *testing.F) {
	f.Add("/v1/events?hasty=1", "application/json", "gzip", []byte(click("")))
	f.Add("/?doc&path=../x", "text/plain; charset=utf-16", "", []byte("[{}]"))
	f.Add("/v1/stream-configs/a|b", "application/x+json;;=", "zstd", []byte{0x28, 0xB5, 0x2F, 0xFD})
	g := wikimedia(f, &memory{count: true})
	h := NewHandler(g, HandlerConfig{CORS: "*", CSP: DefaultCSP, MaxBodyBytes: 1 << 16, Streams: testStreams(f), StreamQueryParam: "s", SchemaURIQueryParam: "u"})
	f.Fuzz(func(t *testing.T, target, contentType, encoding string, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		u, err := r.URL.Parse(target)
		if err != nil {
			return
		}
		r.URL, r.RequestURI = u, target
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
		if ct := w.Header().Get("Content-Type"); strings.HasPrefix(ct, "application/json") && w.Header().Get("Content-Encoding") == "" && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("not JSON: %s", w.Body)
		}
	})
}

func TestPostsAreTraced(t *testing.T) {
	const sent, own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"
	m := &memory{}
	var told []string
	h := NewHandler(wikimedia(t, m), HandlerConfig{Trace: func(method, route, traceparent, tracestate string) (string, func(int)) {
		told = append(told, method, route, traceparent, tracestate)
		if traceparent == "" {
			return "", nil
		}
		return own, func(status int) { told = append(told, strconv.Itoa(status)) }
	}})
	serveOne(h, "POST", "/v1/events", click(""), header("Traceparent", sent), header("Tracestate", "k=v"))
	if got := only(t, m).Headers; len(got) != 2 || string(got[0].Value) != own || string(got[1].Value) != "k=v" {
		t.Errorf("the record's headers are %q", got)
	}
	serveOne(h, "POST", "/v1/events", "{", header("Traceparent", sent))
	serveOne(h, "POST", "/v1/events", click(""))
	if got := only(t, m).Headers; len(got) != 0 {
		t.Errorf("the record's headers are %q", got)
	}
	serveOne(h, "GET", "/v1/events", "")
	want := []string{"POST", "v1/events", sent, "k=v", "201", "POST", "v1/events", sent, "", "400", "POST", "v1/events", "", ""}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}
