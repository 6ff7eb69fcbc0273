package charts

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Both are built once, by TestMain: the program, and what renders charts.
var program, renderer string

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("the charts are left out with -short: what renders them takes a minute to compile")
		return
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "eventplatform-charts-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program, renderer = filepath.Join(dir, "eventplatform"), filepath.Join(dir, "charts")
		for _, build := range []*exec.Cmd{
			exec.Command("go", "build", "-o", program, "github.com/eventplatform/eventplatform/cmd/eventplatform"),
			exec.Command("go", "build", "-C", filepath.Join(root, "tools", "charts"), "-o", renderer, "."),
		} {
			if out, err := build.CombinedOutput(); err != nil {
				fmt.Fprintf(os.Stderr, "%v: %v\n%s", build.Args, err, out)
				return 1
			}
		}
		return m.Run()
	}())
}

var root = func() string {
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		panic(err)
	}
	return dir
}()

func chartFolder(name string) string { return filepath.Join(root, "charts", name) }

// A request and an answer of `charts render`; tools/charts/render.go says what they mean.
type request struct {
	Jobs  []job
	Plans []plan
}

type job struct {
	Name, Chart, Release, Namespace, KubeVersion string
	Values                                       []values
}

type values struct {
	File   string
	Object map[string]any
}

type plan struct {
	Folder, Environment, Defaults string
	State                         map[string]any
}

type answer struct {
	Results []*release
	Hooks   map[string][]string
}

// A release is what became of a job.
type release struct {
	Name, Chart, Error, Notes string
	Objects                   []object
	Problems                  []string
}

func ask(t *testing.T, r request) answer {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), renderer, "render")
	cmd.Stdin = bytes.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("charts render: %v\n%s", err, stderr.Bytes())
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// tryRender renders release production of a chart with values given as --set does ("a.b=1", values in JSON or as text), later ones over earlier ones.
func tryRender(t *testing.T, chart string, sets ...string) *release {
	t.Helper()
	j := job{Chart: chartFolder(chart), Release: "production", Namespace: "ns"}
	for _, set := range sets {
		key, value, ok := strings.Cut(set, "=")
		if !ok {
			t.Fatalf("%q is no key=value", set)
		}
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			v = value
		}
		switch key {
		case "release":
			j.Release = value
		case "kubernetes":
			j.KubeVersion = value
		default:
			j.Values = append(j.Values, values{Object: nested(strings.Split(key, "."), v)})
		}
	}
	return ask(t, request{Jobs: []job{j}}).Results[0]
}

func nested(path []string, value any) map[string]any {
	if len(path) == 1 {
		return map[string]any{path[0]: value}
	}
	return map[string]any{path[0]: nested(path[1:], value)}
}

// render is tryRender of what must render, and be what a cluster takes.
func render(t *testing.T, chart string, sets ...string) *release {
	t.Helper()
	r := tryRender(t, chart, sets...)
	r.mustBeGood(t)
	return r
}

func (r *release) mustBeGood(t *testing.T) {
	t.Helper()
	if r.Error != "" {
		t.Fatalf("%s does not render: %s", r.Name, r.Error)
	}
	for _, p := range r.Problems {
		t.Errorf("%s: %s", r.Name, p)
	}
}

// An object is a Kubernetes object, or a part of one.
type object map[string]any

// find returns the object of a kind ("Service/eventgate-production"), or nil.
func (r *release) find(kindAndName string) object {
	for _, o := range r.Objects {
		if fmt.Sprintf("%v/%v", o["kind"], o.at("metadata.name")) == kindAndName {
			return o
		}
	}
	return nil
}

func (r *release) get(t *testing.T, kindAndName string) object {
	t.Helper()
	o := r.find(kindAndName)
	if o == nil {
		t.Fatalf("%s has no %s, but %q", r.Name, kindAndName, r.names())
	}
	return o
}

func (r *release) names() []string {
	var names []string
	for _, o := range r.Objects {
		names = append(names, fmt.Sprintf("%v/%v", o["kind"], o.at("metadata.name")))
	}
	return names
}

// only is the one object of a kind.
func (r *release) only(t *testing.T, kind string) object {
	t.Helper()
	var found []object
	for _, o := range r.Objects {
		if o["kind"] == kind {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d objects of kind %s: %q", r.Name, len(found), kind, r.names())
	}
	return found[0]
}

// at follows a path of keys and indexes; a missing step is nil.
func (o object) at(path string) any {
	var here any = map[string]any(o)
	for step := range strings.SplitSeq(path, ".") {
		switch h := here.(type) {
		case map[string]any:
			here = h[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(h) {
				return nil
			}
			here = h[i]
		default:
			return nil
		}
	}
	return here
}

func (o object) list(path string) []object {
	var out []object
	list, _ := o.at(path).([]any)
	for _, item := range list {
		m, _ := item.(map[string]any)
		out = append(out, m)
	}
	return out
}

func (o object) texts(path string) []string {
	var out []string
	list, _ := o.at(path).([]any)
	for _, item := range list {
		out = append(out, fmt.Sprint(item))
	}
	return out
}

// want compares what stands at paths with how it should print; "<nil>" is: nothing stands there.
func (o object) want(t *testing.T, want map[string]string) {
	t.Helper()
	for path, value := range want {
		if got := fmt.Sprint(o.at(path)); got != value {
			t.Errorf("%v/%v: %s is %s, not %s", o["kind"], o.at("metadata.name"), path, got, value)
		}
	}
}

// container is a container of a Deployment by its name.
func (o object) container(t *testing.T, name string) object {
	t.Helper()
	for _, c := range o.list("spec.template.spec.containers") {
		if c["name"] == name {
			return c
		}
	}
	t.Fatalf("%v has no container %s", o.at("metadata.name"), name)
	return nil
}

// env is a container's environment.
func (o object) env() map[string]string {
	env := map[string]string{}
	for _, e := range o.list("env") {
		env[fmt.Sprint(e["name"])] = fmt.Sprint(e["value"])
		if ref := e.at("valueFrom.secretKeyRef"); ref != nil {
			env[fmt.Sprint(e["name"])] = fmt.Sprint(ref)
		}
	}
	return env
}
