package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/test/realkafka"
)

// program is the built binary; TestMain makes it once.
var program string

func TestMain(m *testing.M) {
	if of := os.Getenv(strangersEnv); of != "" {
		strangers(of)
		return
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "eventplatform-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "eventplatform")
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		build := exec.Command("go", "build", "-o", program, "github.com/eventplatform/eventplatform/cmd/eventplatform")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
		return realkafka.Main(m)
	}())
}

// patience bounds every wait of these tests; it is reached only when something is wrong.
const patience = 60 * time.Second

// platform is a running serve.
type platform struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string
	kafka string // the embedded broker's address
	out   *bytes.Buffer
	log   *syncBuffer
	ended chan struct{}
	args  []string
}

var (
	printedURL   = regexp.MustCompile(`eventplatform is up: (http://\S+)`)
	printedKafka = regexp.MustCompile(`Kafka\s+(127\.0\.0\.1:\d+)`)
)

// serve starts the platform on a free port and waits until it has said where it is. The test's end ends it.
func serve(t *testing.T, args ...string) *platform {
	t.Helper()
	p := &platform{t: t, args: args, out: &bytes.Buffer{}, log: &syncBuffer{}, ended: make(chan struct{})}
	p.cmd = exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	p.cmd.Stderr = p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	up := make(chan struct{})
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(stdout)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			p.out.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "Ctrl-C") {
				close(up)
			}
		}
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of %v:\n%s", args, p.log)
		}
	})
	select {
	case <-up:
	case <-p.ended:
		t.Fatalf("serve %v ended at once: %s", args, p.log)
	case <-time.After(patience):
		t.Fatalf("serve %v did not come up", args)
	}
	text := p.out.String()
	p.url = printedURL.FindStringSubmatch(text)[1]
	if m := printedKafka.FindStringSubmatch(text); m != nil {
		p.kafka = m[1]
	}
	return p
}

// command is a command that is killed when it takes much too long.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return exec.CommandContext(ctx, name, args...)
}

// kill ends the program as a power cut would.
func (p *platform) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop ends it in order and wants exit code 0.
func (p *platform) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the platform did not end after SIGTERM")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Fatalf("exit code %d after SIGTERM: %s", code, p.log)
	}
}

// post sends a body to the intake and returns status and answer.
func (p *platform) post(path, contentType, body string) (int, string) {
	p.t.Helper()
	status, text, err := p.tryPost(path, contentType, body)
	if err != nil {
		p.t.Fatal(err)
	}
	return status, text
}

func (p *platform) tryPost(path, contentType, body string) (int, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// syncBuffer is a buffer that a process writes and a test reads.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
