package metrics

import (
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/eventplatform/eventplatform/internal/service"
)

// Metrics are one process's metrics.
type Metrics struct {
	registry *prometheus.Registry
	register prometheus.Registerer // adds the label service
	requests *requests
}

// New makes the metrics of a service: those of the process, and express_router_request_duration_seconds, which all services have.
func New(name string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.register = prometheus.WrapRegistererWith(prometheus.Labels{"service": name}, m.registry)
	m.register.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "eventplatform_build_info", Help: "The version that runs; always 1."}, []string{"version"})
	build.WithLabelValues(service.Version()).Set(1)
	m.register.MustRegister(build)
	m.requests = newRequests(m.register)
	return m
}

// Handler serves /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Admin serves the admin port: /metrics and, in debug mode, Go's profiles below /debug/pprof/. As with the Node.js services any other path shows the
// metrics too. The profiles tell much of the process and cost time: the port must not be reachable by strangers.
func (m *Metrics) Admin(debug bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", m.Handler())
	profiles := http.NewServeMux()
	profiles.HandleFunc("/debug/pprof/", pprof.Index)
	profiles.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	profiles.HandleFunc("/debug/pprof/profile", pprof.Profile)
	profiles.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	profiles.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/", func(w http.ResponseWriter, r *http.Request) {
		if !debug {
			http.Error(w, "profiles are served in debug mode only: start with --debug", http.StatusNotFound)
			return
		}
		profiles.ServeHTTP(w, r)
	})
	return mux
}
