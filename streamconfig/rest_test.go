package streamconfig

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const restConfig = `
default_settings: {topic_prefixes: [p., q.], consumers: {hive: {enabled: true}}}
streams:
  a: {schema_title: one, sample: {rate: 0.25}, producers: {e: {http.user-agent: ua}}}
  b: {schema_title: two, consumers: {hive: {enabled: false}}, priority: 3, nothing: null}
  /^job\..+/: {schema_title: job}
  new: {schema_title: one, aliases: [old], deprecated: {since: 2026-01-15, sunset: 2026-07-01, successor: a}}
`

func TestStreamsAreFiltered(t *testing.T) {
	c := mustParse(t, "x.yaml", restConfig)
	h := NewHandler(func() *Config { return c })
	for query, want := range map[string]string{
		"":                                   "a b /^job\\..+/ new",
		"?schema_title=one":                  "a new",
		"?sample.rate=0.25":                  "a",
		"?consumers.hive.enabled=false":      "b",
		"?consumers.hive.enabled=true":       "a /^job\\..+/ new",
		"?priority=3":                        "b",
		"?nothing=null":                      "b",
		"?topic_prefixes=q.":                 "a b /^job\\..+/ new",
		"?topics=p.a":                        "a",
		"?stream=job.x":                      "/^job\\..+/",
		"?stream=a":                          "a",
		"?stream=nope":                       "",
		"?producers.e.http.user-agent=ua":    "a",
		"?schema_title=one&stream=new":       "new",
		"?no.such=1":                         "",
		"?schema_title=one&schema_title=two": "",
		"?schema_title=":                     "",
	} {
		for range 2 {
			w := ask(h, "GET", "/v1/streams"+query)
			var body struct{ Streams json.RawMessage }
			if err := json.Unmarshal(w.Body.Bytes(), &body); w.Code != 200 || err != nil {
				t.Fatalf("%s: %d %v %s", query, w.Code, err, w.Body)
			}
			var got []string
			d := json.NewDecoder(strings.NewReader(string(body.Streams)))
			d.Token()
			for d.More() {
				name, _ := d.Token()
				var skip json.RawMessage
				d.Decode(&skip)
				got = append(got, name.(string))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v, want %s", query, got, want)
			}
		}
	}
}

func TestOneStream(t *testing.T) {
	c := mustParse(t, "x.yaml", restConfig)
	h := NewHandler(func() *Config { return c })
	for path, want := range map[string]string{
		"/v1/streams/a":                  `"stream":"a","topics":["p.a","q.a"]`,
		"/v1/streams/job.x":              `"topics":["p.job.x","q.job.x"]`,
		"/v1/streams/%2F%5Ejob%5C..+%2F": `"topics":["/^(p\\.|q\\.)job\\..+/"]`,
		"/v1/streams/old":                `"stream":"new"`,
	} {
		w := ask(h, "GET", path)
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	w := ask(h, "GET", "/v1/streams/old")
	if got := w.Header().Values("Link"); len(got) != 2 || got[0] != `</v1/streams/a>; rel="successor-version"` || got[1] != `</v1/streams/new>; rel="canonical"` {
		t.Error(got)
	}
	if w.Header().Get("Deprecation") != "@1768435200" || w.Header().Get("Sunset") != "Wed, 01 Jul 2026 00:00:00 GMT" {
		t.Error(w.Header())
	}
}

func TestAnOldNameIsAnsweredByTheActionAPI(t *testing.T) {
	c := mustParse(t, "x.yaml", restConfig)
	h := NewHandler(func() *Config { return c })
	want := `{"streams":{"old":` + string(c.byName["new"].Settings) + `}}`
	if got := ask(h, "GET", "/w/api.php?action=streamconfigs&streams=old|nope").Body.String(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestProblems(t *testing.T) {
	c := mustParse(t, "x.yaml", restConfig)
	h := NewHandler(func() *Config { return c })
	for _, p := range []struct {
		method, target string
		status         int
		detail         string
	}{
		{"GET", "/v1/streams/nope", 404, `"nope" is not declared`},
		{"GET", "/v1/streams/" + strings.Repeat("x", 5000), 404, "…"},
		{"GET", "/v1/streams/..%2F..%2Fetc", 404, "not declared"},
		{"POST", "/v1/streams", 405, "read only"},
		{"DELETE", "/v1/streams/a", 405, "read only"},
		{"GET", "/v1/streams?=x", 400, "no name"},
		{"GET", "/v1/streams?a=%zz", 400, "cannot be read"},
		{"GET", "/v1/streams?" + strings.Repeat("a=b&", 60), 400, "more than 50"},
		{"GET", "/nothing", 404, "nothing at"},
		{"PUT", "/w/api.php?action=streamconfigs", 405, "GET or POST"},
	} {
		w := ask(h, p.method, p.target)
		var body struct {
			Status int
			Title  string
			Detail string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != p.status || body.Status != p.status || !strings.Contains(body.Detail, p.detail) ||
			w.Header().Get("Content-Type") != "application/problem+json" || len(body.Detail) > 500 {
			t.Errorf("%s %.60s: %d %.300s", p.method, p.target, w.Code, w.Body)
		}
		if p.status == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", p.method, p.target)
		}
	}
}

func TestConditionalAndCompressedAnswers(t *testing.T) {
	text, _ := large(100)
	c := mustParse(t, "x.json", string(text))
	h := NewHandler(func() *Config { return c })
	for _, target := range []string{"/v1/streams", "/w/api.php?action=streamconfigs&format=json"} {
		plain := ask(h, "GET", target)
		zipped := ask(h, "GET", target, "Accept-Encoding", "br, gzip;q=0.8")
		if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= plain.Body.Len()/3 {
			t.Fatalf("%s: %d of %d bytes", target, zipped.Body.Len(), plain.Body.Len())
		}
		r, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != plain.Body.String() {
			t.Errorf("%s: the compressed answer is another: %v", target, err)
		}
		if plain.Header().Get("Etag") == zipped.Header().Get("Etag") {
			t.Errorf("%s: one ETag for two encodings", target)
		}
		for _, none := range []string{plain.Header().Get("Etag"), "W/" + plain.Header().Get("Etag"), `"x", ` + plain.Header().Get("Etag"), "*"} {
			w := ask(h, "GET", target, "If-None-Match", none)
			if w.Code != 304 || w.Body.Len() > 0 || w.Header().Get("Etag") == "" || w.Header().Get("Cache-Control") == "" {
				t.Errorf("%s: If-None-Match %s: %d", target, none, w.Code)
			}
		}
		if w := ask(h, "GET", target, "If-None-Match", `"other"`); w.Code != 200 {
			t.Errorf("%s: %d", target, w.Code)
		}
		if w := ask(h, "GET", target, "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip for one who refuses it", target)
		}
		head := ask(h, "HEAD", target)
		if head.Body.Len() != 0 || head.Header().Get("Content-Length") != plain.Header().Get("Content-Length") {
			t.Errorf("%s: HEAD %v", target, head.Header())
		}
	}
}

func TestTheCacheOfAnswersIsBounded(t *testing.T) {
	c := mustParse(t, "x.yaml", restConfig)
	h := NewHandler(func() *Config { return c })
	for i := range 3 * maxCachedAnswers {
		ask(h, "GET", "/v1/streams?x="+itoa(int64(i)))
	}
	if n := len(c.answers.young) + len(c.answers.old); n > 2*maxCachedAnswers {
		t.Errorf("%d answers are kept", n)
	}
}

func TestOpenAPI(t *testing.T) {
	var spec map[string]any
	if err := json.Unmarshal(OpenAPI(), &spec); err != nil || spec["openapi"] != "3.1.0" {
		t.Error(err, spec["openapi"])
	}
	c := mustParse(t, "x.yaml", restConfig)
	if w := ask(NewHandler(func() *Config { return c }), "GET", "/openapi.json"); w.Code != 200 || w.Body.String() != string(OpenAPI()) {
		t.Error(w.Code)
	}
}

// TestTheGuidesSample writes the files of docs/guides/streams.md and asks as the guide says.
func TestTheGuidesSample(t *testing.T) {
	guide, err := os.ReadFile("../docs/guides/streams.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, m := range regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(string(guide), -1) {
		write(t, dir, m[1], m[2])
	}
	file := filepath.Join(dir, "streamconfig.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	layout, err := ReadLayout(file, text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewStore(t.Context(), StoreConfig{Layout: layout})
	if err != nil {
		t.Fatal(err)
	}
	h := NewStoreHandler(s)
	for _, c := range []struct{ target, host, rate string }{
		{"/v1/streams/web.click.v1", "streams.test", "1.0"},
		{"/v1/streams/web.click.v1", "en.wikipedia.org:443", "0.5"},
		{"/v1/streams/web.click.v1", "EN.wikipedia.org", "0.5"},
		{"/v1/streams/web.click.v1?wiki=enwiki", "streams.test", "0.5"},
		{"/v1/streams/web.click.v1?wiki=dewiki", "en.wikipedia.org", "1.0"},
		{"/w/api.php?action=streamconfigs&streams=web.click.v1&wiki=enwiki", "x", "0.5"},
		{"/w/api.php?action=streamconfigs&streams=web.click.v1", "en.wikipedia.org", "0.5"},
		{"/w/api.php?action=streamconfigs&streams=web.click.v1", "x", "1.0"},
	} {
		w := ask(h, "GET", c.target, "Host", c.host)
		if !strings.Contains(w.Body.String(), `"sample":{"unit":"session","rate":`+c.rate+`}`) || strings.Contains(w.Body.String(), "warnings") {
			t.Errorf("%s of %s: %s", c.target, c.host, w.Body)
		}
	}
	base, wiki := s.Current(), s.View("enwiki", "")
	if a, b := base.byName[`/^web\.job\..+/`], wiki.byName[`/^web\.job\..+/`]; a == nil || a != b {
		t.Error("a stream that no overlay changes is made again for the wiki")
	}
	w := ask(h, "GET", "/v1/streams/web.click.v1?explain=true&wiki=enwiki")
	var body struct {
		Settings json.RawMessage
		Sources  map[string]string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err, w.Body)
	}
	for pointer, want := range map[string]string{
		"/sample/rate": "enwiki.yaml:2", "/sample/unit": "web.yaml:3", "/schema_title": "web.yaml:6", "/topic_prefixes": "web.yaml:2",
		"/stream": "computed", "/topics": "computed",
	} {
		if filepath.Base(body.Sources[pointer]) != want {
			t.Errorf("%s comes from %s, want %s", pointer, body.Sources[pointer], want)
		}
	}
	write(t, dir, "enwiki.yaml", "streams:\n  web.click.v1: {topics: 7}\n")
	if err := s.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "enwiki.yaml:2") {
		t.Error(err)
	}
	if w := ask(h, "GET", "/v1/streams"); w.Header().Get("Stream-Config-Refused") == "" {
		t.Error("the refusal is not told")
	}
}

func TestLayoutsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"streams: [a]\nenvironment: x\nenvironments: {y: []}": `f.yaml:2:1: /environment: the environment "x" is not one`,
		"streams: 7":                         "/streams: it is a number",
		"streams: a\nwikis: [x]":             "/wikis: wikis is a list",
		"streams: a\nwikis: {x: {hosts: 7}}": "/wikis/x/hosts",
		"streams: a\nwikis: {x: {hosts: [h]}, y: {hosts: [H]}}": "/wikis/y/hosts: the host h is one of the wiki x",
		"streams: a\nwikis: {x: {host: h}}":                     `/wikis/x/host: unknown member "host"`,
		"streams: a\nwikis: {x: h}":                             "/wikis/x: the wiki is a string",
		"streams: a\nenvironments: [x]":                         "/environments: environments is a list",
		"services: [{conf: {streams: 7}}]":                      "/services/0/conf/streams: it is a number",
		"services: {conf: {streams: 7}}":                        "/services/conf/streams: it is a number",
		"streams: [":                                            "f.yaml:1",
	} {
		if _, err := ReadLayout("f.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
