package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/schema"
)

// Revisions shows which state of each schema repository is in use. read is asked at every scrape. It is called once.
func (m *Metrics) Revisions(read func() []schema.Revision) {
	m.register.MustRegister(&revisions{read: read, desc: prometheus.NewDesc("eventplatform_schema_repository_info",
		"The revision of a schema repository in use, a git commit or a digest; always 1.", []string{"repository", "revision"}, nil)})
}

type revisions struct {
	read func() []schema.Revision
	desc *prometheus.Desc
}

// Describe tells of the one metric.
func (r *revisions) Describe(to chan<- *prometheus.Desc) { to <- r.desc }

// Collect tells each repository once, also if it is configured twice: Prometheus refuses all metrics for one that occurs twice.
func (r *revisions) Collect(to chan<- prometheus.Metric) {
	told := map[string]bool{}
	for _, v := range r.read() {
		if !told[v.Base] {
			told[v.Base] = true
			to <- prometheus.MustNewConstMetric(r.desc, prometheus.GaugeValue, 1, v.Base, v.Revision)
		}
	}
}
