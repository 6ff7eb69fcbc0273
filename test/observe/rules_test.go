package observe

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const (
	alertsDir = "../../deploy/alerts"
	runbook   = "../../docs/runbook.md"
	// runbookURL is where an alert's section of the runbook is.
	runbookURL = "https://github.com/eventplatform/eventplatform/blob/main/docs/runbook.md#"
)

// rule is a recording rule or an alert.
type rule struct {
	Record      string            `yaml:"record"`
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func (r rule) name() string { return r.Record + r.Alert }

func rulesOf(t *testing.T, file string) []rule {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var content struct {
		Groups []struct {
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text, &content); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var all []rule
	for _, g := range content.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

func allRules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, file := range files(t, alertsDir+"/*.yaml") {
		all = append(all, rulesOf(t, file)...)
	}
	return all
}

// Whoever is woken by an alert reads what it is, what it means and where to go on.
func TestAlertsSayWhatToDo(t *testing.T) {
	sections := map[string]bool{}
	text, err := os.ReadFile(runbook)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^#+ +(\w+)\s*$`).FindAllStringSubmatch(string(text), -1) {
		sections[strings.ToLower(m[1])] = true
	}
	for _, r := range allRules(t) {
		if r.Alert == "" {
			continue
		}
		if severity := r.Labels["severity"]; !slices.Contains([]string{"warning", "critical"}, severity) {
			t.Errorf("%s: the severity is %q", r.Alert, severity)
		}
		for _, annotation := range []string{"summary", "description"} {
			if r.Annotations[annotation] == "" {
				t.Errorf("%s has no %s", r.Alert, annotation)
			}
		}
		if strings.Contains(r.Annotations["summary"], "$value") {
			t.Errorf("%s: the summary changes with the value, so the alert would be told anew each time", r.Alert)
		}
		anchor := strings.ToLower(r.Alert)
		if got := r.Annotations["runbook_url"]; got != runbookURL+anchor {
			t.Errorf("%s: the runbook is at %q, want %q", r.Alert, got, runbookURL+anchor)
		}
		if !sections[anchor] {
			t.Errorf("docs/runbook.md has no section %s", r.Alert)
		}
	}
}

// Every alert is tested.
func TestEveryAlertIsTested(t *testing.T) {
	var tests strings.Builder
	for _, file := range files(t, filepath.Join(alertsDir, "tests", "*.yaml")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	for _, r := range allRules(t) {
		if r.Alert == "" {
			continue
		}
		fires := regexp.MustCompile(`ALERTS\{alertname="` + r.Alert + `", alertstate="firing", [^}]*severity="` + r.Labels["severity"] + `"`)
		if !fires.MatchString(tests.String()) {
			t.Errorf("no test has %s (%s) fire", r.Alert, r.Labels["severity"])
		}
	}
}
