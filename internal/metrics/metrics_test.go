package metrics

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/schema"
)

// scrape returns the lines of /metrics.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("/metrics: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	all := strings.Split(text, "\n")
	for _, line := range lines {
		if !slices.Contains(all, line) {
			t.Errorf("there is no line %s", line)
			name, _, _ := strings.Cut(line, "{")
			for _, l := range all {
				if strings.HasPrefix(l, name) {
					t.Logf("   but %s", l)
				}
			}
		}
	}
}

func TestIntake(t *testing.T) {
	m := New("eventgate-main")
	i := m.Intake()
	i.Produced("a.b", "/a/b/1.0.0")
	i.Produced("a.b", "/a/b/1.0.0")
	i.Refused("a.b", "/a/b/1.0.0", "ValidationError")
	i.HastyLost("a.b", "/a/b/1.0.0", "Timeout")
	i.Noted(eventgate.Normalised, "a.b", "/a/b/1.0.0")
	i.Answered("POST", "v1/events", 201, 20*time.Millisecond)
	i.Answered("BREW", "v1/events", 405, 31*time.Second)
	wantLines(t, scrape(t, m),
		`eventgate_events_produced_total{schema_uri="/a/b/1.0.0",service="eventgate-main",stream="a.b"} 2`,
		`eventgate_validation_errors_total{error_type="ValidationError",schema_uri="/a/b/1.0.0",service="eventgate-main",stream="a.b"} 1`,
		`eventgate_hasty_lost_total{error_type="Timeout",schema_uri="/a/b/1.0.0",service="eventgate-main",stream="a.b"} 1`,
		`eventgate_events_noted_total{schema_uri="/a/b/1.0.0",service="eventgate-main",stream="a.b",what="normalised"} 1`,
		`express_router_request_duration_seconds_bucket{method="POST",path="v1/events",service="eventgate-main",status="201",le="0.01"} 0`,
		`express_router_request_duration_seconds_bucket{method="POST",path="v1/events",service="eventgate-main",status="201",le="0.05"} 1`,
		`express_router_request_duration_seconds_count{method="POST",path="v1/events",service="eventgate-main",status="201"} 1`,
		`express_router_request_duration_seconds_bucket{method="other",path="v1/events",service="eventgate-main",status="405",le="30"} 0`,
		`express_router_request_duration_seconds_bucket{method="other",path="v1/events",service="eventgate-main",status="405",le="60"} 1`,
	)
}

func TestStreaming(t *testing.T) {
	m := New("eventstreams")
	s := m.Streaming()
	s.Connected("a,b")
	s.Connected("a")
	s.Disconnected("a,b", kafkasse.EndStalled)
	s.Delivered(kafkasse.Delivery{Events: 3, Bytes: 500, Encoding: "gzip", Tail: true})
	s.Copies("a.b", 2)
	s.ColdRead(1000)
	s.Gap(kafkasse.GapRetention)
	s.Undeliverable("eqiad.a")
	s.Tailed("eqiad.a", 2, 10, 7)
	s.Tailed("eqiad.a", 2, 5, 0)
	wantLines(t, scrape(t, m),
		`eventstreams_connected_clients{service="eventstreams",stream="a"} 1`,
		`eventstreams_connected_clients{service="eventstreams",stream="b"} 0`,
		`eventstreams_client_connections_total{service="eventstreams",streams="a,b"} 1`,
		`eventstreams_client_connections_total{service="eventstreams",streams="a"} 1`,
		`eventstreams_client_disconnections_total{reason="stalled",service="eventstreams"} 1`,
		`eventstreams_events_delivered_total{service="eventstreams"} 3`,
		`eventstreams_bytes_written_total{encoding="gzip",service="eventstreams"} 500`,
		`eventstreams_tail_events_total{service="eventstreams"} 3`,
		`eventstreams_copies_dropped_total{service="eventstreams",topic="a.b"} 2`,
		`eventstreams_cold_reads_total{service="eventstreams"} 1`,
		`eventstreams_cold_read_bytes_total{service="eventstreams"} 1000`,
		`eventstreams_gaps_total{reason="retention",service="eventstreams"} 1`,
		`eventstreams_undeliverable_records_total{service="eventstreams",topic="eqiad.a"} 1`,
		`eventstreams_records_read_total{partition="2",service="eventstreams",topic="eqiad.a"} 15`,
		`eventstreams_partition_lag_records{partition="2",service="eventstreams",topic="eqiad.a"} 0`,
	)
}

// Clients choose sets of streams freely: they must not make series without bound, nor must anything else that counts.
func TestSeriesAreBounded(t *testing.T) {
	m := New("eventstreams")
	s := m.Streaming()
	for i := range 3 * maxCombinations {
		label := fmt.Sprintf("a,b%d", i)
		s.Connected(label)
		s.Disconnected(label, kafkasse.EndClient)
	}
	text := scrape(t, m)
	if n := strings.Count(text, "\neventstreams_client_connections_total{"); n != maxCombinations+1 {
		t.Errorf("%d series of connections; %d and other are the most", n, maxCombinations)
	}
	wantLines(t, text, fmt.Sprintf(`eventstreams_client_connections_total{service="eventstreams",streams="other"} %d`, 2*maxCombinations))
}

func TestSchemas(t *testing.T) {
	m := New("x")
	s := m.Schemas()
	s.SchemaLoaded("/a/1.0.0", time.Millisecond, nil)
	s.SchemaLoaded("/a/2.0.0", time.Millisecond, &schema.NotFoundError{})
	s.SchemaLoaded("..", time.Millisecond, fmt.Errorf("wrapped: %w", &schema.InvalidURIError{}))
	s.SchemaLoaded("/a/3.0.0", time.Millisecond, &schema.BrokenError{})
	s.SchemaLoaded("/a/4.0.0", time.Millisecond, &schema.UnavailableError{})
	s.SchemaChanged("/a/1.0.0")
	text := scrape(t, m)
	for _, result := range []string{"ok", "not_found", "invalid_uri", "broken", "unavailable"} {
		wantLines(t, text, `eventplatform_schema_loads_total{result="`+result+`",service="x"} 1`)
	}
	wantLines(t, text, `eventplatform_schema_changes_total{schema_uri="/a/1.0.0",service="x"} 1`, `eventplatform_schema_load_duration_seconds_count{service="x"} 5`)
}

func TestClients(t *testing.T) {
	m := New("x")
	now := time.Unix(1_800_000_000, 0)
	guaranteed, hasty := m.Client("eventgate_", "guaranteed"), m.Client("eventgate_", "hasty")
	guaranteed.now, hasty.now = func() time.Time { return now }, func() time.Time { return now }
	guaranteed.BrokerRequest(1, "Produce", 100, 10, 2*time.Millisecond, nil)
	guaranteed.BrokerRequest(1, "Produce", 100, 10, 4*time.Millisecond, nil)
	guaranteed.BrokerRequest(1, "Produce", 100, 0, time.Minute, errors.New("cut"))
	guaranteed.BrokerThrottled(1, 50*time.Millisecond)
	guaranteed.BrokerDisconnected(1)
	hasty.BrokerRequest(1, "Produce", 7, 0, time.Millisecond, nil)
	wantLines(t, scrape(t, m),
		`eventgate_rdkafka_broker_rtt_avg{nodeid="1",producer_type="guaranteed",service="x"} 0`, // no complete interval yet
		`eventgate_rdkafka_broker_txerrs{nodeid="1",producer_type="guaranteed",service="x"} 1`,
		`eventgate_rdkafka_broker_txretries{nodeid="1",producer_type="guaranteed",service="x"} 1`,
		`eventgate_rdkafka_broker_disconnects{nodeid="1",producer_type="guaranteed",service="x"} 1`,
		`eventgate_kafka_sent_bytes_total{producer_type="guaranteed",service="x"} 300`,
		`eventgate_kafka_sent_bytes_total{producer_type="hasty",service="x"} 7`,
		`eventgate_kafka_received_bytes_total{producer_type="guaranteed",service="x"} 20`,
		`eventgate_kafka_request_duration_seconds_count{producer_type="guaranteed",request="Produce",service="x"} 3`,
	)
	now = now.Add(statisticsInterval)
	for range 2 { // who asks twice gets the same
		wantLines(t, scrape(t, m),
			`eventgate_rdkafka_broker_rtt_avg{nodeid="1",producer_type="guaranteed",service="x"} 3000`,
			`eventgate_rdkafka_broker_rtt_max{nodeid="1",producer_type="guaranteed",service="x"} 4000`,
			`eventgate_rdkafka_broker_throttle_max{nodeid="1",producer_type="guaranteed",service="x"} 50`,
		)
	}
	now = now.Add(3 * statisticsInterval)
	wantLines(t, scrape(t, m), `eventgate_rdkafka_broker_rtt_avg{nodeid="1",producer_type="guaranteed",service="x"} 0`)
}

func TestProducerStreamsAndReloads(t *testing.T) {
	m := New("x")
	m.Producer("eventgate_", "guaranteed", func() (int64, int64) { return 5, 600 }, 1000, 64)
	m.Streams(func() int { return 3 }, func() time.Time { return time.UnixMilli(1500) })
	configuration := m.StreamConfig()
	wantLines(t, scrape(t, m), `eventplatform_stream_config_refused{service="x"} 0`)
	configuration.ConfigReloaded(time.Second, errors.New("away"))
	wantLines(t, scrape(t, m), `eventplatform_stream_config_refused{service="x"} 1`)
	configuration.ConfigReloaded(time.Second, nil)
	reloaded := m.Reloads()
	reloaded("schemas", nil)
	reloaded("streams", errors.New("wrong"))
	wantLines(t, scrape(t, m),
		`eventgate_rdkafka_msg_cnt{producer_type="guaranteed",service="x"} 5`,
		`eventgate_rdkafka_msg_size{producer_type="guaranteed",service="x"} 600`,
		`eventgate_rdkafka_msg_max{producer_type="guaranteed",service="x"} 1000`,
		`eventplatform_streams_configured{service="x"} 3`,
		`eventplatform_stream_config_read_timestamp_seconds{service="x"} 1.5`,
		`eventplatform_stream_config_reads_total{result="failed",service="x"} 1`,
		`eventplatform_stream_config_reads_total{result="ok",service="x"} 1`,
		`eventplatform_stream_config_refused{service="x"} 0`,
		`eventplatform_reloads_total{result="ok",service="x",what="schemas"} 1`,
		`eventplatform_reloads_total{result="failed",service="x",what="streams"} 1`,
	)
}

// Every series has the label service: rules select by it.
func TestEverySeriesHasTheService(t *testing.T) {
	for line := range strings.Lines(scrape(t, New("x"))) {
		if !strings.HasPrefix(line, "#") && !strings.Contains(line, `service="x"`) {
			t.Errorf("without the label service: %s", line)
		}
	}
}

func TestRequests(t *testing.T) {
	m := New("x")
	handler := m.Requests(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stream" {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("the wrapped writer cannot flush: %v", err)
			}
		}
		if strings.HasSuffix(r.URL.Path, "/gone") {
			w.WriteHeader(http.StatusGone)
			w.WriteHeader(http.StatusOK)
		}
		_, _ = io.WriteString(w, "x")
	}), func(r *http.Request) (string, bool) {
		return strings.TrimPrefix(r.URL.Path, "/"), strings.HasPrefix(r.URL.Path, "/lasting")
	})
	for _, path := range []string{"/stream", "/gone", "/lasting", "/lasting/gone"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	text := scrape(t, m)
	wantLines(t, text,
		`express_router_request_duration_seconds_count{method="GET",path="stream",service="x",status="200"} 1`,
		`express_router_request_duration_seconds_count{method="GET",path="gone",service="x",status="410"} 1`,
		`express_router_request_duration_seconds_count{method="GET",path="lasting/gone",service="x",status="410"} 1`)
	if strings.Contains(text, `path="lasting"`) {
		t.Error("a lasting answer was counted")
	}
}

// Counting is on the way of every event.
func TestCountingAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	m := New("x")
	i, s, c := m.Intake(), m.Streaming(), m.Client("", "")
	delivered, batch := m.Delivered("eventgate_", "hasty"), &kafka.Batch{Outcomes: make([]kafka.Outcome, 3)}
	calls := map[string]func(){
		"Delivered to Kafka": func() { delivered(batch, time.Millisecond) },
		"Produced":           func() { i.Produced("a.b", "/a/b/1.0.0") },
		"Refused":            func() { i.Refused("a.b", "/a/b/1.0.0", "ValidationError") },
		"Answered":           func() { i.Answered("POST", "v1/events", 201, time.Millisecond) },
		"Delivered":          func() { s.Delivered(kafkasse.Delivery{Events: 1, Bytes: 100, Encoding: "zstd", Tail: true}) },
		"Tailed":             func() { s.Tailed("eqiad.a", 0, 1, 0) },
		"Connected":          func() { s.Connected("a,b"); s.Disconnected("a,b", kafkasse.EndClient) },
		"BrokerRequest":      func() { c.BrokerRequest(1, "Produce", 1, 1, time.Millisecond, nil) },
	}
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		if n := testing.AllocsPerRun(100, calls[name]); n > 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestFamilies(t *testing.T) {
	m := New("x")
	m.Client("eventgate_", "guaranteed")
	m.Client("eventgate_", "hasty")
	m.Producer("eventgate_", "hasty", func() (int64, int64) { return 0, 0 }, 1, 1)
	m.Delivered("eventgate_", "hasty")
	m.Schemas()
	got := map[string]string{}
	for _, f := range m.Families() {
		if got[f.Name] != "" {
			t.Errorf("%s is listed twice", f.Name)
		}
		got[f.Name] = f.Type + " " + strings.Join(f.Labels, ",")
		if f.Help == "" {
			t.Errorf("%s has no text", f.Name)
		}
	}
	for name, want := range map[string]string{
		"eventplatform_build_info":                   "gauge service,version",
		"express_router_request_duration_seconds":    "histogram method,path,service,status",
		"eventgate_rdkafka_broker_rtt_avg":           "gauge nodeid,producer_type,service",
		"eventgate_rdkafka_msg_cnt":                  "gauge producer_type,service",
		"eventgate_produce_duration_seconds":         "histogram producer_type,service",
		"eventgate_produce_outcomes_total":           "counter outcome,producer_type,service",
		"eventgate_kafka_sent_bytes_total":           "counter producer_type,service",
		"eventplatform_schema_load_duration_seconds": "histogram service",
		"eventplatform_schema_loads_total":           "counter result,service",
		"eventgate_kafka_request_duration_seconds":   "histogram producer_type,request,service",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

func TestDelivered(t *testing.T) {
	m := New("x")
	told := m.Delivered("eventgate_", "guaranteed")
	told(&kafka.Batch{Outcomes: []kafka.Outcome{{}, {Err: &kafka.DeliveryError{Kind: kafka.Timeout}}, {}}}, 20*time.Millisecond)
	wantLines(t, scrape(t, m),
		`eventgate_produce_outcomes_total{outcome="acknowledged",producer_type="guaranteed",service="x"} 2`,
		`eventgate_produce_outcomes_total{outcome="timeout",producer_type="guaranteed",service="x"} 1`,
		`eventgate_produce_duration_seconds_bucket{producer_type="guaranteed",service="x",le="0.05"} 1`,
		`eventgate_produce_duration_seconds_count{producer_type="guaranteed",service="x"} 1`,
	)
}
