package e2e

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What keeps the platform from starting is said in one line with its remedy, and the exit code is 1.
func TestStartErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	inUse := t.TempDir()
	serve(t, "--data-dir", inUse)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "streams.yaml")
	if err := os.WriteFile(broken, []byte("streams:\n  a: [\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		says []string
	}{
		{"port taken", []string{"--listen", taken.Addr().String(), "--data-dir", t.TempDir()}, []string{taken.Addr().String(), "--listen"}},
		{"directory is a file", []string{"--data-dir", file}, []string{file, "--data-dir"}},
		{"directory in use", []string{"--data-dir", inUse}, []string{inUse, "--data-dir"}},
		{"schema folder missing", []string{"--schemas", "/no/such/folder", "--data-dir", t.TempDir()}, []string{"/no/such/folder", "--schemas"}},
		{"stream file missing", []string{"--streams", "/no/such/file.yaml", "--data-dir", t.TempDir()}, []string{"/no/such/file.yaml"}},
		{"stream file broken", []string{"--streams", broken, "--data-dir", t.TempDir()}, []string{broken + ":"}},
		{"broker unreachable", []string{"--kafka", "127.0.0.1:1"}, []string{"127.0.0.1:1", "--kafka"}},
		{"prefix that no stream has", []string{"--topic-prefix", "mars.", "--data-dir", t.TempDir()}, []string{"mars.", "datacenter1."}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, program, append([]string{"serve", "--listen", "127.0.0.1:0"}, test.args...)...)
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); err == nil || code != 1 {
				t.Errorf("exit code %d: %s", code, out)
			}
			text := strings.TrimSpace(string(out))
			if strings.Contains(text, "\n") || !strings.HasPrefix(text, "eventplatform: ") {
				t.Errorf("not one line of ours: %s", text)
			}
			for _, word := range test.says {
				if !strings.Contains(text, word) {
					t.Errorf("does not say %q: %s", word, text)
				}
			}
		})
	}
}

// An ending in order: streams end cleanly, the exit code is 0, and the next start goes on with the same positions.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	p := serve(t, "--data-dir", dir)
	reader := p.open("test.event", "", "")
	p.post("/v1/events", "application/json", testEvent(1))
	id := reader.next(1)[0].id
	p.post("/v1/events", "application/json", testEvent(2))
	reader.next(1)
	p.stop()
	p = serve(t, "--data-dir", dir)
	p.post("/v1/events", "application/json", testEvent(3))
	got := p.open("test.event", "", id).next(2)
	if number(got[0]) != "2" || number(got[1]) != "3" {
		t.Errorf("after the restart came %q and %q", number(got[0]), number(got[1]))
	}
}

// One platform takes schemas and stream configuration from another over HTTP, and finds out from them what topics begin with.
func TestConfiguredByAnother(t *testing.T) {
	first := serve(t, "--data-dir", t.TempDir())
	second := serve(t, "--data-dir", t.TempDir(), "--schemas", first.url+"/repositories/embedded/jsonschema",
		"--streams", first.url+"/w/api.php?action=streamconfigs&format=json")
	reader := second.open("test.event", "", "")
	if status, text := second.post("/v1/events", "application/json", testEvent(1)); status != 201 {
		t.Fatalf("%d: %s", status, text)
	}
	if topic, _, _ := reader.next(1)[0].position(t); topic != "datacenter1.test.event" {
		t.Errorf("the event went to %s", topic)
	}
}
