package service

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestInfo(t *testing.T) {
	info := Info{Name: "eventgate", Version: "1.2.3", Description: "takes events", Home: "https://example.org/"}
	for _, test := range []struct{ path, want string }{
		{"/_info", `{"name":"eventgate","version":"1.2.3","description":"takes events","home":"https://example.org/"}`},
		{"/_info/", `{"name":"eventgate","version":"1.2.3","description":"takes events","home":"https://example.org/"}`},
		{"/_INFO", `{"name":"eventgate","version":"1.2.3","description":"takes events","home":"https://example.org/"}`},
		{"/_info/name", `{"name":"eventgate"}`},
		{"/_info/version", `{"version":"1.2.3"}`},
	} {
		w := httptest.NewRecorder()
		info.ServeHTTP(w, httptest.NewRequest(http.MethodGet, test.path, nil))
		if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != test.want || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: %d %s (%s)", test.path, w.Code, got, w.Header().Get("Content-Type"))
		}
	}
	w := httptest.NewRecorder()
	info.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_info/home", nil))
	if w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "https://example.org/" {
		t.Errorf("/_info/home: %d to %q", w.Code, w.Header().Get("Location"))
	}
	w = httptest.NewRecorder()
	info.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_info/owner", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("/_info/owner: %d", w.Code)
	}
}

func TestReadiness(t *testing.T) {
	var ready Readiness
	status := func() int {
		w := httptest.NewRecorder()
		ready.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("not JSON: %s", w.Body)
		}
		return w.Code
	}
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("before the start: %d", got)
	}
	ready.Set(true)
	if got := status(); got != http.StatusOK {
		t.Errorf("when ready: %d", got)
	}
	ready.Set(false)
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("when ending: %d", got)
	}
	w := httptest.NewRecorder()
	Healthz(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if w.Code != http.StatusOK {
		t.Errorf("/healthz: %d", w.Code)
	}
}

// Whoever starts the program reads what is wrong and what to do.
func TestListenErrors(t *testing.T) {
	taken, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct{ address, want string }{
		{taken.Addr().String(), "is taken by another process"},
		{"203.0.113.1:8080", "is no address of this machine"}, // TEST-NET-3 is nobody's
		{"8080", "give --listen as host:port"},
		{"127.0.0.1:port", "give --listen as host:port"},
	} {
		l, err := Listen(test.address)
		if err == nil {
			_ = l.Close()
			t.Errorf("%s: no error", test.address)
			continue
		}
		if text := err.Error(); !strings.Contains(text, test.want) || !strings.Contains(text, "--listen") || strings.Contains(text, "\n") {
			t.Errorf("%s: %q does not say %q and the remedy in one line", test.address, text, test.want)
		}
	}
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Addr().(*net.TCPAddr).Port == 0 {
		t.Error("no port was chosen")
	}
}
