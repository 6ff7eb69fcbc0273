package metrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/schema"
)

// Schemas counts what schema repositories are asked.
type Schemas struct {
	loads   *series[string, prometheus.Counter]
	took    prometheus.Histogram
	changed *series[string, prometheus.Counter]
}

var _ schema.Observer = (*Schemas)(nil)

// Schemas makes the metrics of the repositories. It is called once.
func (m *Metrics) Schemas() *Schemas {
	took := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "eventplatform_schema_load_duration_seconds", Help: "Time it took to find and compile a schema.",
		Buckets: []float64{0.001, 0.01, 0.1, 1, 10, 60},
	})
	m.register.MustRegister(took)
	return &Schemas{
		took: took,
		loads: counters1(m.register, "eventplatform_schema_loads_total",
			"Schemas that were looked for in the repositories, by result: ok, not_found, invalid_uri, broken, unavailable.", "result"),
		changed: counters1(m.register, "eventplatform_schema_changes_total", "Schema versions whose text changed, which a version's must not.", "schema_uri"),
	}
}

// Precache makes the metric of the schemas that are to be there before the first event. missing says how many are not; it is asked at each scrape.
func (m *Metrics) Precache(missing func() int) {
	m.register.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "eventplatform_schema_precache_missing", Help: "Schemas of schema_precache_uris that are not loaded: in no repository, or it does not answer.",
	}, func() float64 { return float64(missing()) }))
}

// SchemaLoaded counts an attempt to find a schema. Its URI came from outside and is no label.
func (s *Schemas) SchemaLoaded(_ string, took time.Duration, err error) {
	s.took.Observe(took.Seconds())
	s.loads.get(loadResult(err)).Inc()
}

// SchemaChanged counts a version whose text changed.
func (s *Schemas) SchemaChanged(uri string) { s.changed.get(uri).Inc() }

func loadResult(err error) string {
	var (
		notFound *schema.NotFoundError
		invalid  *schema.InvalidURIError
		broken   *schema.BrokenError
	)
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &notFound):
		return "not_found"
	case errors.As(err, &invalid):
		return "invalid_uri"
	case errors.As(err, &broken):
		return "broken"
	}
	return "unavailable"
}
