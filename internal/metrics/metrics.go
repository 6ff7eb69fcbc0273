package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/eventplatform/eventplatform/internal/service"
)

// Metrics are one process's metrics.
type Metrics struct {
	registry *prometheus.Registry
	register registry // adds the label service
	requests *requests
}

// New makes the metrics of a service: those of the process, and express_router_request_duration_seconds, which all services have.
func New(name string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.register = registry{Registerer: m.registry, families: &[]Family{}}.with("service", name)
	// What these two have depends on the Go version and the operating system: they are no families of ours.
	m.register.Registerer.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
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
