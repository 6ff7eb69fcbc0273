package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

// said runs a command to its end and returns its exit code and what it writes.
func said(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var o, e bytes.Buffer
	code = run(ctx, args, &terminal{In: strings.NewReader(in), Out: &o, Err: &e})
	return code, o.String(), e.String()
}

const canaryStreams = `
default_settings: {topic_prefixes: [dc1.], destination_event_service: eventgate}
streams:
  test.event: {schema_title: test/event}
  silent: {schema_title: not/here, canary_events_enabled: false}
  quiet: {schema_title: test/event, canary_events_enabled: false}
  mediawiki.recentchange: {schema_title: mediawiki/recentchange}
  /^job\./: {schema_title: test/event}
`

// servePlatform runs the whole platform on free ports until the test ends.
func servePlatform(t *testing.T, args ...string) *started {
	t.Helper()
	return platformOf(t, append(args, "--streams", writeFile(t, "streams.yaml", canaryStreams))...)
}

func platformOf(t *testing.T, args ...string) *started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &started{t: t, stop: cancel, code: make(chan int, 1), out: &lines{up: make(chan map[string]any, 1)}}
	args = append([]string{"serve", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)
	go func() { s.code <- run(ctx, args, &terminal{In: strings.NewReader(""), Out: s.out, Err: s.out}) }()
	t.Cleanup(func() {
		s.end()
		if t.Failed() {
			t.Logf("%v wrote\n%s", args, s.out)
		}
	})
	s.says("End it with Ctrl-C.")
	s.url = regexp.MustCompile(`is up: (\S+)`).FindStringSubmatch(s.out.String())[1]
	s.admin = strings.TrimSuffix(regexp.MustCompile(`metrics +(\S+)`).FindStringSubmatch(s.out.String())[1], "/metrics")
	return s
}

// Canary events go in at the front door and come out of the streams.
func TestCanaryOfAPlatform(t *testing.T) {
	p := servePlatform(t)
	flags := []string{"--streams", writeFile(t, "streams.yaml", canaryStreams), "--to", p.url}
	with := func(args ...string) []string { return append(args, flags...) }

	code, out, errs := said(t, "", with("canary", "--dry-run", "test.event")...)
	if code != 0 || !strings.HasPrefix(out, p.url+"/v1/events\t{") || strings.Count(out, "\n") != 1 || !strings.Contains(out, `"domain":"canary"`) {
		t.Errorf("dry run: exit code %d, %s%s", code, out, errs)
	}
	code, out, errs = said(t, "", with("canary", "--once")...)
	if code != 0 || !strings.HasPrefix(out, "canary events: 2 streams, 2 produced, 0 refused, 0 unreachable, 0 impossible, in ") {
		t.Fatalf("exit code %d, %s%s", code, out, errs)
	}
	for _, stream := range []string{"test.event", "mediawiki.recentchange"} {
		var e struct {
			Meta struct{ Stream, Domain string }
		}
		if data := firstEvent(t, p.url+"/v2/stream/"+stream+"?since=2020-01-01"); json.Unmarshal([]byte(data), &e) != nil || e.Meta.Stream != stream || e.Meta.Domain != "canary" {
			t.Errorf("%s has %s", stream, data)
		}
	}
	if code, out, _ := said(t, "", "canary", "--once", "--to", p.url, "--streams", writeFile(t, "none.yaml", "streams: {quiet: {canary_events_enabled: false}}")); code != 1 || !strings.HasPrefix(out, "canary events: 0 streams, ") {
		t.Errorf("no stream wants any: exit code %d, %s", code, out)
	}
	code, out, errs = said(t, "", with("canary", "--once", "quiet")...)
	if want := "quiet: impossible: no canary event may be sent to it\n"; code != 1 || !strings.HasPrefix(out, want) {
		t.Errorf("exit code %d, %s%s", code, out, errs)
	}

	code, out, errs = said(t, "", with("check", "canary", "--streamer", p.url)...)
	if code != 0 || !strings.HasPrefix(out, "CANARY OK - the last canary events of 2 streams came out of 1 streamers, the oldest ") {
		t.Errorf("exit code %d, %s%s", code, out, errs)
	}
	code, out, errs = said(t, "", with("check", "canary", "--streamer", "dc1="+p.url, "--produce")...)
	if code != 0 || !strings.HasPrefix(out, "CANARY OK - canary events of 2 streams came out of 1 streamers, the slowest after ") || !strings.Contains(out, " arrived=2;;;0 missing=0;;;0") {
		t.Errorf("exit code %d, %s%s", code, out, errs)
	}
}

// A platform keeps its own streams alive, and the command does so beside it until it is ended.
func TestCanaryAgainAndAgain(t *testing.T) {
	p := servePlatform(t, "--canary", "1h")
	p.hasMetrics(
		`eventplatform_canary_events_total{datacenter="dc1",result="produced",service="eventplatform"} 2`,
		`eventplatform_canary_stream_up{datacenter="dc1",service="eventplatform",stream="test.event"} 1`,
	)
	file := writeFile(t, "canary.yaml", fmt.Sprintf(`
stream_config_uri: %s/w/api.php?format=json&action=streamconfigs
stream_config_object_path: streams
services: {eventgate-eqiad: %[1]s, eventgate-codfw: "http://127.0.0.1:1"}
streamers: {eqiad: "%[1]s"}
`, p.url))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &lines{up: make(chan map[string]any, 1)}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"canary", "-c", file, "--interval", "100ms", "--admin-listen", "127.0.0.1:0"}, &terminal{Out: out, Err: out})
	}()
	admin := "http://" + fmt.Sprint((<-out.up)["admin"])
	(&started{t: t, admin: admin, out: out}).hasMetrics(
		`eventplatform_canary_stream_up{datacenter="eqiad",service="canary",stream="test.event"} 1`,
		`eventplatform_canary_stream_up{datacenter="codfw",service="canary",stream="test.event"} 0`,
		`eventplatform_canary_last_produced_timestamp_seconds{datacenter="codfw",service="canary",stream="test.event"} 0`,
	)
	eventually(t, "the second round is told of", func() bool {
		return strings.Count(out.String(), "canary events: 2 streams, 2 produced, 0 refused, 2 unreachable") > 1
	})
	if text := out.String(); !strings.Contains(text, "a canary event was not produced: test.event in codfw: unreachable by http://127.0.0.1:1/v1/events") {
		t.Error(text)
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
}

func TestCanaryFilesThatAreWrong(t *testing.T) {
	streams := writeFile(t, "streams.yaml", canaryStreams)
	tests := []struct{ name, file, want string }{
		{"an unknown key", "servces: {}", "servces"},
		{"no intakes", "stream_config_uri: " + streams, "--services"},
		{"no streams", "services: {eventgate: 'http://a'}", "stream_config_uri"},
		{"no URL", "services: {eventgate: a}", `"a" is not a URL`},
		{"no YAML", "services: [", "canary.yaml"},
	}
	for _, test := range tests {
		if code, out, errs := said(t, "", "canary", "--once", "-c", writeFile(t, "canary.yaml", test.file)); code != 1 || !strings.Contains(errs, test.want) {
			t.Errorf("%s: exit code %d, %s%s", test.name, code, out, errs)
		}
	}
	if code, _, errs := said(t, "", "canary", "--interval", "0s", "--streams", streams, "--to", "http://a"); code != 1 || !strings.Contains(errs, "--interval") {
		t.Error(code, errs)
	}
}

// Wikimedia's streams and schemas make valid events: an intake takes a canary event of every stream that is to have one.
func TestCanaryOfWikimediasStreams(t *testing.T) {
	streams := testshared.Path(t, "data/streams/wikimedia.json")
	schemas := []string{"--schemas", testshared.Path(t, "data/schemas/primary")}
	p := platformOf(t, append([]string{"--streams", streams}, schemas...)...)
	code, out, errs := said(t, "", append([]string{"canary", "--once", "--streams", streams, "--to", p.url}, schemas...)...)
	// The streams whose schemas are in a repository that is not here are impossible.
	if code != 1 || !strings.Contains(out, " 45 produced, 0 refused, 0 unreachable, ") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}
