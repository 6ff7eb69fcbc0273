package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Other Kafka clients read what the platform has written, and what they write is streamed: also to a topic that is not there yet, and that lasts.
func TestKcat(t *testing.T) {
	tool := kcat(t)
	dir := t.TempDir()
	declarations := dir + "/streams.yaml"
	const text = "default_settings:\n  topic_prefixes: [datacenter1.]\nstreams:\n  test.event:\n    schema_title: test/event\n" +
		"  /^foreign\\./:\n    schema_title: test/event\n  foreign.one:\n    schema_title: test/event\n    topics: [made.by.kcat]\n"
	if err := os.WriteFile(declarations, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	p := serve(t, "--data-dir", data, "--streams", declarations)
	if status, text := p.post("/v1/events", "application/json", testEvent(7)); status != http.StatusCreated {
		t.Fatalf("%d: %s", status, text)
	}
	out, err := command(t, tool, "-C", "-b", p.kafka, "-t", "datacenter1.test.event", "-e", "-q").Output()
	if err != nil || !strings.Contains(string(out), `"test":"7"`) {
		t.Fatalf("kcat read %q: %v", out, err)
	}

	live := p.open("test.event,foreign.one", "", "")
	produce := func(topic, value string) {
		cmd := command(t, tool, "-P", "-b", p.kafka, "-t", topic)
		cmd.Stdin = strings.NewReader(value + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("kcat -P %s: %v: %s", topic, err, out)
		}
	}
	produce("datacenter1.test.event", `{"from":"kcat"}`)
	if f := live.next(1)[0]; !strings.HasPrefix(f.data, `{"from":"kcat"`) {
		t.Errorf("streamed %s", f.data)
	}
	produce("made.by.kcat", `{"from":"kcat, to a new topic"}`)
	if f := live.next(1)[0]; !strings.Contains(f.data, "to a new topic") {
		t.Errorf("streamed %s", f.data)
	}

	p.kill()
	p = serve(t, "--data-dir", data, "--streams", declarations)
	if f := p.open("foreign.one", "?since=2000-01-01T00:00:00Z", "").next(1)[0]; !strings.Contains(f.data, "to a new topic") {
		t.Errorf("after a restart: %s", f.data)
	}
}

// kcat is Debian's kcat, or kafkacat as it was called.
func kcat(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"kcat", "kafkacat"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "kcat is not installed (apt-get install kcat)"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// The development lines of the operators' page: a post of /test/event/0.0.2, and the topic that it can be read from.
func TestOperatorsDevelopmentLines(t *testing.T) {
	tool := kcat(t)
	p := serve(t, "--data-dir", t.TempDir())
	const event = `{"$schema": "/test/event/0.0.2", "meta": {"stream": "test.event", "id": "12345678-1234-5678-1234-567812345678", ` +
		`"dt": "2019-01-01T00:00:00Z", "domain": "wikimedia.org"}, "test": "specific test value"}`
	out, err := command(t, "curl", "-v", "-H", "Content-Type: application/json", "-d", event, p.url+"/v1/events").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "< HTTP/1.1 201 ") {
		t.Fatalf("curl: %v\n%s", err, out)
	}
	out, err = command(t, tool, "-C", "-b", p.kafka, "-t", "datacenter1.test.event", "-e", "-q").Output()
	if err != nil || strings.TrimSpace(string(out)) != event {
		t.Fatalf("%s read %q: %v", tool, out, err)
	}
}

// The lines that the program prints at its start work as printed.
func TestPrintedLines(t *testing.T) {
	p := serve(t, "--data-dir", t.TempDir())
	var lines []string
	for line := range strings.Lines(p.out.String()) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "curl ") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 3 {
		t.Fatalf("%d lines are printed:\n%s", len(lines), p.out)
	}
	wants := []string{"HTTP/1.1 201 ", `"test":"hello"`, `"schema_title":"test/event"`}
	for i, line := range lines {
		start := time.Now()
		out, err := command(t, "sh", "-c", line).Output()
		if err != nil || !strings.Contains(string(out), wants[i]) {
			t.Errorf("%s\n%v after %s: %s", line, err, time.Since(start), out)
		}
	}
	if t.Failed() {
		fmt.Println(p.out)
	}
}
