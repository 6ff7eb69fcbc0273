package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/canary"
)

// Canary tells what became of canary events. A stream that is not configured any more leaves it with the next round.
type Canary struct {
	events *series[[2]string, prometheus.Counter]
	took   prometheus.Gauge
	ended  prometheus.Gauge

	lock sync.Mutex
	last map[[2]string]canaryState // by stream and data centre

	up, produced *prometheus.Desc
}

// canaryState is how it stands with a stream in a data centre.
type canaryState struct {
	good     bool
	produced time.Time // zero: never since the start
}

var _ canary.Observer = (*Canary)(nil)

// Canary makes the metrics of a producer of canary events. It is called once.
func (m *Metrics) Canary() *Canary {
	took := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "eventplatform_canary_round_duration_seconds", Help: "Time that the last round of canary events took.",
	})
	ended := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "eventplatform_canary_round_timestamp_seconds", Help: "When the last round of canary events ended, since 1970.",
	})
	m.register.MustRegister(took, ended)
	labels := []string{"stream", "datacenter"}
	c := &Canary{
		events: counters2(m.register, "eventplatform_canary_events_total",
			"Canary events by data centre and result: produced, refused, unreachable, impossible.", [2]string{"datacenter", "result"}),
		took: took, ended: ended,
		last: map[[2]string]canaryState{},
		up: prometheus.NewDesc("eventplatform_canary_stream_up",
			"Whether the last round's canary event was taken by the data centre's intake: 1 or 0.", labels, nil),
		produced: prometheus.NewDesc("eventplatform_canary_last_produced_timestamp_seconds",
			"When an intake last took a canary event, since 1970; 0 = not since the start.", labels, nil),
	}
	m.register.MustRegister(c)
	return c
}

// CanaryRound takes over a round.
func (c *Canary) CanaryRound(r *canary.Report) {
	end := r.Began.Add(r.Took)
	c.took.Set(r.Took.Seconds())
	c.ended.Set(float64(end.UnixMilli()) / 1000)
	c.lock.Lock()
	defer c.lock.Unlock()
	next := make(map[[2]string]canaryState, len(r.Outcomes))
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		c.events.get([2]string{o.Target.Datacenter, string(o.Result)}).Inc()
		key := [2]string{o.Event.Stream, o.Target.Datacenter}
		state := canaryState{good: o.Result == canary.Produced, produced: c.last[key].produced}
		if state.good {
			state.produced = end
		}
		if len(next) < maxSeries {
			next[key] = state
		}
	}
	c.last = next
}

// Describe is for the registry.
func (c *Canary) Describe(out chan<- *prometheus.Desc) {
	out <- c.up
	out <- c.produced
}

// Collect is for the registry.
func (c *Canary) Collect(out chan<- prometheus.Metric) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for key, state := range c.last {
		up, at := 0.0, 0.0
		if state.good {
			up = 1
		}
		if !state.produced.IsZero() {
			at = float64(state.produced.UnixMilli()) / 1000
		}
		out <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, up, key[0], key[1])
		out <- prometheus.MustNewConstMetric(c.produced, prometheus.GaugeValue, at, key[0], key[1])
	}
}
