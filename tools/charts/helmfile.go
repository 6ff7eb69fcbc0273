package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// A plan asks for the releases that a helmfile installs in an environment. Only what the files of deploy/helmfile use of helmfile is known:
// bases, environments with values, templates that releases inherit, values files that may be missing, and templates of two rounds, the first
// over the file, the second over a release.
type plan struct {
	Folder      string         // has helmfile.yaml.gotmpl
	Environment string         //
	Defaults    string         // stands for /etc/helmfile-defaults
	State       map[string]any // --state-values-set
}

const defaultsFolder = "/etc/helmfile-defaults"

// jobs are the releases, named FOLDER/ENVIRONMENT/RELEASE, and the commands that run after each ("helmfile sync").
func (p plan) jobs() ([]job, map[string][]string, error) {
	state := map[string]any{}
	environment := merge(map[string]any{}, p.State)
	if err := p.read(filepath.Join(p.Folder, "helmfile.yaml.gotmpl"), state, environment); err != nil {
		return nil, nil, err
	}
	var jobs []job
	hooks := map[string][]string{}
	releases, _ := state["releases"].([]any)
	for _, r := range releases {
		release, err := p.release(r.(map[string]any), state, environment)
		if err != nil {
			return nil, nil, err
		}
		if fmt.Sprint(release["installedTemplate"]) != "true" {
			continue
		}
		j := job{
			Name:  filepath.Base(p.Folder) + "/" + p.Environment + "/" + fmt.Sprint(release["name"]),
			Chart: filepath.Join(p.Folder, fmt.Sprint(release["chart"])), Release: fmt.Sprint(release["name"]), Namespace: fmt.Sprint(release["namespace"]),
		}
		if j.Values, err = p.values(release["values"]); err != nil {
			return nil, nil, err
		}
		jobs, hooks[j.Name] = append(jobs, j), commands(release["hooks"])
	}
	if len(jobs) == 0 {
		return nil, nil, fmt.Errorf("%s: no release in the environment %s", p.Folder, p.Environment)
	}
	return jobs, hooks, nil
}

// read merges a file into the state, part by part: what an earlier part says of the environment is known to a later one.
func (p plan) read(file string, state, environment map[string]any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for part := range strings.SplitSeq(string(text), "\n---\n") {
		if strings.HasSuffix(file, ".gotmpl") {
			if part, err = p.expand(part, map[string]any{}, environment); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
		var read map[string]any
		if err := yaml.UnmarshalStrict([]byte(part), &read); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		bases, _ := read["bases"].([]any)
		delete(read, "bases")
		for _, base := range bases {
			if err := p.read(filepath.Join(filepath.Dir(file), fmt.Sprint(base)), state, environment); err != nil {
				return err
			}
		}
		merge(state, read)
		environments, _ := state["environments"].(map[string]any)
		this, ok := environments[p.Environment].(map[string]any)
		if !ok {
			return fmt.Errorf("%s: there is no environment %q", file, p.Environment)
		}
		for _, v := range this["values"].([]any) {
			if object, ok := v.(map[string]any); ok {
				merge(environment, object)
			}
		}
	}
	return nil
}

// release is a release with what it inherits, its templates expanded.
func (p plan) release(release, state, environment map[string]any) (map[string]any, error) {
	whole := map[string]any{}
	inherit, _ := release["inherit"].([]any)
	templates, _ := state["templates"].(map[string]any)
	for _, i := range inherit {
		name := fmt.Sprint(i.(map[string]any)["template"])
		inherited, ok := templates[name].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: there is no template %q", p.Folder, name)
		}
		merge(whole, inherited)
	}
	merge(whole, release)
	text, err := yaml.Marshal(whole)
	if err != nil {
		return nil, err
	}
	expanded, err := p.expand(string(text), map[string]any{"Name": release["name"], "Namespace": release["namespace"]}, environment)
	if err != nil {
		return nil, err
	}
	whole = nil
	return whole, yaml.UnmarshalStrict([]byte(expanded), &whole)
}

func (p plan) expand(text string, release, environment map[string]any) (string, error) {
	functions := sprig.TxtFuncMap()
	functions["get"] = func(key string, args ...any) (any, error) {
		of, ok := args[len(args)-1].(map[string]any)
		if value, there := of[key]; ok && there {
			return value, nil
		}
		if len(args) < 2 {
			return nil, fmt.Errorf("there is no %q", key)
		}
		return args[0], nil
	}
	t, err := template.New("").Funcs(functions).Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = t.Execute(&out, map[string]any{
		"Release":     release,
		"Environment": map[string]any{"Name": p.Environment, "Values": environment},
	})
	return out.String(), err
}

// values are the files that are there.
func (p plan) values(list any) ([]values, error) {
	var out []values
	files, _ := list.([]any)
	for _, f := range files {
		name := fmt.Sprint(f)
		if below, ok := strings.CutPrefix(name, defaultsFolder); ok {
			name = p.Defaults + below
		} else {
			name = filepath.Join(p.Folder, name)
		}
		switch _, err := os.Stat(name); {
		case err == nil:
			out = append(out, values{File: name})
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return out, nil
}

// commands are the command lines of hooks.
func commands(hooks any) []string {
	var out []string
	list, _ := hooks.([]any)
	for _, h := range list {
		hook := h.(map[string]any)
		events, _ := hook["events"].([]any)
		args, _ := hook["args"].([]any)
		line := []string{fmt.Sprint(hook["command"])}
		for _, a := range args {
			line = append(line, fmt.Sprint(a))
		}
		if slices.Contains(events, any("postsync")) {
			out = append(out, strings.Join(line, " "))
		}
	}
	return out
}
