package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/schema"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

const metricsPage = "../../docs/metrics.md"

// documentedServices are the services as the page names them, with what each registers.
var documentedServices = []struct {
	name     string
	register func(m *metrics.Metrics)
}{
	{"eventgate", func(m *metrics.Metrics) {
		everyService(m)
		m.Intake()
		m.Schemas()
		m.Precache(func() int { return 0 })
		m.Revisions(func() []schema.Revision { return nil })
		m.Client("eventgate_", "guaranteed")
		m.Producer("eventgate_", "guaranteed", func() (int64, int64) { return 0, 0 }, 1, 1)
		m.Delivered("eventgate_", "guaranteed")
		streamSettings(m)
	}},
	{"eventstreams", func(m *metrics.Metrics) {
		everyService(m)
		m.Schemas()
		m.Client("", "")
		m.Streaming()
		m.FilterFailures(func() int64 { return 0 })
		streamSettings(m)
	}},
	{"streamconfig", func(m *metrics.Metrics) {
		everyService(m)
		streamSettings(m)
	}},
	{"canary", func(m *metrics.Metrics) { m.Canary() }},
}

func everyService(m *metrics.Metrics) {
	m.Reloads()
	m.Suppressed()
}

func streamSettings(m *metrics.Metrics) {
	m.StreamConfig()
	m.Streams(func() int { return 0 }, func() time.Time { return time.Time{} })
}

// documented is one metric of the page.
type documented struct {
	metrics.Family
	services []string
}

func documentedMetrics() []documented {
	byName := map[string]*documented{}
	for _, s := range documentedServices {
		m := metrics.New("x")
		s.register(m)
		for _, f := range m.Families() {
			if byName[f.Name] == nil {
				byName[f.Name] = &documented{Family: f}
			}
			byName[f.Name].services = append(byName[f.Name].services, s.name)
		}
	}
	var list []documented
	for _, d := range byName {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b documented) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// unit is what a metric counts in.
func unit(f metrics.Family) string {
	name := strings.TrimSuffix(f.Name, "_total")
	for _, u := range []struct{ suffix, unit string }{
		{"_timestamp_seconds", "Unix time"}, {"_seconds", "seconds"}, {"_bytes", "bytes"}, {"rdkafka_msg_size", "bytes"}, {"rdkafka_msg_size_max", "bytes"},
		{"broker_rtt_avg", "µs"}, {"broker_rtt_max", "µs"}, {"broker_throttle_avg", "ms"}, {"broker_throttle_max", "ms"},
		{"_records", "records"}, {"rdkafka_msg_cnt", "records"}, {"rdkafka_msg_max", "records"}, {"_info", "–"}, {"_refused", "0, 1"}, {"_up", "0, 1"},
	} {
		if strings.HasSuffix(name, u.suffix) {
			return u.unit
		}
	}
	return "count"
}

var (
	ruleBegins = regexp.MustCompile(`(?m)^ +- (alert|record): (\S+)$`)
	expression = regexp.MustCompile(`(?s)expr: (.*?)\n +(?:for|labels|- )`)
	word       = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
)

// alertsUsing returns the alerts that look at each metric, also through recording rules.
func alertsUsing(t *testing.T) map[string][]string {
	files, err := filepath.Glob("../../deploy/alerts/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no alerts: %v", err)
	}
	uses := map[string][]string{} // of a recording rule
	alerts := map[string]map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rules := ruleBegins.FindAllSubmatchIndex(text, -1)
		for i, at := range rules {
			end := len(text)
			if i+1 < len(rules) {
				end = rules[i+1][0]
			}
			kind, name := string(text[at[2]:at[3]]), string(text[at[4]:at[5]])
			body := append(slices.Clone(text[at[1]:end]), "\n  - "...)
			found := expression.FindSubmatch(body)
			if found == nil {
				t.Fatalf("%s: %s has no expression", file, name)
			}
			for _, w := range word.FindAllString(string(found[1]), -1) {
				for _, suffix := range []string{"_bucket", "_count", "_sum"} {
					w = strings.TrimSuffix(w, suffix)
				}
				if kind == "record" {
					uses[name] = append(uses[name], w)
					continue
				}
				if alerts[w] == nil {
					alerts[w] = map[string]bool{}
				}
				alerts[w][name] = true
			}
		}
	}
	for rule, words := range uses {
		for _, w := range words {
			for alert := range alerts[rule] {
				if alerts[w] == nil {
					alerts[w] = map[string]bool{}
				}
				alerts[w][alert] = true
			}
		}
	}
	sorted := map[string][]string{}
	for metric, names := range alerts {
		for name := range names {
			sorted[metric] = append(sorted[metric], name)
		}
		slices.Sort(sorted[metric])
	}
	return sorted
}

func metricsText(t *testing.T) string {
	intro, err := os.ReadFile("testdata/metrics_head.md")
	if err != nil {
		t.Fatal(err)
	}
	tail, err := os.ReadFile("testdata/metrics_tail.md")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(intro)
	b.WriteString("\n| metric | type | labels | unit | meaning | services | alerts |\n|---|---|---|---|---|---|---|\n")
	alerts := alertsUsing(t)
	for _, d := range documentedMetrics() {
		services := strings.Join(d.services, ", ")
		if len(d.services) == len(documentedServices) {
			services = "all"
		}
		names := make([]string, len(alerts[d.Name]))
		for i, alert := range alerts[d.Name] {
			names[i] = "[" + alert + "](runbook.md#" + strings.ToLower(alert) + ")"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", d.Name, d.Type, strings.Join(d.Labels, ", "), unit(d.Family), d.Help, services, strings.Join(names, ", "))
	}
	b.WriteString("\n")
	b.Write(tail)
	return b.String()
}

// The page is what the program has. After a change: go test ./cmd/eventplatform -run TestTheMetricsPage -update
func TestTheMetricsPageIsCurrent(t *testing.T) {
	want := metricsText(t)
	if *update {
		if err := os.WriteFile(metricsPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/metrics.md is not what the program has: go test ./cmd/eventplatform -run TestTheMetricsPage -update")
	}
}
