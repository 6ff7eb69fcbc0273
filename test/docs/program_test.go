package docs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bin is the folder that has the program.
var bin string

func TestMain(m *testing.M) {
	os.Exit(build(m))
}

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "docs")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "eventplatform"), root+"/cmd/eventplatform").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// limit bounds every wait; it is reached only when something is wrong.
const limit = 2 * time.Minute

// process is a command that keeps running.
type process struct {
	t   *testing.T
	cmd *exec.Cmd

	lock  sync.Mutex
	text  strings.Builder
	ports map[string]string // by what they are for
	up    chan struct{}
}

// launch starts a command on free ports and waits until it says where it listens.
func launch(t *testing.T, dir string, args []string) *process {
	t.Helper()
	p := &process{t: t, ports: map[string]string{}, up: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(bin, "eventplatform"), args...)
	p.cmd.Dir = dir
	out, write := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(out)
	ended := make(chan error, 1)
	go func() {
		err := p.cmd.Wait()
		_ = write.Close()
		ended <- err
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("eventplatform %q ends with %v", args, err)
		}
		if t.Failed() {
			p.lock.Lock()
			defer p.lock.Unlock()
			t.Logf("eventplatform %q wrote\n%s", args, &p.text)
		}
	})
	select {
	case <-p.up:
		return p
	case err := <-ended:
		ended <- err
		t.Fatalf("eventplatform %q has ended", args)
	case <-time.After(limit):
		t.Fatalf("eventplatform %q does not come up", args)
	}
	return nil
}

// said are the lines from which ports are read: the greeting of serve and the log of a service alone.
var said = map[string]*regexp.Regexp{
	"listen": regexp.MustCompile(`^eventplatform is up: http://127\.0\.0\.1:(\d+)`),
	"admin":  regexp.MustCompile(`^  metrics +http://127\.0\.0\.1:(\d+)`),
	"kafka":  regexp.MustCompile(`^  Kafka +127\.0\.0\.1:(\d+)`),
}

func (p *process) read(out io.Reader) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		p.lock.Lock()
		p.text.WriteString(line)
		for what, is := range said {
			if m := is.FindStringSubmatch(line); m != nil {
				p.ports[what] = m[1]
			}
		}
		var entry struct{ Msg, Listen, Admin string }
		up := strings.HasPrefix(line, "End it with")
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "up" {
			up = true
			_, p.ports["listen"], _ = strings.Cut(entry.Listen, ":")
			_, p.ports["admin"], _ = strings.Cut(entry.Admin, ":")
		}
		p.lock.Unlock()
		if up {
			close(p.up)
		}
		if err != nil {
			return
		}
	}
}

// runs runs a script with bash and returns what it prints.
func runs(t *testing.T, dir, script string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NO_PROXY=127.0.0.1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // what it has started too
	out, err := cmd.CombinedOutput()
	return string(out), err
}
