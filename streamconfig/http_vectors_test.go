package streamconfig

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

type httpVector struct {
	Name    string          `json:"name"`
	Config  json.RawMessage `json:"config"`
	Request struct {
		Method, Query, Body string
		Headers             map[string]string
	} `json:"request"`
	Response struct {
		Status    int
		Headers   map[string]string
		ExpiresIn *int `json:"expires_in"`
		Body      json.RawMessage
	} `json:"response"`
	Core bool `json:"core"`
}

// httpDifferences names the vectors whose answer is another here, each with the row of docs/differences/streamconfig.md that says why.
var httpDifferences = map[string]string{
	"http-nested-empty-list-and-object": "empty and list-like objects",
	"http-list-like-object":             "empty and list-like objects",
	"http-underscore-keys-vanish":       "names that begin with _",
	"http-bad-config":                   "a bad entry",
	"http-bad-config-fv2":               "a bad entry",
	"http-stream-constraint-nested":     "a stream constraint that is no text",
	// Of MediaWiki's core, not of this module.
	"http-callback": "callback and errorformat",
	"http-constraints-51-errorformat-plaintext": "callback and errorformat",
	"http-constraints-51-errorformat-none":      "callback and errorformat",
}

func TestHTTPVectors(t *testing.T) {
	file, err := os.ReadFile(testshared.Path(t, "data/vectors/streamconfig-http.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	rows := differenceRows(t)
	equal, different := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(file))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v httpVector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		detail := runHTTP(t, v)
		row, listed := httpDifferences[v.Name]
		switch {
		case listed && !rows[row]:
			t.Errorf("%s: docs/differences/streamconfig.md has no row %q", v.Name, row)
		case listed && detail == "":
			t.Errorf("%s: listed as different (%s) but equal", v.Name, row)
		case listed:
			different++
		case detail != "":
			t.Errorf("%s (core %v): %.1200s", v.Name, v.Core, detail)
		default:
			equal++
		}
	}
	testshared.Count(t, "streamconfig http equal", equal)
	testshared.Count(t, "streamconfig http with a row in docs/differences", different)
}

// runHTTP asks twice, so that kept answers are judged as well. It returns what differs.
func runHTTP(t *testing.T, v httpVector) string {
	c, err := vectorConfig(t, v.Config)
	if err != nil {
		return err.Error()
	}
	h := NewHandler(func() *Config { return c })
	for range 2 {
		r := httptest.NewRequest(v.Request.Method, "http://wiki.test/w/api.php", strings.NewReader(v.Request.Body))
		r.URL.RawQuery = v.Request.Query
		for k, x := range v.Request.Headers {
			r.Header.Set(k, x)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if detail := differs(t, v, w.Result(), w.Body.Bytes()); detail != "" {
			return detail
		}
	}
	return ""
}

func differs(t *testing.T, v httpVector, got *http.Response, body []byte) string {
	want := v.Response
	if got.StatusCode != want.Status {
		return "status " + got.Status
	}
	for name := range v.Response.Headers {
		if got.Header.Get(name) != want.Headers[name] {
			return "header " + name + ": got " + got.Header.Get(name) + ", want " + want.Headers[name]
		}
	}
	for _, name := range []string{"Mediawiki-Api-Error", "Access-Control-Allow-Origin", "Vary"} {
		if _, has := want.Headers[strings.ToLower(name)]; !has && got.Header.Get(name) != "" {
			return "header " + name + " is not in the reference's answer"
		}
	}
	if expires := got.Header.Get("Expires"); (want.ExpiresIn != nil) != (expires != "") {
		return "Expires: " + expires
	} else if want.ExpiresIn != nil {
		at, err := http.ParseTime(expires)
		if in := time.Until(at); err != nil || in < 590*time.Second || in > 600*time.Second {
			return "Expires: " + expires
		}
	}
	if v.Request.Method == http.MethodHead {
		if len(body) > 0 {
			return "a body for HEAD"
		}
		return ""
	}
	wantBody := bytes.ReplaceAll(want.Body, []byte("{server}"), []byte("http://wiki.test/w"))
	var g, w map[string]json.RawMessage
	if err := json.Unmarshal(body, &g); err != nil {
		return err.Error() + ": " + string(body)
	}
	if err := json.Unmarshal(wantBody, &w); err != nil {
		return err.Error()
	}
	for key := range w {
		if !sameOrdered(t, g[key], w[key]) {
			return key + "\n got " + string(g[key]) + "\nwant " + string(w[key])
		}
		delete(g, key)
	}
	if len(g) > 0 {
		return "more members than wanted: " + string(body)
	}
	return ""
}
