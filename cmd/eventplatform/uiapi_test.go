package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// about asks what the page shows at an address.
func about(t *testing.T, base string) string {
	t.Helper()
	var a struct {
		Pages         []string
		Send, Filters bool
		Admin         bool
	}
	_, text := ask(t, http.MethodGet, base+"/ui/api/about", "")
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return fmt.Sprintf("%s send=%v filters=%v admin=%v", strings.Join(a.Pages, ","), a.Send, a.Filters, a.Admin)
}

// A development tool shows everything; what strangers reach does not, but its admin port does.
func TestPageOfServe(t *testing.T) {
	const all = "streams,live,schemas,try,errors,health"
	local := platformOf(t)
	if got := about(t, local.url); got != all+" send=true filters=true admin=false" {
		t.Errorf("on the loopback interface: %s", got)
	}
	closed := platformOf(t, "--ui-open", "none")
	if got := about(t, closed.url); got != "streams,live,schemas,try send=false filters=true admin=false" {
		t.Errorf("closed: %s", got)
	}
	if got := about(t, closed.admin); got != all+" send=true filters=true admin=true" {
		t.Errorf("on the admin port: %s", got)
	}
	if status, _ := ask(t, http.MethodGet, closed.url+"/ui/api/refused", ""); status != 404 {
		t.Errorf("strangers ask what was refused: %d", status)
	}
	for base, paths := range map[string]string{
		local.url: "/ /v2/ui /v2/ui/ /schemas /try /errors /health", closed.admin: "/ /v2/ui /errors /health",
	} {
		for path := range strings.FieldsSeq(paths) {
			if status, text := ask(t, http.MethodGet, base+path, "", "Accept", "text/html,*/*"); status != 200 || !strings.Contains(text, `<div id="app">`) {
				t.Errorf("%s: %d %.80s", path, status, text)
			}
		}
	}
	for _, path := range []string{"/", "/metrics"} {
		if _, text := ask(t, http.MethodGet, closed.admin+path, ""); !strings.Contains(text, "eventplatform_build_info") {
			t.Errorf("%s of the admin port gives Prometheus no metrics: %.80s", path, text)
		}
	}
	if _, text := ask(t, http.MethodGet, local.url+"/?spec", ""); !strings.Contains(text, `"openapi"`) {
		t.Errorf("?spec: %.80s", text)
	}
	if code, _, errs := said(t, "", "serve", "--data-dir", t.TempDir(), "--ui-open", "everything"); code == 0 || !strings.Contains(errs, "errors, health and send") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}

// A streamer alone has the page too: what it does not know is hidden, and Try asks the intake that it is told of.
func TestPageOfAStreamerAlone(t *testing.T) {
	p := servePlatform(t)
	streams := writeFile(t, "streams.yaml", canaryStreams)
	config := func(more string) string {
		return writeFile(t, "streamer.yaml", streamerConfig(t, "      stream_ui_enabled: true\n"+more))
	}
	s := start(t, "eventstreams", "-c", config(""), "--streams", streams)
	if got := about(t, s.url); got != "streams,live send=false filters=true admin=false" {
		t.Errorf("alone: %s", got)
	}
	if status, _ := ask(t, http.MethodGet, s.url+"/", "", "Accept", "text/html"); status != 200 {
		t.Errorf("/ for browsers: %d", status)
	}
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := noRedirect.Get(s.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != 303 {
		t.Errorf("/ for others, as the reference answers it: %d", response.StatusCode)
	}

	more := start(t, "eventstreams", "-c", config("      ui_open: [health]\n      ui_intake_uri: "+p.url+"\n"), "--streams", streams)
	if got := about(t, more.url); got != "streams,live,try,health send=false filters=true admin=false" {
		t.Errorf("with an intake: %s", got)
	}
	_, verdict := ask(t, http.MethodPost, more.url+"/ui/api/try", `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":1}`)
	if !strings.Contains(verdict, `"message":"'.test' should be string"`) || !strings.Contains(verdict, `"line":1`) {
		t.Errorf("verdict %s", verdict)
	}
	if _, health := ask(t, http.MethodGet, more.url+"/ui/api/health", ""); !strings.Contains(health, `"others":[{"name":"intake","ok":true`) {
		t.Errorf("health %.300s", health)
	}
	if got := about(t, more.admin); got != "streams,live,try,errors,health send=true filters=true admin=true" {
		t.Errorf("on the admin port: %s", got)
	}
	without := start(t, "eventstreams", "-c", writeFile(t, "streamer.yaml", streamerConfig(t, "")), "--streams", streams)
	if status, _ := ask(t, http.MethodGet, without.url+"/ui/api/about", ""); status != 404 {
		t.Errorf("a page that was not asked for: %d", status)
	}
}

// sentTo is what a stream has got since the last DELETE.
func sentTo(t *testing.T, platform, stream string) []json.RawMessage {
	t.Helper()
	response, err := http.Get(platform + "/ui/api/accepted?stream=" + stream)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Events []struct{ Event json.RawMessage }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	var sent []json.RawMessage
	for _, e := range answer.Events {
		sent = append(sent, e.Event)
	}
	return sent
}

// The guide shows the function that this test uses.
func TestTheGuideHasSentTo(t *testing.T) {
	own, guide := content(t, "uiapi_test.go"), content(t, filepath.Join("..", "..", "docs", "guides", "testing-producers.md"))
	begin := strings.Index(own, "// sentTo is")
	end := begin + strings.Index(own[begin:], "\n}\n")
	if !strings.Contains(guide, own[begin:end]) {
		t.Error("docs/guides/testing-producers.md has another sentTo than this file")
	}
}

func TestWhatAnApplicationSentIsTold(t *testing.T) {
	data := t.TempDir()
	p := platformOf(t, "--data-dir", data)
	send := func(p *started, test string) {
		t.Helper()
		_, _ = ask(t, http.MethodPost, p.url+"/v1/events", `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":`+test+`}`)
	}
	send(p, `"one"`)
	send(p, `2`)
	send(p, `"three"`)
	if sent := sentTo(t, p.url, "test.event"); len(sent) != 2 || !strings.Contains(string(sent[1]), `"three"`) {
		t.Errorf("sent: %s", sent)
	}
	if _, refused := ask(t, http.MethodGet, p.url+"/ui/api/refused", ""); !strings.Contains(refused, `"count":1`) || !strings.Contains(refused, `"pointers":["/test"]`) {
		t.Errorf("refused: %s", refused)
	}
	if status, _ := ask(t, http.MethodDelete, p.url+"/ui/api/accepted", ""); status != 200 {
		t.Errorf("DELETE: %d", status)
	}
	send(p, `"four"`)
	if sent := sentTo(t, p.url, "test.event"); len(sent) != 1 {
		t.Errorf("after DELETE: %s", sent)
	}
	// The error stream tells of it as well, a moment later.
	eventually(t, "the refused event is in the error stream", func() bool {
		_, text := ask(t, http.MethodGet, p.url+"/ui/api/accepted?stream=eventgate.error.validation", "")
		return strings.Contains(text, "should be string")
	})
	p.end()

	again := platformOf(t, "--data-dir", data)
	if sent := sentTo(t, again.url, "test.event"); len(sent) != 0 {
		t.Errorf("a new process tells of an old one's events: %s", sent)
	}
}

// The page follows streams on the admin port too.
func TestPageOfTheAdminPortFollowsStreams(t *testing.T) {
	p := platformOf(t)
	now := time.Now().UnixMilli()
	_, _ = ask(t, http.MethodPost, p.url+"/v1/events", `{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":"x"}`)
	if data := firstEvent(t, fmt.Sprintf("%s/v2/stream/test.event?since=%d", p.admin, now-60_000)); !strings.Contains(data, `"test":"x"`) {
		t.Errorf("%s", data)
	}
	response, err := http.Get(p.admin + "/ui/licenses.md")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 || !strings.Contains(string(text), "Vue") && !strings.Contains(string(text), "vue") {
		t.Errorf("licences: %d %v", response.StatusCode, err)
	}
}
