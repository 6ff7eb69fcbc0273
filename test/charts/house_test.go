package charts

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var applications = []string{"eventgate", "eventstreams", "streamconfig", "kafka-dev"}

func TestHelmsLinterFindsNothing(t *testing.T) {
	args := []string{"lint", chartFolder("eventplatform-lib")}
	for _, chart := range applications {
		args = append(args, chartFolder(chart))
	}
	if out, err := exec.CommandContext(t.Context(), renderer, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Each chart carries copies of the charts it depends on and of the shared definitions of values.
func TestCopiesAgree(t *testing.T) {
	renewed := filepath.Join(t.TempDir(), "charts")
	if err := os.CopyFS(renewed, os.DirFS(filepath.Join(root, "charts"))); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), renderer, "vendor", renewed).CombinedOutput(); err != nil {
		t.Fatalf("charts vendor: %v\n%s", err, out)
	}
	here, there := files(t, filepath.Join(root, "charts")), files(t, renewed)
	for name, text := range there {
		if !bytes.Equal(text, here[name]) {
			t.Errorf("charts/%s is not as it should be: run go run -C tools/charts . vendor ../../charts", name)
		}
		delete(here, name)
	}
	for name := range here {
		t.Errorf("charts/%s is a copy of nothing: run go run -C tools/charts . vendor ../../charts", name)
	}
}

func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		all[rel] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A chart without any values is one that works, on the oldest and the newest Kubernetes that it is for.
func TestDefaultsRender(t *testing.T) {
	for _, chart := range applications {
		for _, kubernetes := range []string{"1.20.0", "1.29.0", "1.30.0", ""} {
			r := render(t, chart, "kubernetes="+kubernetes)
			if r.Notes == "" {
				t.Errorf("%s says nothing after it is installed", chart)
			}
		}
		if r := tryRender(t, chart, "kubernetes=1.18.0"); r.Error == "" {
			t.Errorf("%s renders for a Kubernetes it is not for", chart)
		}
	}
}

// The checker itself: what a cluster would refuse is found.
func TestProblemsAreFound(t *testing.T) {
	sidecar := `main_app.volumes=[{"name":"schemas","emptyDir":{"sizeLimits":"1Gi"}}]`
	for name, test := range map[string]struct{ chart, set, says string }{
		"an unknown field":         {"eventgate", sidecar, "unknown field"},
		"a volume that is not":     {"eventgate", `main_app.volumeMounts=[{"name":"schemas","mountPath":"/srv"}]`, "no volume"},
		"what restricted forbids":  {"eventgate", `main_app.volumes=[{"name":"host","hostPath":{"path":"/"}}]`, "hostPath"},
		"more asked than is given": {"eventgate", `main_app.requests.memory=1Gi`, "requests 1Gi of memory"},
		"a name that is too long":  {"eventstreams", `release=` + strings.Repeat("x", 60), "no more than 63"},
	} {
		r := tryRender(t, test.chart, test.set)
		if r.Error == "" && !strings.Contains(strings.Join(r.Problems, "\n"), test.says) {
			t.Errorf("%s: %q", name, r.Problems)
		}
	}
}
