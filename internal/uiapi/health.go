package uiapi

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse"
)

// Health says where to look for how the services are. Any part may be nil.
type Health struct {
	Started time.Time
	// Ready answers /readyz, Metrics /metrics.
	Ready, Metrics http.Handler
	// Brokers lists the brokers' ids.
	Brokers func(context.Context) ([]int32, error)
	// Embedded tells that the broker is part of the process.
	Embedded bool
	// Clients lists who is connected to the streams, ClientLimit is how many one address may have open; 0 = no limit.
	Clients     func() []kafkasse.ClientInfo
	ClientLimit int
	// Others are services that run apart, by name: the URLs of their roots.
	Others map[string]string
}

// HealthReport answers GET health.
type HealthReport struct {
	Time    time.Time     `json:"time"`
	Ready   bool          `json:"ready"`
	Version string        `json:"version"`
	Go      string        `json:"go"`
	Uptime  float64       `json:"uptime_seconds"`
	Kafka   KafkaHealth   `json:"kafka"`
	Others  []OtherHealth `json:"others"`
	Schemas []Repository  `json:"schemas"`
	// Addresses is how many different addresses are connected, Most how many streams the one with the most has open, Limit how many it may.
	Clients   int        `json:"clients"`
	Addresses int        `json:"addresses"`
	Most      int        `json:"most"`
	Limit     int        `json:"limit"`
	Consumers []Consumer `json:"consumers"`
	Metrics   []Family   `json:"metrics"`
}

// KafkaHealth says how the brokers are.
type KafkaHealth struct {
	Reachable bool    `json:"reachable"`
	Embedded  bool    `json:"embedded"`
	Cluster   string  `json:"cluster,omitempty"`
	Brokers   []int32 `json:"brokers"`
	// Millis is how long the brokers took to answer.
	Millis float64 `json:"millis"`
	Error  string  `json:"error,omitempty"`
}

// OtherHealth says whether a service that runs apart answers.
type OtherHealth struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Version string `json:"version,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Repository is a schema repository and the state that is in use.
type Repository struct {
	Base     string `json:"base"`
	Revision string `json:"revision"`
}

// Consumer is one open stream.
type Consumer struct {
	Streams       []string  `json:"streams"`
	Address       string    `json:"address"`
	UserAgent     string    `json:"user_agent"`
	Since         time.Time `json:"since"`
	Events        int64     `json:"events"`
	Bytes         int64     `json:"bytes"`
	SilentSeconds float64   `json:"silent_seconds"`
	BehindRecords int64     `json:"behind_records"`
	BehindSeconds float64   `json:"behind_seconds"`
}

const (
	// healthTimeout bounds what is asked of others.
	healthTimeout = 5 * time.Second
	// mostConsumers bounds how many are listed: those that are furthest behind, then the oldest.
	mostConsumers = 200
)

func (s *Server) health(r *http.Request, v viewer) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	h := s.cfg.Health
	report := HealthReport{
		Time: time.Now().UTC(), Version: s.cfg.Version, Go: runtime.Version(), Uptime: time.Since(h.Started).Seconds(), Ready: true,
		Kafka: s.kafkaHealth(ctx), Others: s.others(ctx), Schemas: []Repository{}, Limit: h.ClientLimit, Consumers: []Consumer{}, Metrics: []Family{},
	}
	if h.Ready != nil {
		report.Ready = call(ctx, h.Ready, "/readyz").status == http.StatusOK
	}
	if h.Metrics != nil {
		report.Metrics = parseMetrics(call(ctx, h.Metrics, "/metrics").body.String())
	}
	if s.cfg.Schemas != nil {
		for _, revision := range s.cfg.Schemas.Revisions() {
			report.Schemas = append(report.Schemas, Repository{revision.Base, revision.Revision})
		}
	}
	if h.Clients != nil {
		report.addClients(h.Clients(), v.admin)
	}
	return report, nil
}

// call asks a handler of this process.
func call(ctx context.Context, h http.Handler, path string) *recorder {
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if err != nil {
		answer.status = http.StatusInternalServerError
		return answer
	}
	h.ServeHTTP(answer, r)
	return answer
}

func (s *Server) kafkaHealth(ctx context.Context) KafkaHealth {
	k := KafkaHealth{Embedded: s.cfg.Health.Embedded, Brokers: []int32{}}
	begun := time.Now()
	var err error
	if k.Cluster, err = s.cfg.Log.ClusterID(ctx); err == nil && s.cfg.Health.Brokers != nil {
		k.Brokers, err = s.cfg.Health.Brokers(ctx)
	}
	k.Millis, k.Reachable = float64(time.Since(begun).Microseconds())/1000, err == nil
	if err != nil {
		s.log.Warn("Kafka's state cannot be told", "err", err)
		k.Error = "Kafka does not answer in time; the log says more."
	}
	return k
}

func (report *HealthReport) addClients(clients []kafkasse.ClientInfo, admin bool) {
	report.Clients = len(clients)
	open := map[string]int{}
	for _, c := range clients {
		open[host(c.Address)]++
	}
	report.Addresses = len(open)
	for _, n := range open {
		report.Most = max(report.Most, n)
	}
	slices.SortStableFunc(clients, func(a, b kafkasse.ClientInfo) int { return int(min(max(b.BehindRecords-a.BehindRecords, -1), 1)) })
	for _, c := range clients[:min(len(clients), mostConsumers)] {
		address, agent := c.Address, c.UserAgent
		if !admin {
			address, agent = "", "" // who reads is nobody's business
		}
		report.Consumers = append(report.Consumers, Consumer{
			Streams: strings.Split(c.Label, ","), Address: address, UserAgent: agent, Since: c.Since.UTC(), Events: c.Events, Bytes: c.Bytes,
			SilentSeconds: c.Silent.Seconds(), BehindRecords: c.BehindRecords, BehindSeconds: c.Behind.Seconds(),
		})
	}
}

// host is an address without its port.
func host(address string) string {
	if i := strings.LastIndexByte(address, ':'); i > 0 && !strings.HasSuffix(address, "]") && (strings.Count(address, ":") == 1 || address[0] == '[') {
		return address[:i]
	}
	return address
}
