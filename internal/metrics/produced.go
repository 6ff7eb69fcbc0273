package metrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/kafka"
)

// Delivered counts what becomes of what a producer is given, and how long it takes; it is what kafka.ProducerConfig.Delivered is. It is called once for each
// type of producer.
func (m *Metrics) Delivered(prefix, producerType string) func(b *kafka.Batch, took time.Duration) {
	reg := m.register.with("producer_type", producerType)
	took := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: prefix + "produce_duration_seconds", Help: "Time from handing the records of a request to the producer until the last of them is acknowledged or given up.",
		Buckets: []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30},
	})
	reg.MustRegister(took)
	outcomes := counters1(reg, prefix+"produce_outcomes_total",
		"Records that the producer was given, by what became of them: acknowledged, or the kind of failure (timeout: its fate is unknown).", "outcome")
	acknowledged := outcomes.get("acknowledged")
	return func(b *kafka.Batch, d time.Duration) {
		took.Observe(d.Seconds())
		failed := 0
		for i := range b.Outcomes {
			if err := b.Outcomes[i].Err; err != nil {
				failed++
				outcomes.get(outcome(err)).Inc()
			}
		}
		acknowledged.Add(float64(len(b.Outcomes) - failed))
	}
}

func outcome(err error) string {
	var d *kafka.DeliveryError
	if errors.As(err, &d) {
		return d.Kind.String()
	}
	return kafka.Other.String()
}

// Suppressed counts log lines that were left out in a flood; the function is called with the level's name for each.
func (m *Metrics) Suppressed() func(level string) {
	total := counters1(m.register, "eventplatform_log_lines_suppressed_total", "Log lines that were left out since the same one repeats in a flood.", "level")
	return func(level string) { total.get(level).Inc() }
}
