package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/streamconfig"
)

// Producer shows what waits for acknowledgement in a producer, under the names of librdkafka's statistics. buffered gives the records and their bytes; the
// bounds are the producer's.
func (m *Metrics) Producer(prefix, producerType string, buffered func() (records, bytes int64), maxRecords, maxBytes int) {
	reg := m.register.with("producer_type", producerType)
	gauge := func(name, help string, value func() float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + "rdkafka_" + name, Help: help}, value))
	}
	gauge("msg_cnt", "Records that wait for acknowledgement.", func() float64 { n, _ := buffered(); return float64(n) })
	gauge("msg_size", "Bytes of the records that wait for acknowledgement.", func() float64 { _, n := buffered(); return float64(n) })
	gauge("msg_max", "The most records that may wait for acknowledgement; past it events are refused.", func() float64 { return float64(maxRecords) })
	gauge("msg_size_max", "The most bytes that may wait for acknowledgement; past it events are refused.", func() float64 { return float64(maxBytes) })
}

// Streams shows how many streams are configured and, if read is not nil, when their configuration was read.
func (m *Metrics) Streams(count func() int, read func() time.Time) {
	m.register.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "eventplatform_streams_configured", Help: "Streams in the configuration in use.",
	}, func() float64 { return float64(count()) }))
	if read == nil {
		return
	}
	m.register.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "eventplatform_stream_config_read_timestamp_seconds", Help: "When the stream configuration in use was read.",
	}, func() float64 { return float64(read().UnixMilli()) / 1000 }))
}

// StreamConfig counts attempts to get a newer stream configuration, and shows whether the newest one is in use. It is called once.
func (m *Metrics) StreamConfig() streamconfig.Observer {
	refused := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "eventplatform_stream_config_refused", Help: "1 if the newest stream configuration is refused or could not be had, and the last good one is in use; else 0.",
	})
	m.register.MustRegister(refused)
	return &streamConfig{
		refused: refused,
		reads: counters1(m.register, "eventplatform_stream_config_reads_total",
			"Attempts to get a newer stream configuration, by result: ok or failed. After a failed one the last good one is in use.", "result"),
	}
}

type streamConfig struct {
	reads   *series[string, prometheus.Counter]
	refused prometheus.Gauge
}

// ConfigReloaded counts an attempt.
func (s *streamConfig) ConfigReloaded(_ time.Duration, err error) {
	result, refused := "ok", 0.0
	if err != nil {
		result, refused = "failed", 1
	}
	s.reads.get(result).Inc()
	s.refused.Set(refused)
}

// Reloads counts reloads of a kind of thing, such as "streams"; the function is called with what became of each.
func (m *Metrics) Reloads() func(what string, err error) {
	total := counters2(m.register, "eventplatform_reloads_total", "Reloads, by what was read again and its result: ok or failed. After a failed one the last good state is in use.",
		[2]string{"what", "result"})
	return func(what string, err error) {
		result := "ok"
		if err != nil {
			result = "failed"
		}
		total.get([2]string{what, result}).Inc()
	}
}
