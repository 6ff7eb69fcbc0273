package charts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What a pod needs to end in order fits into its grace period, whoever says what.
func TestTiming(t *testing.T) {
	for _, test := range []struct {
		chart, container    string
		sets                []string
		preStop, mesh       string
		grace, programsTime string
	}{
		{"eventgate", "eventgate", nil, "11", "", "22", "10s"},
		{"eventgate", "eventgate", []string{"mesh.enabled=true"}, "11", "12", "22", "10s"},
		{"eventgate", "eventgate", []string{"mesh.enabled=true", "main_app.prestop_sleep=63", "mesh.prestop_sleep=64", "terminationGracePeriodSeconds=65"}, "63", "64", "65", "1s"},
		{"eventgate", "eventgate", []string{"main_app.prestop_sleep=11", "terminationGracePeriodSeconds=13"}, "11", "", "13", "1s"},
		{"eventgate", "eventgate", []string{"main_app.prestop_sleep=0"}, "", "", "11", "10s"},
		{"eventstreams", "eventstreams-production", nil, "5", "", "36", "30s"},
		{"eventstreams", "eventstreams-production", []string{"mesh.enabled=true"}, "5", "35", "36", "30s"},
		{"eventstreams", "eventstreams-production", []string{"mesh.enabled=true", "mesh.prestop_sleep=90"}, "5", "90", "91", "30s"},
		{"streamconfig", "streamconfig", nil, "11", "", "17", "5s"},
	} {
		deployment := render(t, test.chart, test.sets...).only(t, "Deployment")
		container := deployment.container(t, test.container)
		none := func(s string) string { return map[bool]string{true: "<nil>", false: s}[s == ""] }
		container.want(t, map[string]string{"lifecycle.preStop.sleep.seconds": none(test.preStop)})
		deployment.want(t, map[string]string{"spec.template.spec.terminationGracePeriodSeconds": test.grace})
		if got := container.env()["EVENTPLATFORM_GRACE"]; got != test.programsTime {
			t.Errorf("%s %q: the program has %s, not %s", test.chart, test.sets, got, test.programsTime)
		}
		if test.mesh != "" {
			deployment.container(t, test.chart+"-production-tls-proxy").want(t, map[string]string{"lifecycle.preStop.sleep.seconds": test.mesh})
		}
	}
	if r := tryRender(t, "eventgate", "terminationGracePeriodSeconds=10"); !strings.Contains(r.Error, "killed before it is told to end") {
		t.Errorf("a grace period shorter than the sleep before it: %q", r.Error)
	}
	old := render(t, "eventgate", "kubernetes=1.29.0").only(t, "Deployment").container(t, "eventgate")
	old.want(t, map[string]string{"lifecycle.preStop.exec.command": "[/bin/sh -c sleep 11]", "lifecycle.preStop.sleep": "<nil>"})
}

func TestMemoryLimit(t *testing.T) {
	for limit, want := range map[string]string{
		"300Mi": "255MiB", "1Gi": "870MiB", "2Gi": "1740MiB", "1000Mi": "850MiB", "1.5Gi": "1305MiB", "500M": "405MiB", "1G": "810MiB", "314572800": "255MiB",
	} {
		r := render(t, "eventgate", "main_app.limits.memory="+limit)
		if got := r.only(t, "Deployment").container(t, "eventgate").env()["GOMEMLIMIT"]; got != want {
			t.Errorf("of %s the program is to use %s, not %s", limit, got, want)
		}
	}
	if env := render(t, "eventgate", "main_app.limits=null").only(t, "Deployment").container(t, "eventgate").env(); env["GOMEMLIMIT"] != "" {
		t.Errorf("without a limit: %v", env)
	}
}

func TestServiceOfEachDeployment(t *testing.T) {
	type ports = map[string]string
	for _, test := range []struct {
		chart string
		sets  []string
		name  string // "" = no Service
		want  ports
	}{
		{"eventgate", nil, "http-service", ports{"spec.type": "NodePort", "spec.ports.0.port": "8192", "spec.ports.0.targetPort": "8192", "spec.ports.0.nodePort": "<nil>"}},
		{"eventgate", []string{"service.deployment=production", "service.port=34192"}, "http-service", ports{"spec.ports.0.nodePort": "34192"}},
		{"eventgate", []string{"service.deployment=none"}, "", nil},
		{"eventgate", []string{"service.port=34192", "mesh.enabled=true", "mesh.public_port=4492"}, "tls-service", ports{"spec.ports.0.port": "4492", "spec.ports.0.nodePort": "4492", "spec.ports.1": "<nil>"}},
		{"eventgate", []string{"mesh.enabled=true", "service.nodePort=false"}, "tls-service", ports{"spec.type": "ClusterIP", "spec.ports.0.nodePort": "<nil>"}},
		{"eventstreams", nil, "http-service", ports{"spec.ports.0.nodePort": "30892", "spec.ports.0.targetPort": "8092", "spec.ports.1.port": "9102", "spec.ports.1.nodePort": "31102"}},
		{"eventstreams", []string{"service.deployment=production"}, "http-service", ports{"spec.ports.0.nodePort": "30892", "spec.ports.1": "<nil>"}},
		{"eventstreams", []string{"service.deployment=none"}, "", nil},
		{"eventstreams", []string{"mesh.enabled=true", "ingress.enabled=true", "ingress.keepNodePort=false"}, "tls-service", ports{"spec.type": "ClusterIP", "spec.ports.0.port": "4892", "spec.ports.0.nodePort": "<nil>"}},
		{"streamconfig", nil, "http-service", ports{"spec.ports.0.port": "8888"}},
	} {
		r := render(t, test.chart, test.sets...)
		if test.name == "" {
			if services := strings.Join(r.names(), " "); strings.Contains(services, "Service/") {
				t.Errorf("%s %q: %s", test.chart, test.sets, services)
			}
			continue
		}
		r.get(t, "Service/"+test.chart+"-production-"+test.name).want(t, test.want)
	}
}

func TestNetworkPolicy(t *testing.T) {
	ports := func(o object, path string) (all []string) {
		for _, p := range o.list(path) {
			all = append(all, fmt.Sprint(p["port"]))
		}
		return all
	}
	closed := render(t, "eventgate").only(t, "NetworkPolicy")
	closed.want(t, map[string]string{"spec.policyTypes": "[Ingress]", "spec.egress": "<nil>"})
	if got := ports(closed, "spec.ingress.0.ports"); !slices.Equal(got, []string{"8192", "9102"}) {
		t.Errorf("what may reach the pods: %q", got)
	}
	open := render(t, "eventgate", "mesh.enabled=true", "networkpolicy.egress.enabled=true", `discovery.listeners=["schema"]`,
		`services_proxy.schema.upstream.ips=["192.0.2.4/32"]`, `networkpolicy.egress.dst_ports=[{"port":123,"protocol":"udp"}]`,
		`networkpolicy.egress.dst_nets=[{"cidr":"192.0.2.128/25","ports":[{"port":9093,"protocol":"tcp"}]}]`,
		`networkpolicy.egress.extraRules=[{"ports":[{"port":11,"protocol":"TCP"}]}]`, `external_services.kafka=["main-eqiad","main-codfw"]`, `external_services.cas=[]`)
	policy := open.get(t, "NetworkPolicy/eventgate-production")
	if got := ports(policy, "spec.ingress.0.ports"); !slices.Equal(got, []string{"8192", "9102", "4192", "9361"}) {
		t.Errorf("what may reach the pods: %q", got)
	}
	var out []string
	for _, rule := range policy.list("spec.egress") {
		out = append(out, fmt.Sprint(rule["to"], rule["ports"]))
	}
	text := strings.Join(out, "\n")
	for _, want := range []string{"port:53", "port:123 protocol:UDP", "cidr:192.0.2.128/25", "port:11 ", "cidr:192.0.2.4/32", "port:443"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not among what may be reached:\n%s", want, text)
		}
	}
	open.get(t, "NetworkPolicy/eventgate-production-egress-external-services-kafka").want(t, map[string]string{
		"spec.selector": "app == 'eventgate' && release == 'production'", "spec.egress.1.destination.services.name": "kafka-main-codfw",
	})
	if strings.Contains(strings.Join(open.names(), " "), "services-cas") {
		t.Error("an empty list of services makes a policy")
	}
	brokers := render(t, "eventstreams", "networkpolicy.egress.enabled=true", `kafka.allowed_clusters=["main"]`, `kafka_brokers.main=["192.0.2.9/32"]`)
	if text := fmt.Sprint(brokers.only(t, "NetworkPolicy").at("spec.egress")); !strings.Contains(text, "192.0.2.9/32") || !strings.Contains(text, "9093") {
		t.Errorf("the brokers cannot be reached: %s", text)
	}
	if r := tryRender(t, "eventstreams", "networkpolicy.egress.enabled=true", `kafka.allowed_clusters=["mian"]`); !strings.Contains(r.Error, `"mian"`) {
		t.Errorf("a cluster without addresses: %q", r.Error)
	}
}

func TestDisruptionAndScale(t *testing.T) {
	r := render(t, "eventgate")
	r.only(t, "PodDisruptionBudget").want(t, map[string]string{"spec.maxUnavailable": "25%", "spec.selector.matchLabels": "map[app:eventgate release:production]"})
	if r.find("HorizontalPodAutoscaler/eventgate-production") != nil {
		t.Error("an autoscaler that nobody asked for")
	}
	for chart, metric := range map[string]string{"eventgate": "eventgate_events_produced_per_second", "eventstreams": "eventstreams_connected_clients"} {
		r := render(t, chart, "autoscaling.enabled=true", "resources.replicas=4", "pod_disruption_budget.enabled=false")
		r.only(t, "Deployment").want(t, map[string]string{"spec.replicas": "<nil>"})
		r.only(t, "HorizontalPodAutoscaler").want(t, map[string]string{
			"spec.minReplicas": "4", "spec.scaleTargetRef.name": chart + "-production", "spec.metrics.0.pods.metric.name": metric,
		})
	}
	pod := r.only(t, "Deployment").at("spec.template.spec").(map[string]any)
	if spread := object(pod).list("topologySpreadConstraints"); len(spread) != 2 {
		t.Errorf("pods are spread over %v", spread)
	}
	for _, set := range []string{`affinity={"nodeAffinity":{}}`, `affinity={"affinity":{"nodeAffinity":{}},"nodeSelector":{"disk":"ssd"}}`} {
		if got := fmt.Sprint(render(t, "eventgate", set).only(t, "Deployment").at("spec.template.spec.affinity")); got != "map[nodeAffinity:map[]]" {
			t.Errorf("%s becomes %s", set, got)
		}
	}
}

// A change of the configuration replaces the pods; one of the streams that a service reads again by itself does not.
func TestChecksums(t *testing.T) {
	annotations := func(chart string, sets ...string) string {
		return fmt.Sprint(render(t, chart, sets...).only(t, "Deployment").at("spec.template.metadata.annotations"))
	}
	for _, test := range []struct{ chart, set string }{
		{"eventgate", "main_app.log_level=trace"}, {"eventgate", "main_app.conf.topic_prefix=eqiad."}, {"eventgate", `main_app.stream_config={"a":{"schema_title":"a"}}`},
		{"eventstreams", "config.log_level=trace"}, {"eventstreams", "config.private.key=secret"}, {"eventstreams", "mesh.enabled=true"},
	} {
		if annotations(test.chart) == annotations(test.chart, test.set) {
			t.Errorf("%s: %s does not replace the pods", test.chart, test.set)
		}
	}
	if annotations("streamconfig") != annotations("streamconfig", `stream_files={"a":{"streams":{}}}`) {
		t.Error("a change of the streams replaces the pods of the service that watches them")
	}
}
