package charts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A service of deploy/helmfile, with what its releases must come to.
type service struct {
	chart, name string
	port        int            // TLS
	replicas    map[string]int // by environment; the canary has one
	container   string
	grace       int
	memory      string
}

var services = []service{
	{"eventgate", "eventgate-main", 4492, map[string]int{"staging": 1, "eqiad": 10, "codfw": 10}, "eventgate-main", 75, "870MiB"},
	{"eventgate", "eventgate-analytics", 4592, map[string]int{"staging": 1, "eqiad": 30, "codfw": 30}, "eventgate-analytics", 22, "255MiB"},
	{"eventgate", "eventgate-analytics-external", 4692, map[string]int{"staging": 1, "eqiad": 30, "codfw": 30}, "eventgate-analytics-external", 22, "340MiB"},
	{"eventgate", "eventgate-logging-external", 4392, map[string]int{"staging": 1, "eqiad": 4, "codfw": 4}, "eventgate-logging-external", 22, "255MiB"},
	{"eventstreams", "eventstreams", 4892, map[string]int{"staging": 1, "eqiad": 16, "codfw": 16}, "", 36, "1740MiB"},
	{"eventstreams", "eventstreams-internal", 4893, map[string]int{"staging": 1, "eqiad": 1, "codfw": 1}, "", 36, "850MiB"},
	{"streamconfig", "streamconfig", 4993, map[string]int{"staging": 1, "eqiad": 2, "codfw": 2}, "streamconfig", 17, "217MiB"},
}

var environments = []string{"staging", "eqiad", "codfw"}

func (s service) plan(environment string) plan {
	defaults, err := filepath.Abs(filepath.Join("testdata", "helmfile-defaults"))
	if err != nil {
		panic(err)
	}
	return plan{Folder: filepath.Join(root, "deploy", "helmfile", s.name), Environment: environment, Defaults: defaults}
}

func plans() []plan {
	var all []plan
	for _, s := range services {
		for _, e := range environments {
			all = append(all, s.plan(e))
		}
	}
	return all
}

// Every service renders in every environment, with its canary beside it in production, and is what a cluster takes.
func TestServices(t *testing.T) {
	releases := map[string]*release{}
	for _, r := range ask(t, request{Plans: plans()}).Results {
		r.mustBeGood(t)
		releases[r.Name] = r
	}
	for _, s := range services {
		for _, e := range environments {
			production := releases[s.name+"/"+e+"/production"]
			if production == nil {
				t.Errorf("%s has no production release in %s", s.name, e)
				continue
			}
			s.look(t, production, e, s.replicas[e])
			canary := releases[s.name+"/"+e+"/canary"]
			if wanted := e != "staging" && s.name != "eventstreams-internal"; (canary != nil) != wanted {
				t.Errorf("%s in %s: is there a canary? %v", s.name, e, canary != nil)
			}
			if canary != nil {
				s.look(t, canary, e, 1)
			}
		}
	}
}

func (s service) look(t *testing.T, r *release, environment string, replicas int) {
	t.Helper()
	_, name, _ := strings.Cut(strings.TrimPrefix(r.Name, s.name), environment+"/")
	full := s.chart + "-" + name
	deployment := r.get(t, "Deployment/"+full)
	deployment.want(t, map[string]string{
		"spec.replicas": fmt.Sprint(replicas), "spec.selector.matchLabels": "map[app:" + s.chart + " release:" + name + "]",
		"spec.template.metadata.labels":                    "map[app:" + s.chart + " release:" + name + " routed_via:production]",
		"spec.template.spec.terminationGracePeriodSeconds": fmt.Sprint(s.grace),
	})
	container := deployment.container(t, map[bool]string{true: full, false: s.container}[s.container == ""])
	container.want(t, map[string]string{
		"command": "[eventplatform]", "args": fmt.Sprintf("[%s -c /etc/%s/config.yaml]", s.chart, s.chart),
		"securityContext.readOnlyRootFilesystem": "true", "volumeMounts.0.mountPath": "/etc/" + s.chart, "volumeMounts.0.name": s.name + "-config-volume",
	})
	memory := s.memory
	if s.name == "eventgate-main" && environment == "staging" {
		memory = "510MiB"
	}
	if env := container.env(); env["SERVICE_IDENTIFIER"] != s.name || env["GOMEMLIMIT"] != memory {
		t.Errorf("%s: its environment is %v", r.Name, env)
	}
	if image := fmt.Sprint(container["image"]); !strings.HasSuffix(image, "/eventplatform:1.0.0") {
		t.Errorf("%s: its image is %s", r.Name, image)
	}
	config := r.get(t, "ConfigMap/"+full+"-config")
	if site := fmt.Sprint(config.at("data")); s.chart == "eventgate" && !strings.Contains(site, "topic_prefix: "+environment+".") {
		t.Errorf("%s: topics do not begin with %s", r.Name, environment)
	}
	tls := r.find("Service/" + full + "-tls-service")
	if (tls == nil) != (name == "canary") {
		t.Errorf("%s: %q", r.Name, r.names())
	}
	if tls != nil {
		port := fmt.Sprint(s.port)
		tls.want(t, map[string]string{"spec.type": "NodePort", "spec.ports.0.port": port, "spec.ports.0.nodePort": port, "spec.selector.routed_via": "production"})
	}
	if names := r.get(t, "Certificate/"+full+"-tls-proxy-certs").texts("spec.dnsNames"); !slices.Contains(names, s.name+".discovery.example.org") {
		t.Errorf("%s: the certificate is for %q", r.Name, names)
	}
}

// A restart of everything is one after another, and only where it is asked for.
func TestRollRestart(t *testing.T) {
	for _, s := range services {
		p := s.plan("eqiad")
		for name, hooks := range ask(t, request{Plans: []plan{p}}).Hooks {
			if len(hooks) > 0 {
				t.Errorf("%s is restarted by itself: %q", name, hooks)
			}
		}
		p.State = map[string]any{"roll_restart": 1}
		for name, hooks := range ask(t, request{Plans: []plan{p}}).Hooks {
			want := fmt.Sprintf("--namespace %s rollout restart --selector release=%s deployment", s.name, name[strings.LastIndex(name, "/")+1:])
			if len(hooks) != 1 || !strings.HasPrefix(hooks[0], "kubectl --kubeconfig ") || !strings.HasSuffix(hooks[0], want) {
				t.Errorf("%s is restarted with %q", name, hooks)
			}
		}
	}
	annotations := func(sets ...string) string {
		return fmt.Sprint(render(t, "eventgate", sets...).only(t, "Deployment").at("spec.template.metadata.annotations"))
	}
	if before, after := annotations(), annotations("roll_restart=2"); before == after {
		t.Error("roll_restart changes nothing in the pods")
	}
}

// The real program takes the file of every release: nothing in it is wrong, or unknown to it.
func TestConfigurationsAreTaken(t *testing.T) {
	for _, r := range ask(t, request{Plans: plans()}).Results {
		t.Run(r.Name, func(t *testing.T) {
			r.mustBeGood(t)
			dir := writeConfig(t, r)
			out, err := exec.CommandContext(t.Context(), program, r.Chart, "--check", "-c", filepath.Join(dir, "config.yaml")).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if strings.Contains(string(out), "worker") {
				t.Errorf("the chart itself says something of workers:\n%s", out)
			}
		})
	}
}

// schemas is a repository with the schemas that an intake needs, in the place of those that are in an image.
var schemas = filepath.Join(root, "cmd", "eventplatform", "builtin", "schemas")

// writeConfig writes the files of a release's configuration as the pod has them, with paths of this folder for those of the pod, and returns the folder.
func writeConfig(t *testing.T, r *release) string {
	t.Helper()
	dir := t.TempDir()
	for _, o := range r.Objects {
		data, _ := o["data"].(map[string]any)
		name := fmt.Sprint(o.at("metadata.name"))
		if o["kind"] != "ConfigMap" || !strings.HasSuffix(name, "-config") && !strings.HasSuffix(name, "-streams") {
			continue
		}
		into := dir
		if strings.HasSuffix(name, "-streams") {
			into = filepath.Join(dir, "streams")
		}
		if err := os.MkdirAll(into, 0o755); err != nil {
			t.Fatal(err)
		}
		for file, text := range data {
			text := strings.NewReplacer("/etc/"+r.Chart+"/", dir+"/", "/etc/streamconfig-streams", filepath.Join(dir, "streams"),
				"/srv/service/schemas/event/primary/jsonschema", schemas, "/srv/service/schemas/event/secondary/jsonschema", schemas).Replace(fmt.Sprint(text))
			if err := os.WriteFile(filepath.Join(into, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}
