package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// intake is a running eventgate.
type intake struct {
	*platform
	admin string
}

// startIntake runs the stand-alone intake with a conf, whose lines are indented by six, on free ports until the test's end.
func startIntake(t *testing.T, conf string, args ...string) *intake {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("services:\n  - name: intake\n    conf:\n"+conf), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"eventgate", "-c", file, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)
	p := &intake{platform: &platform{t: t, args: args, log: &syncBuffer{}, ended: make(chan struct{})}}
	p.cmd = exec.Command(program, args...)
	p.cmd.Stderr = p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	type up struct{ Msg, Listen, Admin string }
	came := make(chan up, 1)
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(stdout)
		lines.Buffer(nil, 1<<20)
		written := 0
		for lines.Scan() {
			var line up
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "up" {
				came <- line
			}
			if written += len(lines.Bytes()); written < 1<<20 {
				_, _ = fmt.Fprintln(p.log, lines.Text())
			}
		}
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of %v:\n%.20000s", args, p.log)
		}
	})
	select {
	case line := <-came:
		p.url, p.admin = "http://"+line.Listen, "http://"+line.Admin
	case <-p.ended:
		t.Fatalf("%v ended at once: %s", args, p.log)
	case <-time.After(patience):
		t.Fatalf("%v did not come up", args)
	}
	return p
}
