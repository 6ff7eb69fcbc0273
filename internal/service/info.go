package service

import (
	"encoding/json"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
)

// Info is what /_info says of a service, in the reference services' members and order.
type Info struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Description string `json:"description"`
	Home        string `json:"home"`
}

// Home is where the project lives.
const Home = "https://github.com/eventplatform/eventplatform"

// version is what a release is built with: go build -ldflags "-X …/internal/service.version=1.2.3".
var version string

// Version is what a release was built with, else the module's version as the Go toolchain recorded it, or "devel" for a build without either.
func Version() string {
	if version != "" {
		return version
	}
	build, ok := debug.ReadBuildInfo()
	if !ok || build.Main.Version == "" || build.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(build.Main.Version, "v")
}

// ServeHTTP answers /_info and its parts, /_info/name, /_info/version and /_info/home (a redirect).
func (i Info) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := map[string]string{"name": i.Name, "version": i.Version}
	part := strings.Trim(strings.TrimPrefix(strings.ToLower(r.URL.Path), "/_info"), "/")
	var body any = i
	switch part {
	case "":
	case "home":
		http.Redirect(w, r, i.Home, http.StatusMovedPermanently)
		return
	default:
		value, ok := parts[part]
		if !ok {
			http.NotFound(w, r)
			return
		}
		body = map[string]string{part: value}
	}
	writeJSON(w, http.StatusOK, body)
}

// Readiness says whether this process can answer. It starts as not ready.
type Readiness struct{ ready atomic.Bool }

// Set switches the readiness.
func (r *Readiness) Set(ready bool) { r.ready.Store(ready) }

// ServeHTTP answers /readyz: 200 when ready, else 503.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if !r.ready.Load() {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "ending or not started yet"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// Healthz answers /healthz: the process is alive, which its answering shows.
func Healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "the answer could not be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}
