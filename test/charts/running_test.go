package charts

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; it is reached only when something is wrong.
const patience = 60 * time.Second

// A pod is a running program, as a Deployment says.
type pod struct {
	cmd        *exec.Cmd
	url, admin string
	ended      chan struct{}
	log        *buffer
}

// buffer is written by a process and read by a test.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// run starts a command and waits until it has printed what found takes the addresses from.
func run(t *testing.T, cmd *exec.Cmd, found func(line string, p *pod) bool) *pod {
	t.Helper()
	p := &pod{cmd: cmd, ended: make(chan struct{}), log: &buffer{}}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%v:\n%s", cmd.Args, p.log)
		}
	})
	up := make(chan struct{})
	go func() {
		defer close(p.ended)
		lines, waiting := bufio.NewScanner(out), true
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			fmt.Fprintln(p.log, lines.Text())
			if waiting && found(lines.Text(), p) {
				waiting = false
				close(up)
			}
		}
		_ = cmd.Wait()
	}()
	select {
	case <-up:
	case <-p.ended:
		t.Fatalf("%v ended at once:\n%s", cmd.Args, p.log)
	case <-time.After(patience):
		t.Fatalf("%v did not come up:\n%s", cmd.Args, p.log)
	}
	return p
}

// start runs the program of a release as its pod would: command, arguments and environment of the container, files of the ConfigMaps. Only where it
// listens is said otherwise.
func start(t *testing.T, r *release, container string) *pod {
	t.Helper()
	c := r.only(t, "Deployment").container(t, container)
	dir := writeConfig(t, r)
	args := c.texts("args")
	for i := range args {
		args[i] = strings.Replace(args[i], "/etc/"+r.Chart+"/", dir+"/", 1)
	}
	cmd := exec.Command(program, append(args, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")...)
	cmd.Env = os.Environ()
	for name, value := range c.env() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return run(t, cmd, func(line string, p *pod) bool {
		var up struct{ Msg, Listen, Admin string }
		if json.Unmarshal([]byte(line), &up) != nil || up.Msg != "up" {
			return false
		}
		p.url, p.admin = "http://"+up.Listen, "http://"+up.Admin
		return true
	})
}

// get waits until a GET answers as wanted.
func get(t *testing.T, url string, status int) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		res, err := http.Get(url)
		if err != nil {
			got = err.Error()
			continue
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if got = fmt.Sprint(res.Status, " ", string(body), err); res.StatusCode == status {
			return
		}
	}
	t.Fatalf("GET %s: %s", url, got)
}

// Three charts as they are, one broker: an event that is posted to one comes out of the other.
func TestChartsTogether(t *testing.T) {
	address := regexp.MustCompile(`Kafka\s+(127\.0\.0\.1:\d+)`)
	var broker string
	run(t, exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()), func(line string, _ *pod) bool {
		if m := address.FindStringSubmatch(line); m != nil {
			broker = m[1]
		}
		return strings.Contains(line, "Ctrl-C") && broker != ""
	})
	declared := start(t, render(t, "streamconfig", `stream_files.all={"default_settings":{"topic_prefixes":["eqiad."]},"streams":{
		"eventgate.test.event":{"schema_title":"test/event","destination_event_service":"eventgate"}}}`), "streamconfig")
	streams := declared.url + "/w/api.php?format=json&action=streamconfigs"
	intake := start(t, render(t, "eventgate", "main_app.conf.topic_prefix=eqiad.", "main_app.conf.kafka.conf={\"metadata.broker.list\":\""+broker+"\"}",
		"main_app.conf.stream_config_uri="+streams, "main_app.conf.stream_config_object_path=streams", "debug_mode_enabled=true"), "eventgate")
	streamer := start(t, render(t, "eventstreams", "config.conf.kafka={\"metadata.broker.list\":\""+broker+"\"}",
		"config.conf.stream_config_uri="+streams, "config.conf.stream_config_object_path=streams", `config.conf.schema_base_uris=["file://`+schemas+`"]`), "eventstreams-production")
	pods := []*pod{declared, intake, streamer}
	for _, p := range pods {
		get(t, p.admin+"/healthz", http.StatusOK)
		get(t, p.admin+"/readyz", http.StatusOK)
		get(t, p.admin+"/metrics", http.StatusOK)
	}
	get(t, intake.admin+"/debug/pprof/", http.StatusOK)
	get(t, streamer.admin+"/debug/pprof/", http.StatusNotFound)
	get(t, intake.url+"/v1/_test/events", http.StatusCreated)

	res, err := http.Post(intake.url+"/v1/events", "application/json", strings.NewReader(
		`{"$schema":"/test/event/1.0.0","meta":{"stream":"eventgate.test.event","dt":"2026-01-02T03:04:05Z"},"test":"from the charts"}`))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); res.StatusCode != http.StatusCreated || err != nil {
		t.Fatalf("the event is answered %s %s", res.Status, body)
	}
	_ = res.Body.Close()
	readUntil(t, streamer.url+"/v2/stream/eventgate.test.event?since=2026-01-01T00:00:00Z", "from the charts")

	for _, p := range pods {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range pods {
		select {
		case <-p.ended:
		case <-time.After(patience):
			t.Fatalf("%v does not end", p.cmd.Args)
		}
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("%v ends with %d", p.cmd.Args, code)
		}
	}
}

// readUntil reads a stream until a text comes.
func readUntil(t *testing.T, url, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var seen strings.Builder
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if strings.Contains(lines.Text(), text) {
			return
		}
		seen.WriteString(lines.Text() + "\n")
	}
	t.Fatalf("%s: %q did not come, but\n%s", url, text, seen.String())
}
