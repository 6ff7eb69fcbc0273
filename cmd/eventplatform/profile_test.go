package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// One command leads from a running service to a picture, a table and the profile itself; a service that is not in debug mode says how to get there.
func TestProfile(t *testing.T) {
	streams := writeFile(t, "streams.yaml", testStreams)
	open := start(t, "streamconfig", "--streams", streams, "--debug")
	closed := start(t, "streamconfig", "--streams", streams)
	picture := filepath.Join(t.TempDir(), "flame.svg")
	if code, _, text := said(t, "", "profile", open.admin, "--seconds", "1", "-o", picture); code != 0 {
		t.Fatalf("exit code %d: %s", code, text)
	}
	if text, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(text, []byte("<svg ")) {
		t.Errorf("the picture is %.100s, %v", text, err)
	}
	raw := filepath.Join(t.TempDir(), "heap.pb.gz")
	code, table, text := said(t, "", "profile", open.admin, "--kind", "heap", "--top", "-o", raw)
	if code != 0 || !strings.Contains(table, "FUNCTION") {
		t.Errorf("exit code %d: %s%s", code, table, text)
	}
	if text, err := os.ReadFile(raw); err != nil || !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		t.Errorf("the profile is %.100q, %v", text, err)
	}
	if code, _, text := said(t, "", "profile", closed.admin, "--top"); code != 1 || !strings.Contains(text, "--debug") {
		t.Errorf("without debug mode: exit code %d, %s", code, text)
	}
	if code, _, text := said(t, "", "profile", open.admin); code != 1 || !strings.Contains(text, "-o flame.svg") {
		t.Errorf("without an output: exit code %d, %s", code, text)
	}
}

// What the admin port has besides metrics: health, and the log level.
func TestAdminPort(t *testing.T) {
	s := start(t, "streamconfig", "--streams", writeFile(t, "streams.yaml", testStreams))
	for _, path := range []string{"/metrics", "/anything", "/healthz", "/readyz"} {
		if status, _ := ask(t, http.MethodGet, s.admin+path, ""); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _ := ask(t, http.MethodGet, s.url+"/loglevel", ""); status != http.StatusNotFound {
		t.Errorf("the log level is on the port of all: %d", status)
	}
	status, text := ask(t, http.MethodPut, s.admin+"/loglevel?level=debug&for=1h", "")
	if status != http.StatusOK || !strings.Contains(text, `"level":"debug"`) || !strings.Contains(text, `"until":`) {
		t.Errorf("the change is answered %d %s", status, text)
	}
	s.says("the log level is changed for a time")
	if _, text := ask(t, http.MethodDelete, s.admin+"/loglevel", ""); !strings.Contains(text, `"level":"info"`) {
		t.Errorf("the end of the change is answered %s", text)
	}
}

// Lines are in the Elastic Common Schema where the file or the flag says so.
func TestLogFormat(t *testing.T) {
	file := writeFile(t, "c.yaml", "logging: {format: ecs}\nservices: [{name: declarations, conf: {streams: ["+writeFile(t, "streams.yaml", testStreams)+"]}}]")
	code, out, text := said(t, "", "streamconfig", "-c", file, "--check", "--log-format", "bunyan")
	if code != 0 {
		t.Fatalf("exit code %d: %s%s", code, out, text)
	}
	s := start(t, "streamconfig", "-c", file, "--log-format", "bunyan") // the line that says it is up is looked for in bunyan's members
	_, _ = ask(t, http.MethodPut, s.admin+"/loglevel?level=debug", "")
	s.says(`"msg":"the log level is changed for a time"`)
}
