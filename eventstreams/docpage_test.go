package eventstreams

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func described(t *testing.T) *Server {
	t.Helper()
	streams := parse(t, `
streams:
  pages: {topics: [pages], schema_title: test/page, aliases: [old-pages], description: "All <b>pages</b>"}
  gone: {topics: [gone], deprecated: {since: 2026-01-15, sunset: 2026-07-01, successor: pages, reason: nobody reads it}}
`)
	s, err := New(Config{Streams: func() *streamconfig.Config { return streams }, Settings: Settings{StreamOverrides: map[string]json.RawMessage{
		"pages": json.RawMessage(`{"schema":{"title":"test/page","$id":"/x","type":"object","properties":{"title":{"type":"string","description":"<i>The</i> title"}},"examples":[{"title":"<script>A"}]}}`),
	}}, Kafka: kafkasse.Config{Log: kafkassetest.New("c")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 0)
		defer cancel()
		_ = s.Shutdown(ctx)
	})
	return s
}

// The page tells of every stream with its schema, an example and its fields, and has nothing that a strict content security policy forbids.
func TestDocumentationPage(t *testing.T) {
	h := described(t).Handler()
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	w := get("/?doc")
	page := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	for _, want := range []string{
		`<h3>pages</h3>`, `All &lt;b&gt;pages&lt;/b&gt;`, `<a href="v2/stream/pages">`, `also called <code>old-pages</code>`, `&lt;script&gt;A`, `<code>event.title</code></td><td>string</td>`,
		`&lt;i&gt;The&lt;/i&gt; title`, `This stream is deprecated since 2026-01-15 and may be gone after 2026-07-01; use pages: nobody reads it.`, `<code>filter</code>`, `&#34;type&#34;: &#34;object&#34;`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if got := regexp.MustCompile(`(?i)<script|<style|style=| on[a-z]+=|javascript:|src=|@import`).FindString(page); got != "" {
		t.Errorf("the page has %q", got)
	}
	for _, link := range regexp.MustCompile(`<link[^>]*href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if style := get("/" + strings.ReplaceAll(link[1], "&amp;", "&")); style.Code != 200 || style.Header().Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("%s: %d %v", link[1], style.Code, style.Header())
		}
	}
	if w := get("/?doc&path=../x"); w.Code != 404 || !strings.Contains(w.Body.String(), `"File not found"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if t.Failed() {
		t.Log(page)
	}
}

// The OpenAPI document has every stream's schema without what OpenAPI does not have, an example, and says which streams are deprecated.
func TestOpenAPIDocument(t *testing.T) {
	w := httptest.NewRecorder()
	described(t).Handler().ServeHTTP(w, httptest.NewRequest("GET", "/?spec", nil))
	var doc struct {
		Paths map[string]map[string]struct {
			Deprecated  bool
			Description string
			Parameters  []struct{ Name string }
			RequestBody json.RawMessage
			Responses   map[string]struct {
				Content map[string]struct{ Schema, Example json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	pages := doc.Paths["/v2/stream/pages"]["get"].Responses["200"].Content["application/json"]
	const schema, example = `{"title":"test/page","type":"object","properties":{"title":{"type":"string","description":"\u003ci\u003eThe\u003c/i\u003e title"}}}`, `{"title":"\u003cscript\u003eA"}`
	if string(pages.Schema) != schema || string(pages.Example) != example {
		t.Errorf("%s %s", pages.Schema, pages.Example)
	}
	if doc.Paths["/v2/stream/pages"]["get"].Deprecated || !doc.Paths["/v2/stream/gone"]["get"].Deprecated ||
		!strings.Contains(doc.Paths["/v2/stream/gone"]["get"].Description, "may be gone after 2026-07-01; use pages") {
		t.Errorf("deprecation: %+v", doc.Paths["/v2/stream/gone"])
	}
	if alias := doc.Paths["/v2/stream/old-pages"]["get"]; !strings.Contains(alias.Description, "(NOTE: This stream is an alias of pages)") {
		t.Errorf("%q", alias.Description)
	}
	all := doc.Paths["/v2/stream/{streams}"]
	var names []string
	for _, p := range all["get"].Parameters {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "streams Last-Event-ID since filter where fields canary until limit control position" || all["post"].RequestBody == nil {
		t.Errorf("%s %s", got, all["post"].RequestBody)
	}
	if _, ok := doc.Paths["/v2/event/{topic}/{partition}/{offset}"]; !ok {
		t.Error("no single events")
	}
}
