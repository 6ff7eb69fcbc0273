package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/yaml"
)

// A request is what `charts render` reads.
type request struct {
	Jobs  []job
	Plans []plan // jobs that helmfiles say
}

// An answer is what it prints.
type answer struct {
	Results []result
	Hooks   map[string][]string // of releases that came from plans: the commands that run after each
}

func (r request) answer() (answer, error) {
	a := answer{Hooks: map[string][]string{}}
	jobs := r.Jobs
	for _, p := range r.Plans {
		planned, hooks, err := p.jobs()
		if err != nil {
			return a, err
		}
		jobs = append(jobs, planned...)
		maps.Copy(a.Hooks, hooks)
	}
	for _, j := range jobs {
		result := result{Name: j.Name, Chart: filepath.Base(j.Chart)}
		objects, notes, err := j.render()
		if err != nil {
			result.Error = err.Error()
		}
		result.Objects, result.Notes, result.Problems = objects, notes, check(objects, j.Namespace)
		a.Results = append(a.Results, result)
	}
	return a, nil
}

// A job is one release to render, as `helm template` would.
type job struct {
	Name        string   // the job's, for the answer
	Chart       string   // folder
	Release     string   // of the release
	Namespace   string   //
	KubeVersion string   // such as 1.31.0; "" = that of the types it is checked with
	Values      []values // the later win
}

// Values are a file, or an object.
type values struct {
	File   string
	Object map[string]any
}

// A result is what became of a job.
type result struct {
	Name     string
	Chart    string            // its name
	Error    string            // why it does not render: templates, or the values' schema
	Objects  []json.RawMessage // what a cluster would be given, in the order of the manifests
	Problems []string          // what a cluster would refuse, or Pod security "restricted"
	Notes    string
}

func (j job) render() (objects []json.RawMessage, notes string, err error) {
	given, err := j.values()
	if err != nil {
		return nil, "", err
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	version := j.KubeVersion
	if version == "" {
		version = currentKubernetes()
	}
	parsed, err := chartutil.ParseKubeVersion(version)
	if err != nil {
		return nil, "", err
	}
	capabilities.KubeVersion = *parsed
	loaded, err := loader.LoadDir(j.Chart)
	if err != nil {
		return nil, "", err
	}
	if want := loaded.Metadata.KubeVersion; !chartutil.IsCompatibleRange(want, parsed.Version) {
		return nil, "", fmt.Errorf("the chart is for Kubernetes %s, not for %s", want, version)
	}
	if err := chartutil.ProcessDependenciesWithMerge(loaded, given); err != nil {
		return nil, "", err
	}
	release := chartutil.ReleaseOptions{Name: j.Release, Namespace: j.Namespace, Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(loaded, given, release, capabilities)
	if err != nil {
		return nil, "", err
	}
	files, err := engine.Render(loaded, all)
	if err != nil {
		return nil, "", err
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch {
		case path.Base(name) == "NOTES.txt":
			notes += files[name]
		case strings.HasPrefix(path.Base(name), "_"):
		default:
			found, err := documents(name, files[name])
			if err != nil {
				return nil, "", err
			}
			objects = append(objects, found...)
		}
	}
	return objects, notes, nil
}

// documents are the objects of a rendered file. A key that stands there twice is an error, which Helm lets pass.
func documents(name, text string) ([]json.RawMessage, error) {
	var out []json.RawMessage
	for doc := range strings.SplitSeq("\n"+text, "\n---") {
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(doc), &object); err != nil {
			return nil, fmt.Errorf("%s: %w in\n%s", name, err, doc)
		}
		if len(object) == 0 {
			continue
		}
		raw, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

// values merges the job's values as Helm merges several --values: objects key by key, everything else as a whole. A null takes a key away.
func (j job) values() (map[string]any, error) {
	all := map[string]any{}
	for _, v := range j.Values {
		next := v.Object
		if v.File != "" {
			text, err := os.ReadFile(v.File)
			if err != nil {
				return nil, err
			}
			next = nil
			if err := yaml.UnmarshalStrict(text, &next); err != nil {
				return nil, fmt.Errorf("%s: %w", v.File, err)
			}
		}
		all = merge(all, next)
	}
	return all, nil
}

func merge(into, from map[string]any) map[string]any {
	for key, value := range from {
		if below, ok := value.(map[string]any); ok {
			if there, ok := into[key].(map[string]any); ok {
				into[key] = merge(there, below)
				continue
			}
			into[key] = merge(map[string]any{}, below)
			continue
		}
		into[key] = value
	}
	return into
}

// lintAll prints what Helm's linter says; a warning fails too, because charts are published.
func lintAll(charts []string, out io.Writer) error {
	version, err := chartutil.ParseKubeVersion(currentKubernetes())
	if err != nil {
		return err
	}
	worst := 0
	for _, dir := range charts {
		linted := lint.AllWithKubeVersion(dir, nil, "default", version)
		for _, m := range linted.Messages {
			if m.Severity > support.InfoSev {
				fmt.Fprintf(out, "%s: %s\n", dir, m)
			}
		}
		worst = max(worst, linted.HighestSeverity)
	}
	if worst > support.InfoSev {
		return fmt.Errorf("the linter found something")
	}
	return nil
}
