package metrics

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eventplatform/eventplatform/kafka"
)

// statisticsInterval is what the gauges of round trips tell of: the last complete interval, as librdkafka's statistics do.
const statisticsInterval = 30 * time.Second

// Client counts what one Kafka client does on the wire, under the names of librdkafka's statistics, and how long its requests take.
type Client struct {
	now      func() time.Time
	took     *series[string, prometheus.Observer]
	sent     prometheus.Counter
	received prometheus.Counter

	lock    sync.Mutex
	brokers map[int32]*broker

	rttAvg, rttMax, throttleAvg, throttleMax, errors, retries, disconnects *prometheus.Desc
}

// broker is what is known of one broker.
type broker struct {
	rtt, throttle                window
	errors, retries, disconnects float64
}

var _ kafka.Observer = (*Client)(nil)

// Client makes the metrics of a Kafka client. Their names begin with prefix, such as "eventgate_". Those of a producer bear the label producer_type,
// "guaranteed" or "hasty"; "" is a consumer. It is called once for each.
func (m *Metrics) Client(prefix, producerType string) *Client {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(prefix+"rdkafka_"+name, help, []string{"nodeid"}, nil)
	}
	reg := m.register
	if producerType != "" {
		reg = reg.with("producer_type", producerType)
	}
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: prefix + "kafka_request_duration_seconds", Help: "Time that requests to Kafka's brokers take, by the protocol's name for them.",
		Buckets: []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10},
	}, []string{"request"})
	reg.MustRegister(took)
	c := &Client{
		now:         time.Now,
		took:        newSeries(other, func(name string) prometheus.Observer { return took.WithLabelValues(name) }),
		sent:        counter(reg, prefix+"kafka_sent_bytes_total", "Bytes sent to Kafka's brokers."),
		received:    counter(reg, prefix+"kafka_received_bytes_total", "Bytes received from Kafka's brokers."),
		brokers:     map[int32]*broker{},
		rttAvg:      desc("broker_rtt_avg", "Mean round trip of the requests of the last 30 s, in microseconds."),
		rttMax:      desc("broker_rtt_max", "Longest round trip of the requests of the last 30 s, in microseconds."),
		throttleAvg: desc("broker_throttle_avg", "Mean time that the broker made this client wait, of the last 30 s, in milliseconds."),
		throttleMax: desc("broker_throttle_max", "Longest time that the broker made this client wait, of the last 30 s, in milliseconds."),
		errors:      desc("broker_txerrs", "Requests that failed on the wire."),
		retries:     desc("broker_txretries", "Produce requests that failed on the wire and were sent again."),
		disconnects: desc("broker_disconnects", "Connections to the broker that ended."),
	}
	reg.MustRegister(c)
	return c
}

// BrokerRequest counts one request.
func (c *Client) BrokerRequest(id int32, request string, written, read int, took time.Duration, err error) {
	c.took.get(request).Observe(took.Seconds())
	c.sent.Add(float64(written))
	c.received.Add(float64(read))
	c.lock.Lock()
	defer c.lock.Unlock()
	b := c.broker(id)
	if err != nil {
		b.errors++
		if request == "Produce" { // its records are sent again until their time is over
			b.retries++
		}
		return
	}
	if request != "Fetch" { // a fetch waits at the broker for something to come
		b.rtt.add(c.now(), float64(took.Microseconds()))
	}
}

// BrokerThrottled counts a wait that a broker imposed.
func (c *Client) BrokerThrottled(id int32, wait time.Duration) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.broker(id).throttle.add(c.now(), float64(wait.Milliseconds()))
}

// BrokerDisconnected counts a connection that ended.
func (c *Client) BrokerDisconnected(id int32) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.broker(id).disconnects++
}

func (c *Client) broker(id int32) *broker {
	b, ok := c.brokers[id]
	if !ok {
		b = &broker{}
		c.brokers[id] = b
	}
	return b
}

// Describe is for the registry.
func (c *Client) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.rttAvg, c.rttMax, c.throttleAvg, c.throttleMax, c.errors, c.retries, c.disconnects} {
		out <- d
	}
}

// Collect is for the registry.
func (c *Client) Collect(out chan<- prometheus.Metric) {
	c.lock.Lock()
	defer c.lock.Unlock()
	now := c.now()
	for id, b := range c.brokers {
		node := strconv.Itoa(int(id))
		gauge := func(d *prometheus.Desc, v float64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, node)
		}
		mean, longest := b.rtt.last(now)
		gauge(c.rttAvg, mean)
		gauge(c.rttMax, longest)
		mean, longest = b.throttle.last(now)
		gauge(c.throttleAvg, mean)
		gauge(c.throttleMax, longest)
		gauge(c.errors, b.errors)
		gauge(c.retries, b.retries)
		gauge(c.disconnects, b.disconnects)
	}
}

// window keeps mean and maximum of the last complete interval, whoever asks and how often.
type window struct {
	begun         time.Time
	current, past sample
}

type sample struct{ sum, count, longest float64 }

func (w *window) add(now time.Time, v float64) {
	w.turn(now)
	w.current.sum += v
	w.current.count++
	w.current.longest = max(w.current.longest, v)
}

func (w *window) last(now time.Time) (mean, longest float64) {
	w.turn(now)
	if w.past.count == 0 {
		return 0, 0
	}
	return w.past.sum / w.past.count, w.past.longest
}

func (w *window) turn(now time.Time) {
	switch age := now.Sub(w.begun); {
	case age < statisticsInterval:
		return
	case age < 2*statisticsInterval:
		w.past = w.current
	default:
		w.past = sample{}
	}
	w.begun, w.current = now, sample{}
}
