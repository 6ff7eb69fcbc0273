package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// streamerConfig is a streamer's file with further settings.
func streamerConfig(t *testing.T, settings string) string {
	t.Helper()
	return `
services:
  - name: streamer
    conf:
      stream_config_defaults: {}
      kafka: {metadata.broker.list: '` + broker(t) + `'}
` + settings
}

// The file of a streamer that runs is changed: what it says holds for who comes next, what is wrong changes nothing, and what takes a restart is said.
func TestStreamerFileIsReadAgain(t *testing.T) {
	denied := filepath.Join(t.TempDir(), "denied.yaml")
	replace := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	replace(denied, "user_agents: [^BadBot/]\n")
	more := "      denied_clients_file: " + denied + "\n"
	file := writeFile(t, "streamer.yaml", streamerConfig(t, more))
	s := start(t, "eventstreams", "-c", file, "--streams", writeFile(t, "streams.yaml", testStreams))
	head := func(header ...string) int {
		t.Helper()
		status, _ := ask(t, http.MethodHead, s.url+"/v2/stream/eventgate-main.test.event", "", header...)
		return status
	}
	if a, b := head(), head("User-Agent", "BadBot/1"); a != 200 || b != 403 {
		t.Fatalf("at the start: %d, %d", a, b)
	}
	replace(denied, "addresses: [192.0.2.0/24]\n")
	eventually(t, "the changed list of denied clients is used", func() bool { return head("X-Client-IP", "192.0.2.9") == 403 && head("User-Agent", "BadBot/1") == 200 })
	replace(file, streamerConfig(t, more+"      allowed_streams: [other]\n      heartbeat_interval: 5\n"))
	eventually(t, "the changed file is used", func() bool { return head() == 400 })
	s.says("takes effect at the next start only")
	s.says("heartbeat_interval")
	replace(file, streamerConfig(t, "      allowed_strems: []\n"))
	s.says("is not used; what was there before is still in use")
	if got := head(); got != 400 {
		t.Errorf("a file with a fault changed something: %d", got)
	}
	replace(file, streamerConfig(t, ""))
	eventually(t, "the mended file is used", func() bool { return head() == 200 && head("X-Client-IP", "192.0.2.9") == 200 })
	s.hasMetrics(`eventplatform_reloads_total{`)
}

// A streamer that would serve nothing does not start.
func TestStreamerWithoutStreams(t *testing.T) {
	var out bytes.Buffer
	code := run(t.Context(), []string{"eventstreams", "-c", writeFile(t, "streamer.yaml", streamerConfig(t, "      allowed_streams: [nothing]\n")), "--listen", "127.0.0.1:0",
		"--streams", writeFile(t, "streams.yaml", testStreams)}, &terminal{Out: &out, Err: &out})
	if code != 1 || !strings.Contains(out.String(), "no stream is served: none of the 3 declared ones") {
		t.Errorf("%d: %s", code, out.String())
	}
}

// An operator denies clients with the command, sees who is denied, and allows them again.
func TestClientsAreDenied(t *testing.T) {
	s := start(t, "eventstreams", "-c", writeFile(t, "streamer.yaml", streamerConfig(t, "      denied_clients: {addresses: [203.0.113.9]}\n")),
		"--streams", writeFile(t, "streams.yaml", testStreams))
	clients := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), append([]string{"clients", s.admin}, args...), &terminal{Out: &out, Err: &out})
		return code, out.String()
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v2/stream/eventgate-main.test.event", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Client-IP", "192.0.2.1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if code, out := clients("--deny", "192.0.2.0/24", "--for", "10m"); code != 0 || out != "192.0.2.0/24 is denied for 10m0s, 1 cut\n" {
		t.Errorf("%d: %s", code, out)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Errorf("the stream did not end cleanly: %v", err)
	}
	if code, out := clients("--denied"); code != 0 || !strings.Contains(out, "203.0.113.9   configuration  for ever\n") || !strings.Contains(out, "192.0.2.0/24  operator       ") {
		t.Errorf("%d: %s", code, out)
	}
	if code, out := clients("--deny", "agent:^Bad"); code != 0 || out != "agent:^Bad is denied for 1h0m0s, 0 cut\n" {
		t.Errorf("%d: %s", code, out)
	}
	for _, c := range []struct {
		header []string
		status int
	}{{[]string{"X-Client-IP", "192.0.2.200"}, 403}, {[]string{"User-Agent", "Bad/1"}, 403}, {nil, 200}} {
		if status, _ := ask(t, http.MethodHead, s.url+"/v2/stream/eventgate-main.test.event", "", c.header...); status != c.status {
			t.Errorf("%v: %d", c.header, status)
		}
	}
	if code, out := clients("--allow", "192.0.2.0/24"); code != 0 || out != "192.0.2.0/24 is served again\n" {
		t.Errorf("%d: %s", code, out)
	}
	for _, wrong := range [][]string{{"--allow", "192.0.2.0/24"}, {"--deny", "nobody"}, {"--deny", "agent:("}, {"--deny", "192.0.2.1", "--for", "0s"}} {
		if code, out := clients(wrong...); code == 0 || strings.Contains(out, "list of clients") {
			t.Errorf("%v: %d: %s", wrong, code, fmt.Sprint(out))
		}
	}
}
