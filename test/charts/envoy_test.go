package charts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The sidecar's configuration is what Envoy's own types take. They take a minute to compile, and so this is one of the long tests.
func TestEnvoyTakesTheConfiguration(t *testing.T) {
	if os.Getenv("EVENTPLATFORM_LONG") != "1" {
		t.Skip("Envoy's types take a minute to compile: set EVENTPLATFORM_LONG=1")
	}
	dir := t.TempDir()
	checker := filepath.Join(dir, "envoy")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-C", filepath.Join(root, "tools", "envoy"), "-o", checker, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	more := []string{
		listeners, "mesh.tracing.enabled=true", "mesh.tracing.sampling=10", "mesh.error_page=<h1>sorry</h1>", "mesh.upstream_idle_timeout=300s",
		`mesh.request_headers_to_add=[{"header":"x-from","value":"edge"}]`, `mesh.upstream_retry_policy={"retry_on":"5xx","num_retries":1}`,
		`mesh.faultinjection={"enabled":true,"pct":5}`, "mesh.admin.bind_tcp=true", `tcp_proxy.listeners=["db"]`,
		`tcp_services_proxy.db={"port":5432,"upstreams":[{"address":"192.0.2.1","port":5433}]}`,
		`services_proxy.mw-api-int-async-ro={"port":6500,"timeout":"9s","upstream":{"address":"api.example.org","port":443}}`,
		`services_proxy.schema={"port":6023,"timeout":"7s","xfp":"https","retry_policy":{"retry_on":"5xx"},"ratelimit":{"domain":"schemas"},
			"upstream":{"address":"schema.example.org","port":443,"encryption":true,"sets_sni":true,"keepalive":"4s","tcp_keepalive":{"keepalive_time":30}},
			"split":{"address":"next.example.org","port":444,"percentage":10}}`,
	}
	for i, sets := range [][]string{nil, more} {
		for _, chart := range []string{"eventgate", "eventstreams", "streamconfig"} {
			r := render(t, chart, append(sets, "mesh.enabled=true")...)
			data := r.get(t, "ConfigMap/"+chart+"-production-envoy-config-volume")["data"].(map[string]any)
			for name, text := range data {
				if !strings.HasSuffix(name, ".yaml") {
					continue
				}
				file := filepath.Join(dir, fmt.Sprintf("%s-%d-%s", chart, i, name))
				if err := os.WriteFile(file, []byte(fmt.Sprint(text)), 0o644); err != nil {
					t.Fatal(err)
				}
				if out, err := exec.CommandContext(t.Context(), checker, file).CombinedOutput(); err != nil {
					t.Errorf("%s %q: %v\n%s", chart, sets, err, out)
				}
			}
		}
	}
}
