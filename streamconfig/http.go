package streamconfig

import (
	_ "embed"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

// Handler serves the configuration:
//
//	/w/api.php          MediaWiki's action API, module streamconfigs; also at /api.php
//	/v1/streams         all streams, or those that filters select
//	/v1/streams/{name}  one stream
//	/openapi.json       the description of all that
//
// Every other path is a 404.
type Handler struct {
	// Current gives the configuration that is served. Required.
	Current Snapshot
	// View gives the configuration as a wiki sees it, by its id or by the host that was asked. May be nil: all see Current.
	View func(wiki, host string) *Config
	// Refused gives the refusal of the newest configuration. May be nil.
	Refused func() *Refusal

	expiry atomic.Pointer[expiry]
	mux    http.ServeMux
}

// NewHandler serves a configuration without views.
func NewHandler(current Snapshot) *Handler {
	h := &Handler{Current: current}
	h.mux.HandleFunc("/w/api.php", h.serveAction)
	h.mux.HandleFunc("/api.php", h.serveAction)
	h.mux.HandleFunc("/v1/streams", h.serveStreams)
	h.mux.HandleFunc("/v1/streams/", h.serveStream)
	h.mux.HandleFunc("/openapi.json", serveOpenAPI)
	h.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem(w, http.StatusNotFound, "There is nothing at "+quoteShort(r.URL.Path)+". See /openapi.json for what there is.")
	})
	return h
}

// NewStoreHandler serves a store's configuration with its views, and tells when the newest one is refused.
func NewStoreHandler(s *Store) *Handler {
	h := NewHandler(s.Current)
	h.View, h.Refused = s.View, s.Refused
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// ServeMux would redirect a name with "//" or ".." in it; a stream's name may have anything in it.
	if strings.HasPrefix(r.URL.EscapedPath(), "/v1/streams/") {
		h.serveStream(w, r)
		return
	}
	h.mux.ServeHTTP(w, r)
}

// view is the configuration that one who asks for this wiki, or this host, sees.
func (h *Handler) view(wiki, host string) *Config {
	if h.View == nil {
		return h.Current()
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return h.View(wiki, strings.ToLower(host))
}

//go:embed openapi.json
var openAPI []byte

// OpenAPI is the OpenAPI 3.1 description of what Handler serves.
func OpenAPI() []byte { return openAPI }

var openAPIAnswer = newAnswer(openAPI)

func serveOpenAPI(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	restHeaders(w)
	openAPIAnswer.serve(w, r)
}
