package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/internal/testshared"
)

// started is a command that runs in this process.
type started struct {
	t          *testing.T
	url, admin string
	stop       context.CancelFunc
	code       chan int
	out        *lines
}

// hasMetrics wants each of the pieces of text in the metrics. A request is counted after its answer is sent: the metrics may come a moment later.
func (s *started) hasMetrics(wants ...string) {
	s.t.Helper()
	for _, want := range wants {
		eventually(s.t, "the metrics have "+want, func() bool {
			_, text := ask(s.t, http.MethodGet, s.admin+"/metrics", "")
			return strings.Contains(text, want)
		})
	}
}

// says wants the text in what the command writes, now or soon.
func (s *started) says(text string) {
	s.t.Helper()
	eventually(s.t, "it writes "+text, func() bool { return strings.Contains(s.out.String(), text) })
}

// lines keeps what a command writes, and tells of the line that says where it listens.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	up   chan map[string]any
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	var line map[string]any
	if json.Unmarshal(p, &line) == nil && line["msg"] == "up" {
		l.up <- line
	}
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// limit bounds every wait of these tests; it is reached only when something is wrong.
const limit = time.Minute

// start runs a command on free ports until the test ends.
func start(t *testing.T, args ...string) *started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &started{t: t, stop: cancel, code: make(chan int, 1), out: &lines{up: make(chan map[string]any, 1)}}
	args = append(args, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	go func() { s.code <- run(ctx, args, &terminal{In: strings.NewReader(""), Out: s.out, Err: s.out}) }()
	t.Cleanup(func() {
		s.end()
		if t.Failed() {
			t.Logf("%v wrote\n%s", args, s.out)
		}
	})
	select {
	case line := <-s.out.up:
		s.url, s.admin = fmt.Sprint("http://", line["listen"]), fmt.Sprint("http://", line["admin"])
	case code := <-s.code:
		s.code <- code
		t.Fatalf("%v ended with exit code %d: %s", args, code, s.out)
	case <-time.After(limit):
		t.Fatalf("%v did not come up: %s", args, s.out)
	}
	return s
}

// end ends the command in order and wants exit code 0; further calls do nothing.
func (s *started) end() {
	if s.code == nil {
		return
	}
	s.stop()
	select {
	case code := <-s.code:
		if code != 0 {
			s.t.Errorf("exit code %d: %s", code, s.out)
		}
	case <-time.After(limit):
		s.t.Errorf("the command does not end")
	}
	s.code = nil
}

// ask sends a request and returns status and body.
func ask(t *testing.T, method, url, body string, header ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	request.Close = true // a connection of before a reload would keep the old settings
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// firstEvent reads a stream until its first event's data.
func firstEvent(t *testing.T, url string, header ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text := bufio.NewScanner(response.Body)
	var seen strings.Builder
	for text.Scan() {
		seen.WriteString(text.Text() + "\n")
		if data, ok := strings.CutPrefix(text.Text(), "data: "); ok {
			return data
		}
	}
	t.Fatalf("%s: %s without an event: %s", url, response.Status, &seen)
	return ""
}

func broker(t *testing.T) string {
	t.Helper()
	b, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b.Addr()
}

// writeFile makes a file for the test.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const testStreams = `
default_settings: {topic_prefixes: [eqiad., codfw.]}
streams:
  eventgate-main.test.event: {schema_title: test/event, destination_event_service: eventgate-main}
  eventgate-analytics.test.event: {schema_title: test/event, destination_event_service: eventgate-analytics}
  mediawiki.page-create: {schema_title: mediawiki/revision/create}
`

// The files of production start as they are, with brokers, schemas and streams from elsewhere; what is posted to one is streamed by the other.
func TestProductionFilesRun(t *testing.T) {
	schemas := testshared.Path(t, "data/schemas/primary")
	streams := writeFile(t, "streams.yaml", testStreams)
	common := []string{"--kafka", broker(t), "--schemas", schemas, "--streams", streams}
	var intakes []*started
	for _, name := range []string{"eventgate-main", "eventgate-analytics"} {
		in := start(t, append([]string{"eventgate", "-c", testshared.Path(t, "data/configs/"+name+".yaml")}, common...)...)
		intakes = append(intakes, in)
		event := fmt.Sprintf(`{"$schema":"/test/event/1.0.0","meta":{"stream":"%s.test.event"},"test":"posted to %[1]s"}`, name)
		if status, text := ask(t, http.MethodPost, in.url+"/v1/events", event); status != http.StatusCreated {
			t.Fatalf("%s answers %d %s", name, status, text)
		}
		if status, text := ask(t, http.MethodPost, in.url+"/v1/events", `{"$schema":"/test/event/1.0.0","meta":{"stream":"unknown"},"test":"x"}`); status != http.StatusBadRequest {
			t.Errorf("%s answers an unknown stream %d %s", name, status, text)
		}
		if status, text := ask(t, http.MethodGet, in.url+"/v1/_test/events", ""); status != http.StatusCreated {
			t.Errorf("%s answers the test %d %s", name, status, text)
		}
		if status, text := ask(t, http.MethodGet, in.url+"/v1/stream-configs/"+name+".test.event", ""); status != http.StatusOK || !strings.Contains(text, "test/event") {
			t.Errorf("%s answers its stream configuration %d %s", name, status, text)
		}
		for _, url := range []string{in.url + "/_info", in.admin + "/healthz", in.admin + "/readyz"} {
			if status, _ := ask(t, http.MethodGet, url, ""); status != http.StatusOK {
				t.Errorf("%s: %d", url, status)
			}
		}
		in.hasMetrics(
			fmt.Sprintf(`eventgate_events_produced_total{schema_uri="/test/event/1.0.0",service="%s",stream="%[1]s.test.event"} 2`, name),
			fmt.Sprintf(`express_router_request_duration_seconds_count{method="POST",path="v1/events",service="%s",status="201"} 1`, name),
			fmt.Sprintf(`eventgate_rdkafka_msg_cnt{producer_type="hasty",service="%s"} 0`, name),
			fmt.Sprintf(`eventplatform_streams_configured{service="%s"} 3`, name),
		)
	}
	out := start(t, append([]string{"eventstreams", "-c", testshared.Path(t, "data/configs/eventstreams.yaml")}, common...)...)
	if status, text := ask(t, http.MethodGet, out.url+"/v2/stream/test", ""); status != http.StatusBadRequest || !strings.Contains(text, "X-Client-IP") {
		t.Errorf("without an address where they are counted: %d %s", status, text)
	}
	if status, _ := ask(t, http.MethodGet, out.url+"/v2/stream/eventgate-analytics.test.event", "", "X-Client-IP", "192.0.2.1"); status != http.StatusBadRequest {
		t.Errorf("a stream that is not allowed: %d", status)
	}
	for _, name := range []string{"eventgate-main.test.event", "test"} { // its alias
		if data := firstEvent(t, out.url+"/v2/stream/"+name+"?since=2020-01-01", "X-Client-IP", "192.0.2.1"); !strings.Contains(data, "posted to eventgate-main") {
			t.Errorf("streamed %s", data)
		}
	}
	if status, text := ask(t, http.MethodGet, out.url+"/?spec", ""); status != http.StatusOK || !strings.Contains(text, "eventgate-main.test.event") {
		t.Errorf("the description: %d %.300s", status, text)
	}
	out.hasMetrics(`eventstreams_client_connections_total{service="eventstreams",streams="`, `path="root",service="eventstreams",status="200"} 1`)
	for _, s := range append(intakes, out) {
		s.end()
	}
}

// The environment wins over the file, and the command line over the environment.
func TestEnvironmentWinsOverTheFile(t *testing.T) {
	t.Setenv("EVENTPLATFORM_CONFIG", testshared.Path(t, "data/configs/eventgate-main.yaml"))
	t.Setenv("EVENTPLATFORM_KAFKA", broker(t))
	t.Setenv("EVENTPLATFORM_SCHEMAS", testshared.Path(t, "data/schemas/primary"))
	t.Setenv("EVENTPLATFORM_STREAMS", writeFile(t, "streams.yaml", testStreams))
	t.Setenv("EVENTPLATFORM_LISTEN", "203.0.113.1:1") // nobody's: the flag must win
	in := start(t, "eventgate")
	if status, text := ask(t, http.MethodGet, in.url+"/v1/_test/events", ""); status != http.StatusCreated {
		t.Errorf("the test answers %d %s", status, text)
	}
}

// The recorded exchanges' file starts as the generic intake does: no stream check, the topic is the stream.
func TestGenericFileRuns(t *testing.T) {
	in := start(t, "eventgate", "-c", testshared.Path(t, "data/configs/vectors-eventgate.yaml"), "--kafka", broker(t), "--schemas", testshared.Path(t, "data/schemas/primary"),
		"--log-level", "info")
	response, err := http.Post(in.url+"/v1/events", "application/json", strings.NewReader(`{"$schema":"/test/event/1.0.0","meta":{"stream":"any","dt":"2026-01-01T00:00:00Z"},"test":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if want := "201 All 1 out of 1 events were accepted."; response.Status != want {
		t.Errorf("answers %q, want %q", response.Status, want)
	}
}

// An intake asks a stream configuration service, and is up to date after a hang-up at the latest.
func TestIntakeAsksStreamConfig(t *testing.T) {
	file := writeFile(t, "streams.yaml", testStreams)
	service := start(t, "streamconfig", "--streams", file)
	if status, text := ask(t, http.MethodGet, service.url+"/w/api.php?format=json&action=streamconfigs", ""); status != http.StatusOK || !strings.Contains(text, "eventgate-main.test.event") {
		t.Fatalf("the service answers %d %s", status, text)
	}
	config := writeFile(t, "intake.yaml", `
services:
  - name: intake
    conf:
      eventgate_factory_module: eventgate-wikimedia.js
      schema_base_uris: ['`+testshared.Path(t, "data/schemas/primary")+`']
      schema_precache_uris: [/test/event/1.0.0, /no/such/1.0.0]
      topic_prefix: eqiad.
      stream_config_uri: `+service.url+`/w/api.php?format=json&action=streamconfigs
      stream_config_object_path: streams
      stream_config_dynamic: true
      kafka: {conf: {metadata.broker.list: '`+broker(t)+`'}}
`)
	in := start(t, "eventgate", "-c", config)
	event := `{"$schema":"/test/event/1.0.0","meta":{"stream":"eventgate-main.test.event"},"test":"x"}`
	if status, text := ask(t, http.MethodPost, in.url+"/v1/events", event); status != http.StatusCreated {
		t.Errorf("a configured stream: %d %s", status, text)
	}
	in.says("/no/such/1.0.0")
	service.hasMetrics(`express_router_request_duration_seconds_count{method="GET",path="w/api.php",service="streamconfig",status="200"}`)
}

// A changed file is taken over while the intake runs; one that is wrong changes nothing.
func TestIntakeReloads(t *testing.T) {
	schemas := testshared.Path(t, "data/schemas/primary")
	conf := func(setting string) string {
		return "services: [{name: x, conf: {schema_base_uris: ['" + schemas + "'], " + setting + "}}]"
	}
	file := writeFile(t, "c.yaml", conf("max_body_size: 1mb"))
	hangups := make(chan os.Signal, 100) // so that a signal that comes before the intake listens does not end the test
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	in := start(t, "eventgate", "-c", file, "--kafka", broker(t))
	post := func() int {
		status, _ := ask(t, http.MethodPost, in.url+"/v1/events", `{"$schema":"/test/event/1.0.0","meta":{"stream":"any","dt":"2026-01-01T00:00:00Z"},"test":"x"}`)
		return status
	}
	until := func(what string, done func() bool) {
		t.Helper()
		process, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(limit); !done(); {
			if time.Now().After(deadline) {
				t.Fatalf("not within %v: %s", limit, what)
			}
			if err := process.Signal(syscall.SIGHUP); err != nil {
				t.Skipf("there are no such signals here: %v", err)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	if status := post(); status != http.StatusCreated {
		t.Fatalf("before: %d", status)
	}
	change := func(setting string) {
		if err := os.WriteFile(file, []byte(conf(setting)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change("max_body_size: 50b")
	until("the new bound holds", func() bool { return post() == http.StatusRequestEntityTooLarge })
	change("max_body_size: 1mb, max_body_sise: 2mb")
	in.hasMetrics(`eventplatform_reloads_total{result="failed",service="x",what="configuration file"}`)
	if status := post(); status != http.StatusRequestEntityTooLarge {
		t.Errorf("with a wrong file: %d", status)
	}
	in.says("max_body_sise")
}

// The transform of experiments leaves out what denied user agents send, and nothing else.
func TestDeniedAgents(t *testing.T) {
	in := start(t, "eventgate", "-c", writeFile(t, "c.yaml", `
services:
  - name: x
    conf:
      eventgate_factory_module: eventgate-wikimedia.js
      schema_base_uris: ['`+testshared.Path(t, "data/schemas/primary")+`']
      transforms: [eventgateWikimediaDefaults, processEdgeUniques, testKitchen]
      test_kitchen: {ua_denylist: ['bot/\d+']}
      kafka: {conf: {metadata.broker.list: '`+broker(t)+`'}}
`), "--streams", writeFile(t, "s.yaml", testStreams))
	produced := func() string {
		_, text := ask(t, http.MethodGet, in.admin+"/metrics", "")
		for line := range strings.Lines(text) {
			if count, ok := strings.CutPrefix(line, `eventgate_events_produced_total{schema_uri="/test/event/1.0.0",service="x",stream="eventgate-main.test.event"} `); ok {
				return strings.TrimSpace(count)
			}
		}
		return "0"
	}
	for _, test := range []struct{ agent, member, want string }{
		{"browser", `"test":"x"`, "1"},
		{"bot/2", `"test":"x"`, "2"},
		{"browser", `"test":"x","experiment":{}`, "3"},
		{"bot/2", `"test":"x","experiment":{}`, "3"},
	} {
		status, text := ask(t, http.MethodPost, in.url+"/v1/events", `{"$schema":"/test/event/1.0.0","meta":{"stream":"eventgate-main.test.event"},`+test.member+`}`, "User-Agent", test.agent)
		if status != http.StatusCreated {
			t.Errorf("%s with %s: %d %s", test.agent, test.member, status, text)
		}
		if got := produced(); got != test.want {
			t.Errorf("%s with %s: %s events were produced, want %s", test.agent, test.member, got, test.want)
		}
	}
}

func TestCheck(t *testing.T) {
	check := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), append(args, "--check"), &terminal{In: strings.NewReader(""), Out: &out, Err: &out})
		return code, out.String()
	}
	for name, command := range map[string]string{"eventgate-main": "eventgate", "eventgate-analytics": "eventgate", "vectors-eventgate": "eventgate", "eventstreams": "eventstreams"} {
		code, out := check(command, "-c", testshared.Path(t, "data/configs/"+name+".yaml"))
		if code != 0 || !strings.Contains(out, "nothing is wrong") || !strings.Contains(out, "num_workers: one process") {
			t.Errorf("%s: exit code %d: %s", name, code, out)
		}
	}
	broken := writeFile(t, "broken.yaml", "services:\n  - conf:\n      schema_base_urls: [/s]\n      max_body_size: much\n      output_path: '-'\n")
	code, out := check("eventgate", "-c", broken)
	for _, want := range []string{broken + ":3: ", broken + ":4: ", `did you mean "schema_base_uri`} {
		if !strings.Contains(out, want) {
			t.Errorf("it is not said that %s: %s", want, out)
		}
	}
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	streams := writeFile(t, "streams.yaml", "streams: {a: {topics: 1}}")
	if code, out := check("streamconfig", "--streams", streams); code != 1 || !strings.Contains(out, streams+":1") {
		t.Errorf("wrong streams: exit code %d: %s", code, out)
	}
	if code, out := check("streamconfig", "--streams", writeFile(t, "streams.yaml", testStreams)); code != 0 {
		t.Errorf("right streams: exit code %d: %s", code, out)
	}
}

// What cannot start says why in a line or a few, and ends with code 1.
func TestStartsThatFail(t *testing.T) {
	schemas := testshared.Path(t, "data/schemas/primary")
	good := func(conf string) string {
		return writeFile(t, "c.yaml", "services: [{conf: {schema_base_uris: ['"+schemas+"'], "+conf+"}}]")
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no file":          {[]string{"eventgate", "-c", "/no/such/file.yaml"}, "there is no such file"},
		"no schemas":       {[]string{"eventgate", "-c", good("output_path: '-'"), "--schemas", "/no/such/folder"}, "/no/such/folder"},
		"no streams":       {[]string{"eventstreams", "-c", good("kafka: {metadata.broker.list: 'a:1'}"), "--streams", "/no/such/folder"}, "/no/such/folder"},
		"a taken port":     {[]string{"streamconfig", "--streams", writeFile(t, "s.yaml", testStreams), "--listen", start(t, "streamconfig", "--streams", writeFile(t, "s.yaml", testStreams)).url[7:]}, "--listen"},
		"no streams given": {[]string{"streamconfig"}, "--streams"},
		"a prefix no topic can have": {[]string{"eventgate", "-c", good("eventgate_factory_module: eventgate-wikimedia.js, kafka: {conf: {metadata.broker.list: 'a:1'}},\ntopic_prefix: 'bad prefix!'")},
			"c.yaml:2: services[0].conf.topic_prefix: every event would be refused"},
		"an output in no folder": {[]string{"eventgate", "-c", good("\noutput_path: /no/such/folder/out")}, "c.yaml:2: services[0].conf.output_path: open /no/such/folder/out"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if code := run(ctx, append(test.args, "--admin-listen", "127.0.0.1:0"), &terminal{In: strings.NewReader(""), Out: &out, Err: &out}); code != 1 || !strings.Contains(out.String(), test.want) {
				t.Errorf("exit code %d: %s", code, &out)
			}
		})
	}
}
