package uiapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// fixedFilters finds fault with the word "bad".
type fixedFilters struct{ streams []string }

func (f *fixedFilters) CheckFilter(_ context.Context, streams []string, filter string) (string, int) {
	f.streams = streams
	if at := strings.Index(filter, "bad"); at >= 0 {
		return "no such field", at
	}
	if filter == "busy" {
		return "try again", -1
	}
	return "", -1
}

func TestWhatIsNotConfiguredIsHidden(t *testing.T) {
	bare := newFixture(t, nil)
	full := intakeFixture(t)
	full.cfg.Health, full.cfg.Filters = &Health{}, &fixedFilters{}
	closed := newFixture(t, func(c *Config) { *c = full.cfg; c.Open = Open{} })
	all := []string{"streams", "live", "schemas", "try", "errors", "health"}
	for _, tt := range []struct {
		name    string
		handler http.Handler
		pages   []string
		hidden  []string
		about   About
	}{
		{"bare", bare.Handler(), all[:2], []string{"GET schemas", "GET fields?streams=notes", "POST try", "POST send", "GET errors", "GET health", "GET accepted", "GET filter"}, About{}},
		{"bare, admin", bare.AdminHandler(), []string{"streams", "live", "errors"}, []string{"GET health", "POST send", "GET accepted"}, About{Admin: true}},
		{"closed", closed.Handler(), all[:4], []string{"POST send", "GET errors", "GET health", "GET refused", "DELETE refused", "DELETE accepted"}, About{Filters: true}},
		{"closed, admin", closed.AdminHandler(), all, nil, About{Admin: true, Send: true, Filters: true}},
		{"open", full.Handler(), all, nil, About{Send: true, Filters: true}},
	} {
		var a About
		if status := ask(t, tt.handler, "GET", "/ui/api/about", "", &a); status != 200 || !slices.Equal(a.Pages, tt.pages) {
			t.Errorf("%s: %d, pages %v", tt.name, status, a.Pages)
		}
		if a.Admin != tt.about.Admin || a.Send != tt.about.Send || a.Filters != tt.about.Filters || a.Name != "test" || a.Version != "1" {
			t.Errorf("%s: %+v", tt.name, a)
		}
		for _, request := range tt.hidden {
			method, path, _ := strings.Cut(request, " ")
			if status := ask(t, tt.handler, method, "/ui/api/"+path, "", nil); status != 404 && status != 405 {
				t.Errorf("%s: %s is answered with %d", tt.name, request, status)
			}
		}
	}
}

func TestFiltersAreChecked(t *testing.T) {
	filters := &fixedFilters{}
	f := newFixture(t, func(c *Config) { c.Filters = filters })
	var c FilterCheck
	if f.ask(t, "GET", "/ui/api/filter?streams=a,,b&filter=good", "", &c); !c.OK || c.Place != nil || !slices.Equal(filters.streams, []string{"a", "b"}) {
		t.Errorf("%+v %v", c, filters.streams)
	}
	if f.ask(t, "GET", "/ui/api/filter?filter=%C3%A9+bad_one+x", "", &c); c.OK || c.Message != "no such field" || c.Place.Start != 2 || c.Place.End != 9 {
		t.Errorf("%+v %+v", c, c.Place)
	}
	c = FilterCheck{}
	if f.ask(t, "GET", "/ui/api/filter?filter=busy", "", &c); c.OK || c.Place != nil {
		t.Errorf("%+v", c)
	}
	if f.ask(t, "GET", "/ui/api/filter?filter="+strings.Repeat("x", mostFilter+1), "", &c); c.OK {
		t.Error("a filter that is too long is fine")
	}
}

func TestAnswersAreNotKeptAndErrorsAreProblems(t *testing.T) {
	f := newFixture(t, nil)
	w := httptest.NewRecorder()
	f.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/ui/api/nothing", nil))
	if w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if !strings.Contains(w.Body.String(), `"detail":"There is nothing at GET /ui/api/nothing here`) {
		t.Errorf("%s", w.Body)
	}
}
