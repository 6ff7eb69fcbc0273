package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// A streamer alone shows its clients on its admin port, and not where everyone can ask.
func TestClientsOfAStreamerAlone(t *testing.T) {
	config := writeFile(t, "streamer.yaml", `
services:
  - name: streamer
    conf:
      stream_config_defaults: {}
      kafka: {metadata.broker.list: '`+broker(t)+`'}
`)
	s := start(t, "eventstreams", "-c", config, "--streams", writeFile(t, "streams.yaml", testStreams))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v2/stream/eventgate-main.test.event", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Client-IP", "192.0.2.1\t\u009b2Jx") // a terminal would obey it
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"clients", s.admin}, &terminal{Out: &out, Err: &out}); code != 0 || !strings.Contains(out.String(), "192.0.2.1??2Jx ") ||
		!strings.Contains(out.String(), "eventgate-main.test.event") {
		t.Errorf("%d: %s", code, out.String())
	}
	if status, _ := ask(t, http.MethodGet, s.url+"/clients", ""); status != http.StatusNotFound {
		t.Errorf("everyone may ask: %d", status)
	}
}
