package charts

import (
	"fmt"
	"strings"
	"testing"
)

// A key that no template reads is refused where the templates read the object, and taken at the top level, where other tools have theirs.
func TestUnknownValuesAreRefused(t *testing.T) {
	for _, test := range []struct{ chart, set string }{
		{"eventgate", "main_app.logs=trace"}, {"eventgate", "main_app.limits.mem=1Gi"}, {"eventgate", "resources.replica=2"}, {"eventgate", "service.ports=1"},
		{"eventgate", "docker.registries=a"}, {"eventgate", "monitoring.enable=true"}, {"eventgate", "networkpolicy.egress.enable=true"}, {"eventgate", "mesh.publicport=1"},
		{"eventgate", "mesh.certmanager.extraFQDN=a"}, {"eventgate", "mesh.telemetry.ports=1"}, {"eventgate", "mesh.tracing.samples=1"}, {"eventgate", "mesh.resources.limit={}"},
		{"eventgate", "discovery.listener=a"}, {"eventgate", "app.ports=1"}, {"eventgate", "autoscaling.max=1"}, {"eventgate", "pod_disruption_budget.max=1"},
		{"eventgate", "affinity.nodes=1"}, {"eventgate", "subcharts.kafak=true"},
		{"eventstreams", "app.versions=1"}, {"eventstreams", "config.loglevel=info"}, {"eventstreams", "debug.enable=true"}, {"eventstreams", "service.port.nodeport=1"},
		{"eventstreams", "ingress.hosts=[]"}, {"eventstreams", "ingress.gatewayHosts.domain=a"}, {"eventstreams", "auth_proxy.cas=1"},
		{"eventstreams", "auth_proxy.httpd_cas.site.name=a"}, {"eventstreams", "kafka.clusters=[]"}, {"eventstreams", "monitoring.port.node=1"},
		{"streamconfig", "main_app.stream_config={}"}, {"streamconfig", "mesh.public_ports=1"},
		// Types.
		{"eventgate", "main_app.log_level=loud"}, {"eventgate", "main_app.limits.memory=much"}, {"eventgate", `resources.replicas="2"`}, {"eventgate", "service.deployment=docker"},
		{"eventgate", "mesh.upstream_timeout=60"}, {"eventgate", "main_app.name=Event_Gate"}, {"eventgate", "external_services.kafka=main"}, {"kafka-dev", "partitions=0"},
	} {
		key, _, _ := strings.Cut(test.set, "=")
		last := key[strings.LastIndex(key, ".")+1:]
		if r := tryRender(t, test.chart, test.set); !strings.Contains(r.Error, last) {
			t.Errorf("%s takes %s, or does not say what is wrong: %q", test.chart, test.set, r.Error)
		}
	}
	for _, chart := range applications {
		render(t, chart, "cluster_name=eqiad", "certificate.extraFQDNs=[]", "helm_scaffold_version=0.2")
	}
	for _, test := range []struct{ chart, set string }{
		{"eventgate", `main_app.conf={"anything":{"at":"all"}}`}, {"eventstreams", `config.conf={"anything":1}`}, {"eventgate", `main_app.extra_service_runner_conf={"info":{}}`},
		{"eventgate", "main_app.limits.cpu=2"}, {"eventgate", "main_app.port=8192"}, {"eventgate", "main_app.num_workers=ncpu"}, {"eventgate", "debug_mode_enabled=null"},
		{"eventgate", `mesh.certs={"cert":"snakeoil","key":"snakeoil"}`}, {"eventgate", "main_app.version=1.10"},
	} {
		render(t, test.chart, test.set)
	}
}

// The program says what it does not know in conf: there, with line and remedy.
func TestFreeValuesReachTheFile(t *testing.T) {
	r := render(t, "eventgate", "main_app.name=eventgate-x", "main_app.log_level=trace", "main_app.worker_heap_limit_mb=500", "main_app.num_workers=2",
		`main_app.conf={"max_body_size":"4mb","cors":"*","error_stream":"mine","unheard_of":1}`, `main_app.extra_service_runner_conf={"dns_cache":true}`)
	data := r.get(t, "ConfigMap/eventgate-production-config")["data"].(map[string]any)
	file := fmt.Sprint(data["config.yaml"])
	for _, want := range []string{
		"service_name: eventgate-x", "level: trace", "worker_heap_limit_mb: 500", "num_workers: 2", "dns_cache: true", "max_body_size: 4mb", "cors: '*'",
		"error_stream: mine", "unheard_of: 1", "user_agent: eventgate-production", "eventgate_factory_module: /srv/service/eventgate-wikimedia.js", "message.max.bytes: 4194304",
	} {
		if !strings.Contains(file, want+"\n") && !strings.HasSuffix(file, want) {
			t.Errorf("%s is not in the file:\n%s", want, file)
		}
	}
	for _, test := range []struct{ chart, set string }{{"eventgate", "main_app.conf.port=1"}, {"eventstreams", "config.conf.port=1"}, {"streamconfig", "main_app.conf.port=1"}} {
		if r := tryRender(t, test.chart, test.set); !strings.Contains(r.Error, "only") {
			t.Errorf("%s lets the program listen elsewhere than the Service leads: %q", test.chart, r.Error)
		}
	}
}

// config.public holds the environment, and under conf more of the file.
func TestPublicConfiguration(t *testing.T) {
	r := render(t, "eventstreams", "config.public.region=eqiad", `config.public.conf={"client_ip_connection_limit":7}`, `config.conf={"stream_ui_enabled":true}`)
	text := fmt.Sprint(r.get(t, "ConfigMap/eventstreams-production-config")["data"])
	if !strings.Contains(text, "client_ip_connection_limit: 7\n") || !strings.Contains(text, "stream_ui_enabled: true\n") {
		t.Errorf("not all of it is in the file:\n%s", text)
	}
	if env := r.only(t, "Deployment").container(t, "eventstreams-production").env(); env["REGION"] != "eqiad" || env["CONF"] != "" {
		t.Errorf("the environment is %v", env)
	}
}

func TestEnvironment(t *testing.T) {
	for _, chart := range []string{"eventgate", "streamconfig"} {
		env := render(t, chart, "main_app.env.OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "main_app.env.LIMIT=2000000").only(t, "Deployment").container(t, chart).env()
		if env["OTEL_EXPORTER_OTLP_ENDPOINT"] != "http://collector:4318" || env["LIMIT"] != "2000000" {
			t.Errorf("%s: the environment is %v", chart, env)
		}
	}
}

// Streams come from the chart's file if it has any or if nothing else is said.
func TestStreamConfigurationFile(t *testing.T) {
	text := func(sets ...string) string {
		return fmt.Sprint(render(t, "eventgate", append(sets, "main_app.name=eventgate-x")...).get(t, "ConfigMap/eventgate-production-config")["data"])
	}
	for _, sets := range [][]string{nil, {`main_app.stream_config={"mediawiki.page-create":{"schema_title":"mediawiki/page/create"}}`}} {
		got := text(sets...)
		for _, want := range []string{"stream_config_uri: /etc/eventgate/stream-config.yaml", `/^eventgate-x\.error(\..+)?/:`, "eventgate-x.test.event:\n  schema_title: test/event"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q: %s is missing:\n%s", sets, want, got)
			}
		}
		if len(sets) > 0 && !strings.Contains(got, "mediawiki.page-create:") {
			t.Errorf("the streams are not in the file:\n%s", got)
		}
	}
	if got := text("main_app.conf.stream_config_uri=http://127.0.0.1:6500/"); strings.Contains(got, "stream-config.yaml") {
		t.Errorf("there is a file beside the service that is named:\n%s", got)
	}
}

func TestPrivateValuesAreInASecret(t *testing.T) {
	r := render(t, "eventstreams", "config.private.api_key=hush", "config.public.region=eqiad", "config.public.limit=2000000", `app.env_from=[{"secretRef":{"name":"more"}}]`)
	r.only(t, "Secret").want(t, map[string]string{"metadata.name": "eventstreams-production-secret-config", "data.api_key": "aHVzaA==", "type": "Opaque"})
	container := r.only(t, "Deployment").container(t, "eventstreams-production")
	if env := container.env(); env["API_KEY"] != "map[key:api_key name:eventstreams-production-secret-config]" || env["REGION"] != "eqiad" || env["LIMIT"] != "2000000" {
		t.Errorf("the environment is %v", env)
	}
	container.want(t, map[string]string{"envFrom.0.secretRef.name": "more"})
	for _, o := range r.Objects {
		if o["kind"] != "Secret" && strings.Contains(fmt.Sprint(o), "hush") {
			t.Errorf("the secret is in %v", o["kind"])
		}
	}
}

// The cluster's own certificate authority comes besides those of the image.
func TestCertificateAuthority(t *testing.T) {
	r := render(t, "eventgate", "puppet_ca_crt=-----BEGIN CERTIFICATE-----")
	if env := r.only(t, "Deployment").container(t, "eventgate").env(); env["SSL_CERT_DIR"] != "/etc/ssl/certs:/etc/eventgate" {
		t.Errorf("the environment is %v", env)
	}
	if text := fmt.Sprint(r.get(t, "ConfigMap/eventgate-production-config")["data"]); !strings.Contains(text, "puppetca.crt.pem:-----BEGIN") {
		t.Errorf("the certificate is not mounted: %s", text)
	}
}
