package browser

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// A scenario gives itself less time than this (run.mjs), also on a machine that is busy with other tests.
const patience = 5 * time.Minute

func TestAStreamIsFoundAndWatched(t *testing.T) {
	scenario(t, "streams", start(t, "--demo"))
}

func TestManyStreamsAreSearched(t *testing.T) {
	var streams strings.Builder
	streams.WriteString("streams:\n  eventgate.error.validation: {schema_title: error}\n")
	for i := range 250 {
		fmt.Fprintf(&streams, "  stream.%d: {schema_title: test/event, description: Stream number %d of many.}\n", i, i)
	}
	file := filepath.Join(t.TempDir(), "streams.yaml")
	if err := os.WriteFile(file, []byte(streams.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	scenario(t, "many", start(t, "--streams", file))
}

func TestLiveEventsAreFilteredPausedAndOpened(t *testing.T) {
	scenario(t, "live", start(t, "--demo"))
}

func TestAnEventIsRefusedCorrectedAndSent(t *testing.T) {
	scenario(t, "try", start(t))
}

func TestRefusedEventsAreSummarised(t *testing.T) {
	scenario(t, "errors", start(t))
}

func TestSchemasAndTheirChangesAreRead(t *testing.T) {
	scenario(t, "schemas", start(t))
}

func TestEventContentsAreTextNeverHTML(t *testing.T) {
	scenario(t, "text", start(t))
}

func TestReadersResumeExactlyAfterTheServerWasKilled(t *testing.T) {
	scenario(t, "resume", start(t))
}

func TestManyEventsLeaveThePageSmallAndAlive(t *testing.T) {
	scenario(t, "load", start(t))
}

func TestEveryPageIsAccessibleInEveryForm(t *testing.T) {
	scenario(t, "look", start(t, "--demo"))
}

// scenario runs one .mjs file against a server. A line "@restart" that it prints kills the server and starts it again at the same address; the
// answer is a line on its standard input.
func scenario(t *testing.T, name string, s *server) {
	t.Helper()
	artifacts := filepath.Join(repository(), "artifacts", "browser")
	if err := os.MkdirAll(artifacts, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "run.mjs", name, s.base, artifacts, chromium())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() != "@restart" {
			t.Log(lines.Text())
			continue
		}
		s.kill()
		s.run(t)
		if _, err := io.WriteString(in, "restarted\n"); err != nil {
			t.Errorf("the scenario did not wait for the restart: %v", err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("scenario %s: %v", name, err)
	}
}

// A server is the real program on a data folder of its own.
type server struct {
	data   string
	listen string
	flags  []string
	base   string // http://127.0.0.1:PORT
	cmd    *exec.Cmd
}

func start(t *testing.T, flags ...string) *server {
	t.Helper()
	prepare(t)
	s := &server{data: t.TempDir(), listen: "127.0.0.1:0", flags: flags}
	s.run(t)
	s.listen = strings.TrimPrefix(s.base, "http://") // where it comes again
	t.Cleanup(func() { s.kill() })
	return s
}

// run starts the program and waits until it has printed its address.
func (s *server) run(t *testing.T) {
	t.Helper()
	var log strings.Builder
	s.cmd = exec.Command(program.path, append([]string{"serve", "--data-dir", s.data, "--listen", s.listen}, s.flags...)...)
	s.cmd.Stderr = &log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "http://"); ok {
			s.base = "http://" + strings.Fields(rest)[0]
			go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the program
			return
		}
	}
	_ = s.cmd.Wait()
	t.Fatalf("the program ended before it was up:\n%s", log.String())
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

var program struct {
	once sync.Once
	path string
	err  error
}

// prepare builds the program and installs what the scenarios use, once. It skips the test where there is no browser to drive.
func prepare(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser: not in -short")
	}
	for _, tool := range []string{"node", "npm", chromium()} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed", tool)
			}
			t.Skipf("%s is not installed", tool)
		}
	}
	program.once.Do(func() {
		dir, err := os.MkdirTemp("", "eventplatform-browser")
		if err != nil {
			program.err = err
			return
		}
		program.path = filepath.Join(dir, "eventplatform")
		build := exec.Command("go", "build", "-o", program.path, "./cmd/eventplatform")
		build.Dir = repository()
		if out, err := build.CombinedOutput(); err != nil {
			program.err = fmt.Errorf("go build: %w\n%s", err, out)
			return
		}
		if out, err := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline").CombinedOutput(); err != nil {
			program.err = fmt.Errorf("npm ci: %w\n%s", err, out)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	if program.path != "" {
		_ = os.RemoveAll(filepath.Dir(program.path))
	}
	os.Exit(code)
}

// chromium is the browser: CHROMIUM, else the one of the system.
func chromium() string {
	if named := os.Getenv("CHROMIUM"); named != "" {
		return named
	}
	return "chromium"
}

func repository() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
