package charts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// envoy is the sidecar's configuration as Envoy would read it.
func envoy(t *testing.T, r *release, chart string) object {
	t.Helper()
	data := r.get(t, "ConfigMap/"+chart+"-production-envoy-config-volume")["data"].(map[string]any)
	config := object{}
	for _, name := range []string{"envoy.yaml", "tls_certificate_sds_secret.yaml"} {
		var file map[string]any
		if err := yaml.Unmarshal([]byte(fmt.Sprint(data[name])), &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		maps.Copy(config, file)
	}
	return config
}

const httpFilter = "filter_chains.0.filters.0.typed_config"

var listeners = `discovery.listeners=["schema","mw-api-int-async-ro"]`

// What clients send to the sidecar's port reaches the program, and what the program sends to a listener's port reaches the other service: every
// route leads to a cluster that is there.
func TestSidecarLeadsSomewhere(t *testing.T) {
	for _, test := range []struct {
		chart  string
		sets   []string
		public string
		local  string // the program's
	}{
		{"eventgate", nil, "4192", "8192"},
		{"eventstreams", nil, "4892", "8092"},
		{"eventstreams", []string{"app.port=8444", "auth_proxy.enabled=true"}, "4892", "8444"},
		{"eventstreams", []string{"mesh.upstream_local_port=8444", "auth_proxy.enabled=true"}, "4892", "8444"},
		{"streamconfig", []string{"services_proxy.schema={\"port\":6023,\"upstream\":{\"address\":\"schema.example.org\",\"port\":443}}",
			"services_proxy.mw-api-int-async-ro={\"port\":6500,\"upstream\":{\"address\":\"api.example.org\",\"port\":443}}"}, "4993", "8888"},
	} {
		config := envoy(t, render(t, test.chart, append(test.sets, "mesh.enabled=true", listeners)...), test.chart)
		endpoints := map[string]string{}
		for _, c := range config.list("static_resources.clusters") {
			endpoints[fmt.Sprint(c["name"])] = fmt.Sprint(c.at("load_assignment.endpoints.0.lb_endpoints.0.endpoint.address.socket_address.port_value"))
		}
		ports := map[string]string{}
		for _, l := range config.list("static_resources.listeners") {
			name := fmt.Sprint(l["name"])
			ports[name] = fmt.Sprint(l.at("address.socket_address.port_value"))
			for _, route := range l.list(httpFilter + ".route_config.virtual_hosts.0.routes") {
				if cluster := route.at("route.cluster"); cluster != nil && endpoints[fmt.Sprint(cluster)] == "" {
					t.Errorf("%s: %s leads to %v, which is not there: %v", test.chart, name, cluster, endpoints)
				}
			}
		}
		if ports["tls_termination"] != test.public || endpoints["LOCAL_ns"] != test.local {
			t.Errorf("%s %q: from %s to %s, not from %s to %s", test.chart, test.sets, ports["tls_termination"], endpoints["LOCAL_ns"], test.public, test.local)
		}
		if ports["schema"] != "6023" || ports["mw-api-int-async-ro"] != "6500" || endpoints["schema"] != "443" {
			t.Errorf("%s: other services are at %v, %v", test.chart, ports, endpoints)
		}
	}
}

func inbound(config object) object {
	for _, l := range config.list("static_resources.listeners") {
		if l["name"] == "tls_termination" {
			return l
		}
	}
	return nil
}

func TestSidecarSettings(t *testing.T) {
	config := envoy(t, render(t, "eventstreams", "mesh.enabled=true", "mesh.tracing.enabled=true", "mesh.tracing.sampling=10", "mesh.error_page=<h1>sorry</h1>",
		`mesh.request_headers_to_add=[{"header":"x-from","value":"edge","append":true}]`, `mesh.upstream_retry_policy={"retry_on":"5xx","num_retries":1}`,
		`mesh.faultinjection={"enabled":true,"pct":5}`, "mesh.admin.bind_tcp=true", `tcp_proxy.listeners=["db"]`,
		`tcp_services_proxy.db={"port":5432,"upstreams":[{"address":"192.0.2.1","port":5433}]}`), "eventstreams")
	in := inbound(config)
	for path, want := range map[string]string{
		"route_config.virtual_hosts.0.routes.0.route.timeout": "0s", "route_config.virtual_hosts.0.routes.0.route.retry_policy.retry_on": "5xx",
		"tracing.random_sampling.value": "10", "http_filters.0.name": "envoy.filters.http.fault", "http_filters.1.name": "envoy.filters.http.router",
		"route_config.request_headers_to_add.0.append_action": "APPEND_IF_EXISTS_OR_ADD", "access_log.0.filter.status_code_filter.comparison.value.default_value": "200",
		"local_reply_config.mappers.0.body_format_override.text_format_source.filename": "/etc/envoy/error_page.html",
	} {
		if got := fmt.Sprint(in.at(httpFilter + "." + path)); got != want {
			t.Errorf("%s is %s, not %s", path, got, want)
		}
	}
	if got := fmt.Sprint(config.at("admin.address.socket_address")); got != "map[address:127.0.0.1 port_value:1666]" {
		t.Errorf("Envoy's own port: %s", got)
	}
	if text := fmt.Sprint(config); !strings.Contains(text, "otel_collector") || !strings.Contains(text, "envoy.filters.network.tcp_proxy") || !strings.Contains(text, "port_value:5433") {
		t.Errorf("no traces, or no database: %s", text)
	}
	if got := fmt.Sprint(config.at("resources.0.tls_certificate.private_key.filename")); got != "/etc/envoy/ssl/tls.key" {
		t.Errorf("the key is in %s", got)
	}
}

// services_proxy is what the cluster's operators say of other services: a share of the requests for the next version, names in TLS, limits.
func TestSidecarToOtherServices(t *testing.T) {
	entry := `services_proxy.schema={"port":6023,"timeout":"7s","xfp":"https","retry_policy":{"retry_on":"5xx"},"ratelimit":{"domain":"schemas"},
		"upstream":{"address":"schema.example.org","port":443,"encryption":true,"sets_sni":true,"keepalive":"4s"},
		"split":{"address":"next.example.org","port":444,"percentage":10,"encryption":false}}`
	r := render(t, "eventgate", "mesh.enabled=true", `discovery.listeners=["schema"]`, entry)
	config := envoy(t, r, "eventgate")
	text := strings.Join(strings.Fields(fmt.Sprint(config.at("static_resources"))), " ")
	for _, want := range []string{"sni:schema.example.org", "auto_host_rewrite:true", "cluster:schema-split", "numerator:10", "domain:schemas", "ratelimit-main", "timeout:7s", "x-forwarded-proto"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing:\n%s", want, text)
		}
	}
	if r := tryRender(t, "eventgate", "mesh.enabled=true", `discovery.listeners=["shema"]`); !strings.Contains(r.Error, `"shema"`) {
		t.Errorf("a service that nobody knows: %q", r.Error)
	}
	// A default of the chart must not change what operators say of a service.
	plain := envoy(t, render(t, "eventgate", "mesh.enabled=true", listeners, `services_proxy.schema={"port":6024,"upstream":{"address":"a.example.org","port":80,"encryption":false}}`), "eventgate")
	for _, c := range plain.list("static_resources.clusters") {
		if c["name"] == "schema" && c["transport_socket"] != nil {
			t.Errorf("TLS where there is none: %v", c)
		}
	}
}

func TestIngressAndLogin(t *testing.T) {
	sets := []string{"mesh.enabled=true", "ingress.enabled=true", `ingress.gatewayHosts.extraFQDNs=["stream.example.org"]`, `ingress.gatewayHosts.domains=["svc.example.org"]`}
	r := render(t, "eventstreams", append(sets, "auth_proxy.enabled=true", "app.port=8444")...)
	hosts := []string{"ns.svc.example.org", "stream.example.org"}
	if got := r.only(t, "Gateway").texts("spec.servers.0.hosts"); !slices.Equal(got, hosts) {
		t.Errorf("the gateway is for %q", got)
	}
	r.only(t, "VirtualService").want(t, map[string]string{
		"spec.gateways.0": "eventstreams-production", "spec.http.0.route.0.destination.host": "eventstreams-production-tls-service.ns.svc.cluster.local",
	})
	if got := r.only(t, "DestinationRule").texts("spec.trafficPolicy.tls.subjectAltNames"); !slices.Contains(got, hosts[1]) {
		t.Errorf("the certificate may be of %q", got)
	}
	site := fmt.Sprint(r.get(t, "ConfigMap/eventstreams-production-httpd-cas-site")["data"])
	for _, want := range []string{"VirtualHost *:8444", "http://localhost:8092/", "cn=nda,ou=groups", "flushpackets"} {
		if !strings.Contains(site, want) {
			t.Errorf("the login's site has no %s:\n%s", want, site)
		}
	}
	if ports := fmt.Sprint(r.only(t, "NetworkPolicy").at("spec.ingress")); !strings.Contains(ports, "8444") {
		t.Errorf("the login cannot be reached: %s", ports)
	}
	there := render(t, "eventstreams", append(sets, "ingress.existingGatewayName=other/gateway", `ingress.routeHosts=["a.example.org"]`)...)
	there.only(t, "VirtualService").want(t, map[string]string{"spec.gateways.0": "other/gateway", "spec.hosts": "[a.example.org]"})
	if there.find("Gateway/eventstreams-production") != nil {
		t.Error("a gateway beside the one that is there")
	}
	if r := tryRender(t, "eventstreams", append(sets, "ingress.existingGatewayName=other/gateway")...); !strings.Contains(r.Error, "routeHosts") {
		t.Errorf("a gateway of others without hosts: %q", r.Error)
	}
}

// The broker for development comes with the intake if it is asked for.
func TestBrokerForDevelopment(t *testing.T) {
	r := render(t, "eventgate", "subcharts.kafka=true", "kafka-dev.kafka_advertised_host=192.0.2.1")
	r.get(t, "Service/kafka").want(t, map[string]string{"spec.ports.0.port": "9092"})
	r.get(t, "Service/kafka-external").want(t, map[string]string{"spec.type": "NodePort", "spec.ports.0.nodePort": "30092"})
	if env := r.get(t, "Deployment/kafka").container(t, "kafka").env(); env["ADVERTISED"] != "INTERNAL://$(POD_IP):9092,EXTERNAL://192.0.2.1:30092" {
		t.Errorf("clients are told %v", env)
	}
	if render(t, "eventgate").find("Service/kafka") != nil {
		t.Error("a broker that nobody asked for")
	}
}
