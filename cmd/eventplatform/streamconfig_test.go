package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// guideFiles writes the files that the guide to streams shows and returns their folder.
func guideFiles(t *testing.T) string {
	t.Helper()
	guide, err := os.ReadFile("../../docs/guides/streams.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, m := range regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(string(guide), -1) {
		put(t, filepath.Join(dir, m[1]), m[2])
	}
	return dir
}

// put writes a file in a way in which nobody sees half of it.
func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// eventually wants something to be so within the limit.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !so(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// hangUp sends this process SIGHUP.
func hangUp(t *testing.T) {
	t.Helper()
	process, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Signal(syscall.SIGHUP); err != nil {
		t.Skipf("there are no such signals here: %v", err)
	}
}

// The guide's files are a service's configuration as they stand there.
func TestStreamConfigOfTheGuide(t *testing.T) {
	hangups := make(chan os.Signal, 100) // so that a signal that comes before the service listens does not end the test
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	dir := guideFiles(t)
	file := filepath.Join(dir, "streamconfig.yaml")
	sample, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(sample, []byte("\n")); n > 10 {
		t.Errorf("the sample has %d lines", n)
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"streamconfig", "-c", file, "--check"}, &terminal{In: strings.NewReader(""), Out: &out, Err: &out}); code != 0 || strings.Contains(out.String(), "look at") {
		t.Errorf("--check of the sample: %d %s", code, &out)
	}
	s := start(t, "streamconfig", "-c", file, "--schemas", testshared.Path(t, "data/schemas/primary"))
	rate := func(query string) string {
		_, body := ask(t, http.MethodGet, s.url+"/v1/streams/web.click.v1"+query, "")
		var settings struct {
			Sample struct{ Rate json.Number }
		}
		if err := json.Unmarshal([]byte(body), &settings); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		return settings.Sample.Rate.String()
	}
	if base, wiki := rate(""), rate("?wiki=enwiki"); base != "1.0" || wiki != "0.5" {
		t.Errorf("the rates are %s and %s", base, wiki)
	}
	if status, body := ask(t, http.MethodGet, s.url+"/v1/streams/web.click.v1?explain=true", ""); status != http.StatusOK || !strings.Contains(body, `"/sample/rate":"`+filepath.Join(dir, "beta.yaml")+`:2"`) {
		t.Errorf("explained: %d %s", status, body)
	}
	if status, body := ask(t, http.MethodGet, s.url+"/repositories/primary/jsonschema/test/event/1.0.0.json", ""); status != http.StatusOK || !strings.Contains(body, `"$id":"/test/event/1.0.0"`) {
		t.Errorf("a schema: %d %s", status, body)
	}
	if status, _ := ask(t, http.MethodGet, s.url+"/repositories/", "", "Accept", "application/json"); status != http.StatusOK {
		t.Errorf("the list of repositories: %d", status)
	}

	put(t, filepath.Join(dir, "beta.yaml"), "streams:\n  web.click.v1: {sample: {rate: 0.25}}\n")
	eventually(t, "a changed overlay is in use", func() bool { return rate("") == "0.25" })
	put(t, file, strings.Replace(string(sample), "dewiki: {", "dewiki: {streams: [dewiki.yaml], ", 1))
	refused := func() bool {
		response, err := http.Get(s.url + "/v1/streams")
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.Header.Get("Stream-Config-Refused") != ""
	}
	eventually(t, "an overlay that is not there is told in a header", refused)
	s.hasMetrics(`eventplatform_stream_config_refused{service="streamconfig"} 1`)
	if got := rate(""); got != "0.25" {
		t.Errorf("with a refused file the rate is %s", got)
	}
	put(t, filepath.Join(dir, "dewiki.yaml"), "streams:\n  web.click.v1: {sample: {rate: 0.125}}\n")
	hangUp(t)
	eventually(t, "the file's new overlay is in use", func() bool { return !refused() && rate("?wiki=dewiki") == "0.125" })
	s.hasMetrics(`eventplatform_stream_config_refused{service="streamconfig"} 0`, "eventplatform_stream_config_read_timestamp_seconds{")
}

// A service that uses the configuration of another goes on while that one is away, also after a restart, and its metrics tell.
func TestMetricsOfTheConfigurationsClient(t *testing.T) {
	source := start(t, "streamconfig", "--streams", writeFile(t, "streams.yaml", testStreams))
	file := writeFile(t, "intake.yaml", `
services:
  - name: intake
    conf:
      eventgate_factory_module: eventgate-wikimedia.js
      schema_base_uris: ['`+testshared.Path(t, "data/schemas/primary")+`']
      stream_config_uri: `+source.url+`/w/api.php?format=json&action=streamconfigs&constraints=destination_event_service=eventgate-main
      stream_config_object_path: streams
      stream_config_ttl: 0.1
      stream_config_retries: 0
      stream_config_cache_path: `+filepath.Join(t.TempDir(), "streams.json")+`
      kafka: {conf: {metadata.broker.list: '`+broker(t)+`'}}
`)
	in := start(t, "eventgate", "-c", file)
	in.hasMetrics("\n"+`eventplatform_streams_configured{service="intake"} 1`, "\n"+`eventplatform_stream_config_refused{service="intake"} 0`,
		"\n"+`eventplatform_stream_config_reads_total{result="ok",service="intake"}`)
	source.end()
	in.hasMetrics("\n"+`eventplatform_stream_config_reads_total{result="failed",service="intake"}`, "\n"+`eventplatform_stream_config_refused{service="intake"} 1`,
		// The age of the last good configuration, which goes on.
		"\n"+`eventplatform_stream_config_read_timestamp_seconds{service="intake"}`, "\n"+`eventplatform_streams_configured{service="intake"} 1`)
	in.end()
	again := start(t, "eventgate", "-c", file)
	again.hasMetrics(`eventplatform_streams_configured{service="intake"} 1`) // what is kept on disk
}
