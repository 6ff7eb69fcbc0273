package streamconfig

import (
	"net/http"
	"sync/atomic"
)

// Handler serves the configuration:
//
//	/w/api.php          MediaWiki's action API, module streamconfigs; also at /api.php
//	/v1/streams         all streams, or those that filters select
//	/v1/streams/{name}  one stream
//
// Every other path is a 404.
type Handler struct {
	// Current gives the configuration that is served. Required.
	Current Snapshot

	expiry atomic.Pointer[expiry]
	mux    http.ServeMux
}

// NewHandler serves the configuration.
func NewHandler(current Snapshot) *Handler {
	h := &Handler{Current: current}
	h.mux.HandleFunc("/w/api.php", h.serveAction)
	h.mux.HandleFunc("/api.php", h.serveAction)
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// configFor returns the configuration that a request sees.
func (h *Handler) configFor(*http.Request) *Config { return h.Current() }
