package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/internal/testshared"
)

// pageFamilies reads docs/metrics.md.
func pageFamilies(t *testing.T) map[string]metrics.Family {
	text, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	families := map[string]metrics.Family{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		if name, ok := strings.CutPrefix(cells[0], "| `"); ok && len(cells) > 5 {
			name = strings.TrimSuffix(name, "`")
			families[name] = metrics.Family{Name: name, Type: cells[1], Help: cells[4], Labels: strings.Split(cells[2], ", ")}
		}
	}
	return families
}

// quoted is the value of a label.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// checkScrape wants every metric of a service to be on the page, with its type and labels.
func checkScrape(t *testing.T, service, text string, page map[string]metrics.Family) {
	t.Helper()
	types := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			types[name] = kind
			continue
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, labels, _ := strings.Cut(line, "{")
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") {
			continue // of the library: they depend on Go and the system
		}
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if base, ok := strings.CutSuffix(name, suffix); ok && types[base] == "histogram" {
				name = base
			}
		}
		documented, ok := page[name]
		if !ok || documented.Type != types[name] {
			t.Errorf("%s serves %s, a %s; docs/metrics.md has it as %q", service, name, types[name], documented.Type)
			continue
		}
		var has []string
		labels, _, _ = strings.Cut(quoted.ReplaceAllString(labels, ""), "}")
		for _, m := range word.FindAllString(labels, -1) {
			if m != "le" {
				has = append(has, m)
			}
		}
		if !slices.Equal(has, documented.Labels) {
			t.Errorf("%s serves %s with the labels %v; docs/metrics.md has %v", service, name, has, documented.Labels)
		}
	}
}

// Whatever a running service serves is on the page, and it serves what a dashboard needs of it.
func TestWhatIsServedIsOnThePage(t *testing.T) {
	page := pageFamilies(t)
	scrape := func(service, admin string, wants ...string) {
		for _, want := range wants {
			eventually(t, service+" serves "+want, func() bool {
				_, text := ask(t, http.MethodGet, admin+"/metrics", "")
				return strings.Contains(text, "\n"+want)
			})
		}
		_, text := ask(t, http.MethodGet, admin+"/metrics", "")
		checkScrape(t, service, text, page)
	}
	post := func(url, stream string) {
		event := fmt.Sprintf(`{"$schema":"/test/event/1.0.0","meta":{"stream":"%s"},"test":"x"}`, stream)
		for _, body := range []string{event, strings.Replace(event, stream, "unknown", 1), "{"} {
			ask(t, http.MethodPost, url+"/v1/events", body)
		}
	}
	common := []string{
		"express_router_request_duration_seconds_bucket{", "eventplatform_build_info{", "eventplatform_streams_configured{", "go_gc_gomemlimit_bytes{", "process_resident_memory_bytes{",
	}
	intake := []string{
		"eventgate_events_produced_total{", "eventgate_validation_errors_total{", "eventgate_produce_duration_seconds_bucket{", "eventgate_produce_outcomes_total{",
		"eventgate_rdkafka_broker_rtt_avg{", "eventgate_rdkafka_broker_throttle_max{", "eventgate_rdkafka_broker_txerrs{", "eventgate_rdkafka_broker_txretries{",
		"eventgate_rdkafka_msg_cnt{", "eventgate_rdkafka_msg_size{", "eventgate_rdkafka_msg_max{",
	}
	streamer := []string{
		"eventstreams_connected_clients{", "eventstreams_events_delivered_total{", "eventstreams_partition_lag_records{", "eventstreams_filter_failures_total{",
	}
	schemas, streams, kafka := testshared.Path(t, "data/schemas/primary"), writeFile(t, "streams.yaml", testStreams), broker(t)
	shared := []string{"--kafka", kafka, "--schemas", schemas, "--streams", streams}

	in := start(t, append([]string{"eventgate", "-c", testshared.Path(t, "data/configs/eventgate-main.yaml")}, shared...)...)
	post(in.url, "eventgate-main.test.event")
	ask(t, http.MethodPost, in.url+"/v1/events?hasty=true", `{"$schema":"/test/event/1.0.0","meta":{"stream":"eventgate-main.test.event"},"test":"x"}`)
	scrape("eventgate", in.admin, slices.Concat(common, intake, []string{`eventgate_produce_outcomes_total{outcome="acknowledged",producer_type="hasty",`})...)

	out := start(t, append([]string{"eventstreams", "-c", testshared.Path(t, "data/configs/eventstreams.yaml")}, shared...)...)
	firstEvent(t, out.url+"/v2/stream/test?since=2020-01-01", "X-Client-IP", "192.0.2.1")
	ask(t, http.MethodGet, out.url+"/v2/stream/unknown", "", "X-Client-IP", "192.0.2.1")
	scrape("eventstreams", out.admin, slices.Concat(common, streamer,
		[]string{`express_router_request_duration_seconds_count{method="GET",path="v2/stream/{streams}",service="eventstreams",status="400"} 1`})...)

	declarations := start(t, "streamconfig", "--streams", streams)
	ask(t, http.MethodGet, declarations.url+"/w/api.php?action=streamconfigs&format=json", "")
	scrape("streamconfig", declarations.admin, common...)

	p := servePlatform(t, "--demo", "--canary", "1s")
	post(p.url, "test.event")
	firstEvent(t, p.url+"/v2/stream/test.event?since=2020-01-01")
	ask(t, http.MethodGet, p.url+"/w/api.php?action=streamconfigs&format=json", "")
	scrape("serve", p.admin, slices.Concat(common, intake, streamer, []string{
		"eventplatform_canary_stream_up{", `express_router_request_duration_seconds_count{method="GET",path="w/api.php",`,
	})...)
}
