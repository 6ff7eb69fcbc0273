package metrics

import (
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/kafkasse"
)

// Streaming counts what a streamer does.
type Streaming struct {
	connected     *series[string, prometheus.Gauge]
	connections   *series[string, prometheus.Counter]
	ended         *series[string, prometheus.Counter]
	gaps          *series[string, prometheus.Counter]
	undeliverable *series[string, prometheus.Counter]
	records       *series[partition, prometheus.Counter]
	lag           *series[partition, prometheus.Gauge]
	copies        *series[string, prometheus.Counter]
	bytes         *series[string, prometheus.Counter]
	events        prometheus.Counter
	tailEvents    prometheus.Counter
	coldReads     prometheus.Counter
	coldBytes     prometheus.Counter
}

// maxCombinations bounds the sets of streams that connections are counted by: clients choose them freely among the declared streams.
const maxCombinations = 1000

type partition struct {
	topic string
	id    int32
}

var _ kafkasse.Observer = (*Streaming)(nil)

// Streaming makes the metrics of a streamer. It is called once.
func (m *Metrics) Streaming() *Streaming {
	connected := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "eventstreams_connected_clients", Help: "Clients that are connected, by stream; one of several streams counts for each.",
	}, []string{"stream"})
	lag := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "eventstreams_partition_lag_records", Help: "Records that a partition's reader has not read yet.",
	}, []string{"topic", "partition"})
	records := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "eventstreams_records_read_total", Help: "Records that a partition's reader took in, once for all clients.",
	}, []string{"topic", "partition"})
	m.register.MustRegister(connected, lag, records)
	s := &Streaming{
		connected: newSeries(other, func(l string) prometheus.Gauge { return connected.WithLabelValues(l) }),
		connections: counters1(m.register, "eventstreams_client_connections_total", "Connections that were accepted, by the streams asked for.",
			"streams"),
		ended: counters1(m.register, "eventstreams_client_disconnections_total", "Connections that ended, by reason.", "reason"),
		gaps:  counters1(m.register, "eventstreams_gaps_total", "Gaps that clients were told of, by reason.", "reason"),
		undeliverable: counters1(m.register, "eventstreams_undeliverable_records_total",
			"Records that cannot be delivered because they are no JSON object or array.", "topic"),
		records: newSeries(partition{topic: other}, func(p partition) prometheus.Counter {
			return records.WithLabelValues(p.topic, strconv.Itoa(int(p.id)))
		}),
		lag: newSeries(partition{topic: other}, func(p partition) prometheus.Gauge {
			return lag.WithLabelValues(p.topic, strconv.Itoa(int(p.id)))
		}),
		copies: counters1(m.register, "eventstreams_copies_dropped_total",
			"Records left out because they repeat another one of their partition, as a mirror that crashed writes them.", "topic"),
		bytes:      counters1(m.register, "eventstreams_bytes_written_total", "Bytes written to clients, compressed as they were.", "encoding"),
		events:     counter(m.register, "eventstreams_events_delivered_total", "Events written to clients, one for each client."),
		tailEvents: counter(m.register, "eventstreams_tail_events_total", "Events written to clients that were ready for all of them; the others were read again."),
		coldReads:  counter(m.register, "eventstreams_cold_reads_total", "Reads from Kafka for one client that is behind."),
		coldBytes:  counter(m.register, "eventstreams_cold_read_bytes_total", "Bytes that came of reads for one client that is behind."),
	}
	s.connections.limit = maxCombinations
	return s
}

// Connected counts a client; the label is the streams' names with commas between them.
func (s *Streaming) Connected(label string) {
	s.connections.get(label).Inc()
	for stream := range strings.SplitSeq(label, ",") {
		s.connected.get(stream).Inc()
	}
}

// Disconnected counts a client that has gone.
func (s *Streaming) Disconnected(label string, reason kafkasse.EndReason) {
	for stream := range strings.SplitSeq(label, ",") {
		s.connected.get(stream).Dec()
	}
	s.ended.get(string(reason)).Inc()
}

// Delivered counts one write to a client.
func (s *Streaming) Delivered(d kafkasse.Delivery) {
	s.events.Add(float64(d.Events))
	s.bytes.get(d.Encoding).Add(float64(d.Bytes))
	if d.Tail {
		s.tailEvents.Add(float64(d.Events))
	}
}

// ColdRead counts one read for a client that is behind.
func (s *Streaming) ColdRead(bytes int) {
	s.coldReads.Inc()
	s.coldBytes.Add(float64(bytes))
}

// Gap counts an announced gap.
func (s *Streaming) Gap(reason kafkasse.GapReason) { s.gaps.get(string(reason)).Inc() }

// Undeliverable counts a record that cannot be delivered.
func (s *Streaming) Undeliverable(topic string) { s.undeliverable.get(topic).Inc() }

// Copies counts records that repeat others.
func (s *Streaming) Copies(topic string, records int) { s.copies.get(topic).Add(float64(records)) }

// Tailed tells how far a partition's reader has come.
func (s *Streaming) Tailed(topic string, id int32, records int, lag int64) {
	p := partition{topic, id}
	s.records.get(p).Add(float64(records))
	s.lag.get(p).Set(float64(lag))
}

// FilterFailures shows how often a client's filter could not be evaluated on an event. It is called once.
func (m *Metrics) FilterFailures(count func() int64) {
	m.register.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "eventstreams_filter_failures_total", Help: "Events that a client's filter could not be evaluated on (too much work, a division by zero); they are left out.",
	}, func() float64 { return float64(count()) }))
}
