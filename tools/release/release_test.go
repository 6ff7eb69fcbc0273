package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// project makes a folder with files, by name.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestVersionsAreDescribed(t *testing.T) {
	dir := project(t, map[string]string{"CHANGELOG.md": "# Changes\n\n## 1.2.3 – 2026-11-22\n\n- All of it.\n", "full/file": ""})
	for _, test := range []struct{ version, out, says string }{
		{"1.2.3", "new", ""},
		{"1.3.0-rc.1", "new", ""},
		{"1.2.4", "new", "CHANGELOG.md has no section"},
		{"1.2", "new", "no semantic version"},
		{"v1.2.3", "new", "no semantic version"},
		{"1.2.3+a", "new", "no semantic version"},
		{"1.2.3", "full", "is not empty"},
	} {
		r := &release{version: test.version, project: dir, out: filepath.Join(dir, test.out)}
		switch err := r.check(); {
		case test.says == "" && err != nil, test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
			t.Errorf("%s into %s: %v; should say %q", test.version, test.out, err, test.says)
		}
	}
}

// Charts are packed the same each time, with what they need of others; a library is no package of its own.
func TestCharts(t *testing.T) {
	dir := project(t, map[string]string{
		"charts/intake/Chart.yaml":               "apiVersion: v2\nname: intake\ntype: application\nversion: 1.4.0\nappVersion: 1.2.3\ndependencies:\n  - name: lib\n    version: 1.0.0\n",
		"charts/intake/templates/_x.tpl":         "x",
		"charts/intake/charts/lib/Chart.yaml":    "name: lib\nversion: 1.0.0\n",
		"charts/intake/.helmignore":              "x",
		"charts/lib/Chart.yaml":                  "apiVersion: v2\nname: lib\ntype: library\nversion: 1.0.0\n",
		"charts/lib/templates/_definitions.tpl":  "x",
		"charts/streamer/Chart.yaml":             "name: streamer\nversion: \"2.0.0-rc.1\"\n",
		"charts/streamer/values.yaml":            "a: b\n",
		"charts/streamer/templates/service.yaml": "kind: Service\n",
	})
	pack := func() map[string]string {
		r := &release{project: dir, out: t.TempDir()}
		if err := errors.Join(r.charts(), r.checksums()); err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		entries, err := os.ReadDir(r.out)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			text, err := os.ReadFile(filepath.Join(r.out, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			files[e.Name()] = string(text)
		}
		return files
	}
	files := pack()
	if again := pack(); again["SHA256SUMS"] != files["SHA256SUMS"] {
		t.Errorf("packed twice, the charts differ:\n%s%s", files["SHA256SUMS"], again["SHA256SUMS"])
	}
	if len(files) != 3 || strings.Count(files["SHA256SUMS"], "\n") != 2 {
		t.Errorf("not two charts: %s", files["SHA256SUMS"])
	}
	want := []string{"intake/", "intake/Chart.yaml", "intake/charts/", "intake/charts/lib/", "intake/charts/lib/Chart.yaml", "intake/templates/", "intake/templates/_x.tpl"}
	if got := names(t, files["intake-1.4.0.tgz"]); !slices.Equal(got, want) {
		t.Errorf("the chart's package has %q", got)
	}
	if len(names(t, files["streamer-2.0.0-rc.1.tgz"])) != 5 {
		t.Errorf("the other chart's package is not whole")
	}
}

func names(t *testing.T, packed string) (names []string) {
	t.Helper()
	plain, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(plain); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
	}
}

// The charts that there are can be released.
func TestOurChartsHaveVersions(t *testing.T) {
	found, err := filepath.Glob(filepath.Join("..", "..", "charts", "*", "Chart.yaml"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no charts (%v)", err)
	}
	for _, file := range found {
		if _, err := readChart(file); err != nil {
			t.Error(err)
		}
	}
}

// The version that the changelog begins with can be released.
func TestChangelogBeginsWithAVersion(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## ")
	version, _, _ := strings.Cut(rest, " ")
	if !versions.MatchString(version) {
		t.Errorf("the first section of CHANGELOG.md is of version %q", version)
	}
}
