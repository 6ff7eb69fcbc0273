package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func describedAs(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

func TestUnionOfDescriptions(t *testing.T) {
	u := &union{parts: []described{
		{describedAs(`{"openapi":"3.0.0","paths":{"/a":{"x":1},"/b":{}},"components":{"schemas":{"s":{}}}}`), "/?spec"},
		{describedAs(`{"paths":{"/a":{"x":2},"/c":{}},"components":{"schemas":{"t":{}}}}`), "/?spec"},
	}}
	w := httptest.NewRecorder()
	u.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?spec", nil))
	const want = `"paths":{"/a":{"x":1},"/b":{},"/c":{}},"components":{"schemas":{"s":{},"t":{}}}}`
	if got := w.Body.String(); w.Code != http.StatusOK || !strings.HasSuffix(got, want) {
		t.Errorf("%d %s\nwant …%s", w.Code, got, want)
	}
	u.parts = append(u.parts, described{describedAs("no JSON"), "/broken"})
	w = httptest.NewRecorder()
	u.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?spec", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "/broken") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
