package main

import (
	"net/http"

	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/internal/profile"
	"github.com/eventplatform/eventplatform/internal/service"
)

// adminRoutes are what every service's admin port has: metrics (any path that is nothing else shows them, as with the Node.js services), health, the log
// level and, in debug mode, profiles.
func adminRoutes(m *metrics.Metrics, ready *service.Readiness, level *service.Level, debug bool) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", m.Handler())
	mux.HandleFunc("/healthz", service.Healthz)
	mux.Handle("/readyz", ready)
	mux.Handle("/loglevel", level)
	profiles := profile.Handler()
	if !debug {
		profiles = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "profiles are served in debug mode only: start with --debug", http.StatusNotFound)
		})
	}
	mux.Handle("/debug/", profiles)
	return mux
}
