package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// variables are Grafana's.
var variables = regexp.MustCompile(`\$\{?(\w+)(?::\w+)?\}?`)

// selected is what tools/promcheck finds in an expression.
type selected struct {
	Error      string
	Selections []struct {
		Metric string
		Labels []string
	}
	Grouping []string
}

// parsed has Prometheus's own parser read expressions.
func parsed(t *testing.T, expressions []string) []selected {
	t.Helper()
	if testing.Short() {
		t.Skip("Prometheus's parser takes long to compile")
	}
	var in bytes.Buffer
	for _, e := range expressions {
		text, err := json.Marshal(variables.ReplaceAllStringFunc(e, func(v string) string {
			if v == "$__rate_interval" {
				return "5m"
			}
			return "x"
		}))
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(text, '\n'))
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", "-C", "../../tools/promcheck", ".")
	cmd.Stdin = &in
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		if os.Getenv("CI") != "true" { // a machine without a network cannot fetch what it is built from
			t.Skipf("tools/promcheck does not run: %v\n%s", err, &errs)
		}
		t.Fatalf("tools/promcheck: %v\n%s", err, &errs)
	}
	var list []selected
	for line := range bytes.Lines(out) {
		var s selected
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if len(list) != len(expressions) {
		t.Fatalf("%d answers to %d expressions", len(list), len(expressions))
	}
	return list
}

// known are the metrics of docs/metrics.md, which another test holds against running services, with their labels; "*": any.
func known(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		name, ok := strings.CutPrefix(cells[0], "| `")
		if ok && len(cells) > 5 {
			name = strings.TrimSuffix(name, "`")
			labels := append(strings.Split(cells[2], ", "), "instance")
			all[name] = labels
			if cells[1] == "histogram" {
				all[name+"_count"], all[name+"_sum"], all[name+"_bucket"] = labels, labels, append(labels, "le")
			}
		}
	}
	if len(all) < 20 {
		t.Fatalf("docs/metrics.md has %d metrics", len(all))
	}
	for _, m := range regexp.MustCompile("`((?:go|process|probe)_[a-z_]+)").FindAllStringSubmatch(string(text), -1) {
		all[m[1]] = []string{"*"}
	}
	// MediaWiki's own, and one of Prometheus's client that depends on nothing.
	for _, name := range []string{
		"mediawiki_EventBus_events_outgoing_total", "mediawiki_EventBus_events_accepted_total", "mediawiki_EventBus_http_requests_total", "go_gc_duration_seconds",
	} {
		all[name] = []string{"*"}
	}
	return all
}

// Every expression of a dashboard, an alert or an established rule is one that Prometheus reads, and asks for metrics and labels that there are.
func TestExpressionsAskForWhatThereIs(t *testing.T) {
	type place struct{ file, what string }
	var places []place
	var expressions []string
	metrics := known(t)
	add := func(file, what, expr string) {
		places, expressions = append(places, place{filepath.Base(file), what}), append(expressions, expr)
	}
	for _, file := range append(files(t, alertsDir+"/*.yaml"), "testdata/established.yaml") {
		for _, r := range rulesOf(t, file) {
			add(file, r.name(), r.Expr)
			if r.Record != "" {
				metrics[r.Record] = []string{"*"}
			}
		}
	}
	for _, file := range files(t, dashboardsDir+"/*.json") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, v := range d.Templating.List {
			if of, ok := v["definition"].(string); ok {
				asked := regexp.MustCompile(`^label_values\((.*), (\w+)\)$`).FindStringSubmatch(of)
				if asked == nil {
					t.Errorf("%s: the variable %v asks %s", file, v["name"], of)
					continue
				}
				add(file, "variable "+v["name"].(string), "count by ("+asked[2]+") ("+asked[1]+")")
			}
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				add(file, p.Title, target.Expr)
			}
		}
	}
	for i, s := range parsed(t, expressions) {
		at := places[i]
		if s.Error != "" {
			t.Errorf("%s, %s: %s in %s", at.file, at.what, s.Error, expressions[i])
			continue
		}
		if len(s.Selections) == 0 {
			t.Errorf("%s, %s asks for nothing: %s", at.file, at.what, expressions[i])
		}
		grouped := map[string]bool{}
		anything := false
		for _, selection := range s.Selections {
			labels, ok := metrics[selection.Metric]
			if !ok {
				t.Errorf("%s, %s asks for %s, which docs/metrics.md does not have", at.file, at.what, selection.Metric)
				continue
			}
			anything = anything || slices.Contains(labels, "*")
			for _, l := range labels {
				grouped[l] = true
			}
			for _, l := range selection.Labels {
				if !slices.Contains(labels, l) && !slices.Contains(labels, "*") {
					t.Errorf("%s, %s asks for %s by %s, a label it does not have (%v)", at.file, at.what, selection.Metric, l, labels)
				}
			}
		}
		for _, l := range s.Grouping {
			if !grouped[l] && !anything {
				t.Errorf("%s, %s groups by %s, a label that none of its metrics has", at.file, at.what, l)
			}
		}
	}
	t.Logf("%d expressions", len(expressions))
}
