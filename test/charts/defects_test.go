package charts

import (
	"fmt"
	"strings"
	"testing"
)

// What was wrong with the charts that ran the Node.js services is not wrong here.

func TestDebugModeRendersBesideAService(t *testing.T) {
	for _, mesh := range []string{"mesh.enabled=false", "mesh.enabled=true"} {
		r := render(t, "eventgate", "debug_mode_enabled=true", mesh)
		r.get(t, "Service/eventgate-production-debug-service").want(t, map[string]string{"spec.type": "ClusterIP", "spec.ports.0.port": "9102"})
		env := r.only(t, "Deployment").container(t, "eventgate").env()
		if env["EVENTPLATFORM_DEBUG"] != "true" {
			t.Errorf("%s: debug mode does not reach the program: %v", mesh, env)
		}
	}
	if r := render(t, "eventgate"); r.find("Service/eventgate-production-debug-service") != nil || r.only(t, "Deployment").container(t, "eventgate").env()["EVENTPLATFORM_DEBUG"] != "" {
		t.Error("debug mode is on without being asked for")
	}
}

func TestDebugOfEventStreamsRenders(t *testing.T) {
	for _, set := range []string{"debug.enabled=true", "debug_mode_enabled=true"} {
		r := render(t, "eventstreams", set, "debug.ports=[9229,9230]")
		deployment := r.only(t, "Deployment")
		if env := deployment.container(t, "eventstreams-production").env(); env["EVENTPLATFORM_DEBUG"] != "true" {
			t.Errorf("%s does not reach the program: %v", set, env)
		}
		if n := len(deployment.list("spec.template.spec.containers")); n != 1 {
			t.Errorf("%s makes %d containers: one that cannot start keeps the pod from being ready", set, n)
		}
	}
}

// A canary's pods get their share of the production release's requests, whichever of the two names the values use for that.
func TestCanaryGetsRequests(t *testing.T) {
	for _, test := range []struct{ chart, production, canary string }{
		{"eventgate", "mesh.enabled=true", "routed_via=production"},
		{"eventgate", "mesh.enabled=false", "routed_via=production"},
		{"eventstreams", "service.routing_tag=eventstreams", "service.routing_tag=eventstreams"},
		{"eventstreams", "mesh.enabled=true", "routed_via=production"},
		{"streamconfig", "mesh.enabled=true", "routed_via=production"},
	} {
		service := render(t, test.chart, test.production).only(t, "Service")
		canary := render(t, test.chart, "release=canary", "service.deployment=none", test.canary)
		if found := canary.find("Service/" + fmt.Sprint(service.at("metadata.name"))); found != nil {
			t.Errorf("%s: the canary has a Service", test.chart)
		}
		pods := object(canary.only(t, "Deployment").at("spec.template.metadata.labels").(map[string]any))
		for label, value := range service.at("spec.selector").(map[string]any) {
			if pods[label] != value {
				t.Errorf("%s %s: the Service asks for %s %v, the canary's pods have %v", test.chart, test.canary, label, value, pods[label])
			}
		}
	}
}

func TestServiceWithoutMeshSelectsThePods(t *testing.T) {
	r := render(t, "eventgate", "main_app.name=eventgate-main") // the checker refuses a Service that selects no pod
	r.get(t, "Service/eventgate-production-http-service").want(t, map[string]string{"spec.selector.app": "eventgate"})
}

func TestEveryVolumeIsThere(t *testing.T) {
	r := render(t, "eventgate", "monitoring.enabled=true", "mesh.enabled=true") // the checker refuses a ConfigMap that is not in the release
	for _, v := range r.only(t, "Deployment").list("spec.template.spec.volumes") {
		if strings.Contains(fmt.Sprint(v["name"]), "exporter") {
			t.Errorf("there is no exporter, but a volume %v", v["name"])
		}
	}
}

// Readiness never depends on Kafka: neither probe is the route that produces test events.
func TestProbesAskTheProcessOnly(t *testing.T) {
	for chart, name := range map[string]string{"eventgate": "eventgate", "eventstreams": "eventstreams-production", "streamconfig": "streamconfig"} {
		render(t, chart).only(t, "Deployment").container(t, name).want(t, map[string]string{
			"livenessProbe.httpGet": "map[path:/healthz port:9102]", "readinessProbe.httpGet": "map[path:/readyz port:9102]",
			"startupProbe.httpGet": "map[path:/healthz port:9102]",
		})
	}
}

// Health is on the admin port, which the program has only if its file says so.
func TestAdminPortIsThereWithoutMonitoring(t *testing.T) {
	for _, chart := range []string{"eventgate", "eventstreams", "streamconfig"} {
		r := render(t, chart, "monitoring.enabled=false")
		if text := fmt.Sprint(r.get(t, "ConfigMap/"+chart+"-production-config").at("data")); !strings.Contains(text, "port: 9102") {
			t.Errorf("%s: nothing listens on the port that is probed", chart)
		}
		if text := fmt.Sprint(r.only(t, "Deployment").at("spec.template.metadata.annotations")); strings.Contains(text, "prometheus.io") {
			t.Errorf("%s: is scraped though monitoring is off: %s", chart, text)
		}
	}
}

func TestIdleTimeoutHasBothItsNames(t *testing.T) {
	for _, name := range []string{"idle_upstream_timeout", "upstream_idle_timeout"} {
		r := render(t, "eventstreams", "mesh.enabled=true", "mesh."+name+"=77s")
		if config := fmt.Sprint(r.get(t, "ConfigMap/eventstreams-production-envoy-config-volume").at("data")); !strings.Contains(config, "idle_timeout: 77s") {
			t.Errorf("mesh.%s is not looked at", name)
		}
	}
}
