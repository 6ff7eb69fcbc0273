package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// wantCheck runs a check and wants its exit code and first line; of the line's numbers only their form is looked at.
func wantCheck(t *testing.T, code int, line string, args ...string) {
	t.Helper()
	got, out, errs := said(t, "", append([]string{"check"}, args...)...)
	first, _, _ := strings.Cut(out, "\n")
	first = regexp.MustCompile(`\b\d+\.\d{2,3}`).ReplaceAllString(first, "N")
	if got != code || first != line {
		t.Errorf("check %q: exit code %d, want %d\n got %s\nwant %s\n%s%s", args, got, code, first, line, out, errs)
	}
}

func TestChecksOfAPlatform(t *testing.T) {
	p := servePlatform(t, "--demo")
	stream := p.url + "/v2/stream/test.event"
	wantCheck(t, 0, "STREAM OK - an event of test.event after N s, N s old | time=Ns;;N;0 age=Ns;;;0", "stream", stream)
	wantCheck(t, 0, "STREAM OK - an event of test.event from dc1 after N s, N s old | time=Ns;;N;0 age=Ns;;;0", "stream", stream, "--dc", "dc1", "--ignore-canary")
	wantCheck(t, 2, "STREAM CRITICAL - no event of silent within 200ms | time=Ns;;N;0", "stream", p.url+"/v2/stream/silent", "--within", "200ms")
	wantCheck(t, 0, "INTAKE OK - 201 Created after N s | time=Ns;;N;0", "intake", p.url, "--stream", "test.event")
	wantCheck(t, 0, "INTAKE OK - 200 OK after N s | time=Ns;;N;0", "intake", p.url, "--stream", "test.event", "--dry-run")
	wantCheck(t, 2, "INTAKE CRITICAL - the intake has no test events (404): configure test_events, or name a stream of the schema test/event with --stream", "intake", p.url)
	if code, out, _ := said(t, "", "check", "lag", p.admin); code != 0 || !strings.HasPrefix(out, "LAG OK - ") {
		t.Errorf("exit code %d, %s", code, out)
	}
	wantCheck(t, 3, "STREAM UNKNOWN - "+p.url+" names no stream: give names after it, or /v2/stream/NAME in it", "stream", p.url)
	wantCheck(t, 3, "CANARY UNKNOWN - where are the intakes? Name them with --services FILE, with services in the file of -c, or one for all with --to URL", "canary")
	if code, _, errs := said(t, "", "check", "stream", "--no-such-flag"); code != 3 || !strings.Contains(errs, "--no-such-flag") {
		t.Errorf("a command line that makes no sense: exit code %d, %s", code, errs)
	}
	if code, out, _ := said(t, "", "check", "lag", p.admin, "--json"); code != 0 || !strings.HasPrefix(out, `{"check":"lag","status":"OK","code":0,"text":"`) {
		t.Errorf("exit code %d, %s", code, out)
	}
}

// The services alone, on production's own files: an intake with test events, and a streamer that wants to know addresses.
func TestChecksOfServicesAlone(t *testing.T) {
	streams := writeFile(t, "streams.yaml", testStreams)
	common := []string{"--kafka", broker(t), "--schemas", testshared.Path(t, "data/schemas/primary"), "--streams", streams}
	in := start(t, append([]string{"eventgate", "-c", testshared.Path(t, "data/configs/eventgate-main.yaml")}, common...)...)
	out := start(t, append([]string{"eventstreams", "-c", testshared.Path(t, "data/configs/eventstreams.yaml")}, common...)...)
	wantCheck(t, 0, "INTAKE OK - 201 All 1 out of 1 events were accepted. after N s | time=Ns;;N;0", "intake", in.url)
	wantCheck(t, 0, "STREAM OK - an event of test from eqiad after N s, N s old | time=Ns;;N;0 age=Ns;;;0",
		"stream", out.url+"/v2/stream/test?since=2020-01-01", "--dc", "eqiad", "--header", "X-Client-IP: 192.0.2.1")
	canary := []string{
		"canary", "eventgate-main.test.event", "mediawiki.page-create", "--produce", "--streams", streams, "--schemas", testshared.Path(t, "data/schemas/primary"),
		"--services", writeFile(t, "services.yaml", "eventgate-main-eqiad: "+in.url), "--streamer", "eqiad=" + out.url,
	}
	wantCheck(t, 2, "CANARY CRITICAL - none of the streams that have canary events is served | delay=Ns;;N;0 arrived=0;;;0 missing=0;;;0 unserved=1;;;0 unproduced=0;;;0",
		append(canary[:1:1], append([]string{"eventgate-main.test.event"}, canary[3:]...)...)...)
	wantCheck(t, 2, "CANARY CRITICAL - 1 canary events could not be produced | delay=Ns;;N;0 arrived=1;;;0 missing=0;;;0 unserved=0;;;0 unproduced=1;;;0",
		append(canary, "--header", "X-Client-IP: 192.0.2.1")...) // mediawiki.page-create has no destination_event_service
}

func TestCheckConfig(t *testing.T) {
	wantCheck(t, 3, "CONFIG UNKNOWN - nothing to check: name files with --eventgate, --eventstreams, --streamconfig or --streams", "config")
	wrong := writeFile(t, "wrong.yaml", "services: [{name: x, conf: {schema_base_urls: [a]}}]")
	if code, out, errs := said(t, "", "check", "config", "--eventgate", wrong); code != 2 || !strings.HasPrefix(out, "CONFIG CRITICAL - 1 sources, ") || !strings.Contains(out, "schema_base_uris") {
		t.Errorf("exit code %d, %s%s", code, out, errs)
	}
	streams := writeFile(t, "streams.yaml", "streams:\n  a.v1: {schema_title: test/event, destination_event_service: x}\n  b.v1: {schema_title: missing, destination_event_service: x}\n")
	if code, out, _ := said(t, "", "check", "config", "--streams", streams, "--schemas", testshared.Path(t, "data/schemas/primary")); code != 2 || !strings.Contains(out, "\nerror: b.v1: ") {
		t.Errorf("exit code %d, %s", code, out)
	}
}

// Prometheus asks for checks over HTTP, of servers that are allowed.
func TestCheckServe(t *testing.T) {
	p := servePlatform(t, "--demo")
	ctx, cancel := context.WithCancel(t.Context())
	out := &lines{up: make(chan map[string]any, 1)}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{
			"check", "serve", "--listen", "127.0.0.1:0", "--allow", p.url, "--allow", p.admin, "--canary-produce", "--canary-streamer", "dc1=" + p.url,
			"--streams", writeFile(t, "streams.yaml", canaryStreams), "--to", p.url,
		}, &terminal{Out: out, Err: out})
	}()
	base := "http://" + fmt.Sprint((<-out.up)["listen"])
	probe := func(module, target string, wants ...string) {
		t.Helper()
		code, text := ask(t, http.MethodGet, base+"/probe?module="+module+"&target="+url.QueryEscape(target), "")
		for _, want := range wants {
			if code != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("%s of %q: %d %s", module, target, code, text)
			}
		}
	}
	probe("stream", p.url+"/v2/stream/test.event", "\nprobe_success 1\n", "\nprobe_time_seconds ", "\nprobe_duration_seconds ")
	probe("intake&stream=test.event", p.url, "\nprobe_success 1\n")
	probe("lag", p.admin, "\nprobe_success 1\n", "\nprobe_lag 0\n")
	probe("canary", "", "\nprobe_success 1\n", "\nprobe_canary_arrived{datacenter=\"\",stream=\"test.event\",streamer=\"dc1\"} 1\n", "\nprobe_canary_delay_seconds{")
	for target, want := range map[string]int{"": http.StatusBadRequest, "http://127.0.0.1:1/v2/stream/a": http.StatusForbidden, p.url: http.StatusBadRequest} {
		if code, text := ask(t, http.MethodGet, base+"/probe?module=stream&target="+url.QueryEscape(target), ""); code != want {
			t.Errorf("%q: %d %s", target, code, text)
		}
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
}
