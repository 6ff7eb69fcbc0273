package eventstreams

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestRedaction(t *testing.T) {
	r := newRedaction(map[string][]string{"En.wikipedia.org ": {"Secret Page", "Пример  страницы"}, "de.wikipedia.org": {"Geheim"}, "el.wikipedia.org": {"Οδός"}}, slog.New(slog.DiscardHandler))
	const who = `"user":"Ada","performer":{"user_text":"Ada"},"revision":{"id":1,"editor":{"user_text":"Ada"}},"prior_state":{"revision":{"editor":{"user_text":"Ada"}}}`
	event := func(stream, domain, title string) string {
		meta := `"meta":{"stream":"` + stream + `"`
		if domain != "" {
			meta += `,"domain":"` + domain + `"`
		}
		return "{" + meta + "}," + title + who + "}"
	}
	const all = "user performer editor prior"
	for _, c := range []struct{ name, event, gone string }{
		{"page change", event("mediawiki.page_change.v1", "en.wikipedia.org", `"page":{"page_title":"secret_page"},`), "performer editor prior"},
		{"spaces and letters", event("mediawiki.page_change.v1", "EN.wikipedia.org", `"page":{"page_title":" ПРИМЕР   страницы "},`), "performer editor prior"},
		{"spaces of other kinds", event("mediawiki.recentchange", "en.wikipedia.org", `"title":"\u00a0Secret\u2003\u2003Page\ufeff",`), "user"},
		{"a sigma at the end", event("mediawiki.recentchange", "el.wikipedia.org", `"title":"ΟΔΌΣ",`), "user"},
		{"another page", event("mediawiki.page_change.v1", "en.wikipedia.org", `"page":{"page_title":"Open"},`), ""},
		{"another domain's page", event("mediawiki.page_change.v1", "de.wikipedia.org", `"page":{"page_title":"Secret Page"},`), ""},
		{"a domain without a list", event("mediawiki.page_change.v1", "fr.wikipedia.org", `"page":{"page_title":"Secret Page"},`), ""},
		{"recent change", event("mediawiki.recentchange", "en.wikipedia.org", `"title":"Secret Page",`), "user"},
		{"page_title", event("mediawiki.revision-create", "en.wikipedia.org", `"page_title":"Secret_Page",`), "performer"},
		{"page.page_title", event("mediawiki.page-links-change", "en.wikipedia.org", `"page":{"page_title":"Secret_Page"},`), "performer"},
		{"no title", event("mediawiki.revision-create", "en.wikipedia.org", ""), all},
		{"a title that is no text", event("mediawiki.page_change.v1", "en.wikipedia.org", `"page":{"page_title":7},`), all},
		{"no domain, listed", event("mediawiki.recentchange", "", `"title":"Geheim",`), all},
		{"no domain, not listed", event("mediawiki.recentchange", "", `"title":"Open",`), ""},
		{"no domain, no title", event("test.event", "", ""), ""},
		{"twice", event("mediawiki.recentchange", "en.wikipedia.org", `"title":"Secret Page","user":"Ada",`), "user"},
		{"escaped", event("mediawiki.recentchange", "en.wikipedia.org", `"t\u0069tle":"Secret\u0020Page","us\u0065r":"Ada",`), "user"},
	} {
		got := string(r.transform(nil, "topic", []byte(c.event)))
		if c.gone == "" {
			if got != c.event {
				t.Errorf("%s: changed to %s", c.name, got)
			}
			continue
		}
		left := map[string]bool{
			"user": strings.Contains(got, `"Ada",`) && strings.Contains(got, `"user":`) || strings.Contains(got, `us\u0065r`), "performer": strings.Contains(got, `"performer":{"user_text"`),
			"editor": strings.Contains(got, `"id":1,"editor"`), "prior": strings.Contains(got, `"prior_state":{"revision":{"editor"`),
		}
		for _, what := range strings.Fields(all) {
			if left[what] == strings.Contains(c.gone, what) {
				t.Errorf("%s: %s is left: %v in %s", c.name, what, left[what], got)
			}
		}
	}
	const change = `{"meta":{"stream":"mediawiki.page_change.v1","domain":"en.wikipedia.org"},"page":{"page_title":"Secret Page"}%s}`
	for before, after := range map[string]string{``: `,"performer":{}`, `,"performer":null,"x":1`: `,"performer":{},"x":1`} {
		if got := string(r.transform(nil, "topic", fmt.Appendf(nil, change, before))); got != fmt.Sprintf(change, after) {
			t.Errorf("%s: %s", before, got)
		}
	}
	if got := string(r.transform(nil, "topic", []byte(`[1]`))); got != "[1]" {
		t.Error(got)
	}
}
