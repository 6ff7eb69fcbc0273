package uiapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse"
)

func TestHealthTellsHowTheServicesAre(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_info" {
			_, _ = w.Write([]byte(`{"name":"x","version":"7"}`)) // a test that has gone away does not need it
		}
	}))
	defer other.Close()
	defer http.DefaultClient.CloseIdleConnections()
	ready := http.StatusOK
	clients := []kafkasse.ClientInfo{
		{Label: "a,b", Address: "10.0.0.1:1234", UserAgent: "x", Since: time.Now(), Events: 5},
		{Label: "a", Address: "10.0.0.1:99", BehindRecords: 12, Behind: time.Second},
		{Label: "a", Address: "[::1]:1"},
	}
	f := newFixture(t, func(c *Config) {
		c.Schemas, c.Open.Health = testSchemas(t), true
		c.Health = &Health{
			Started: time.Now().Add(-time.Minute), Embedded: true, ClientLimit: 3,
			Ready: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(ready) }),
			Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte("# HELP a Of a.\n# TYPE a counter\na 2\n"))
			}),
			Brokers: func(context.Context) ([]int32, error) { return []int32{1, 2}, nil },
			Clients: func() []kafkasse.ClientInfo { return clients },
			Others:  map[string]string{"intake": other.URL, "gone": "http://127.0.0.1:1/"},
		}
	})
	var h HealthReport
	if status := f.ask(t, "GET", "/ui/api/health", "", &h); status != 200 {
		t.Fatalf("status %d", status)
	}
	if !h.Ready || h.Uptime < 60 || !h.Kafka.Reachable || !h.Kafka.Embedded || h.Kafka.Cluster != "cluster" || len(h.Kafka.Brokers) != 2 || len(h.Schemas) != 1 {
		t.Errorf("%+v", h)
	}
	if h.Clients != 3 || h.Addresses != 2 || h.Most != 2 || h.Limit != 3 || h.Consumers[0].BehindRecords != 12 || len(h.Consumers[1].Streams) != 2 {
		t.Errorf("%+v", h.Consumers)
	}
	if len(h.Metrics) != 1 || h.Metrics[0].Sum != 2 {
		t.Errorf("%+v", h.Metrics)
	}
	if len(h.Others) != 2 || h.Others[0].OK || h.Others[0].Error == "" || !h.Others[1].OK || h.Others[1].Version != "7" {
		t.Errorf("%+v", h.Others)
	}
	for _, c := range h.Consumers {
		if c.Address != "" || c.UserAgent != "" {
			t.Errorf("strangers are told who reads: %+v", c)
		}
	}
	if ask(t, f.AdminHandler(), "GET", "/ui/api/health", "", &h); h.Consumers[1].Address != "10.0.0.1:1234" {
		t.Errorf("operators are not told who reads: %+v", h.Consumers)
	}

	ready = http.StatusServiceUnavailable
	f.cfg.Health.Brokers = func(context.Context) ([]int32, error) { return nil, errors.New("broker-7.internal:9092 refused") }
	w := httptest.NewRecorder()
	f.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/ui/api/health", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil || h.Ready || h.Kafka.Reachable || strings.Contains(w.Body.String(), "internal:9092") {
		t.Errorf("%v %s", err, w.Body)
	}
}

func TestMetricsAreRead(t *testing.T) {
	text := `# HELP req Time, with a \\ and a \n.
# TYPE req histogram
req_bucket{path="a",le="1"} 3
req_sum{path="a\"b,c=\"}"} 1.5
req_count{path="a"} 3
# TYPE g gauge
g{service="me",x="1"} 1
g{x="2"} 5 1700000000
bad{x="1" 3
bad
nan NaN
inf +Inf
empty{} 4
# HELP none Nothing.
`
	got, err := json.Marshal(parseMetrics(text))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"req_sum","sum":1.5,"series":[{"labels":{"path":"a\"b,c=\"}"},"value":1.5}]},` +
		`{"name":"req_count","sum":3,"series":[{"labels":{"path":"a"},"value":3}]},` +
		`{"name":"g","type":"gauge","sum":6,"series":[{"labels":{"x":"2"},"value":5},{"labels":{"x":"1"},"value":1}]},` +
		`{"name":"empty","sum":4,"series":[{"value":4}]}]`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHosts(t *testing.T) {
	for address, want := range map[string]string{"1.2.3.4:5": "1.2.3.4", "1.2.3.4": "1.2.3.4", "[::1]:5": "[::1]", "::1": "::1", "[::1]": "[::1]", "": ""} {
		if got := host(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
