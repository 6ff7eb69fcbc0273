package eventgate

import (
	"net/http"
	"testing"
)

// A client that wants a page only if there was none is told that it is there, unless it wants to be sure.
func TestPagesThatMustNotBeThere(t *testing.T) {
	h := NewHandler(wikimedia(t, &memory{}), HandlerConfig{})
	for _, c := range []struct {
		method, target      string
		match, since, cache string
		status              int
	}{
		{"GET", "/_info", "*", "", "", 304},
		{"HEAD", "/?spec", "*", "", "max-age=0", 304},
		{"GET", "/_info", `"tag"`, "", "", 200},
		{"GET", "/_info", "*", "Thu, 01 Jan 2032 00:00:00 GMT", "", 200},
		{"GET", "/_info", "*", "", "max-age=0, no-cache", 200},
		{"GET", "/_info/home", "*", "", "", 301},
		{"GET", "/", "*", "", "", 404},
		{"GET", "/robots.txt", "*", "", "", 200},
		{"POST", "/v1/events", "*", "", "", 201},
	} {
		w := serveOne(h, c.method, c.target, click(""), func(r *http.Request) {
			for name, value := range map[string]string{"If-None-Match": c.match, "If-Modified-Since": c.since, "Cache-Control": c.cache} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
		})
		if w.Code != c.status || c.status == 304 && (w.Body.Len() > 0 || w.Header().Get("Content-Type") != "") {
			t.Errorf("%+v: %d %v %s", c, w.Code, w.Header(), w.Body)
		}
	}
}
