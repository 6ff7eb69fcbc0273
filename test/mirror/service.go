package mirror

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/test/realkafka"
)

// service is one of our programs, which can be killed and started again at the same address.
type service struct {
	program string
	dir     string // where it runs: paths in its configuration are relative to it
	args    []string
	env     []string // besides the environment
	logFile string
	listen  string // host:port

	cmd    *exec.Cmd
	exited chan struct{}
}

// url is where the service is reached.
func (s *service) url() string { return "http://" + s.listen }

const (
	startTries = 5
	startAgain = time.Second
)

// start runs the service and waits until it listens. It tries again a few times: the port may be in use for a moment.
func (s *service) start(ctx context.Context) error {
	for try := 1; ; try++ {
		err := s.startOnce(ctx)
		if err == nil || try == startTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(startAgain):
		}
	}
}

func (s *service) startOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	log, err := os.OpenFile(s.logFile, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	cmd := exec.Command(s.program, append(s.args, "--listen", s.listen)...)
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Dir, cmd.Stderr = s.dir, log
	realkafka.DieWithParent(cmd)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		_ = log.Close()
		return err
	}
	up, exited := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(exited)
		defer log.Close()
		lines := bufio.NewScanner(stdout)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var line struct{ Msg string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "up" {
				up <- struct{}{}
			}
			_, _ = fmt.Fprintln(log, lines.Text())
		}
		_ = cmd.Wait() // killed, as a rule
	}()
	s.cmd, s.exited = cmd, exited
	select {
	case <-up:
		return nil
	case <-exited:
		return fmt.Errorf("%s ended at once:\n%s", strings.Join(s.args, " "), s.logTail())
	case <-ctx.Done():
		s.kill()
		return fmt.Errorf("%s did not come up:\n%s", strings.Join(s.args, " "), s.logTail())
	}
}

// kill ends the service as a crash does. It may be called twice, and before start.
func (s *service) kill() {
	if s == nil || s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.exited
}

// logTail is what the service said last.
func (s *service) logTail() string {
	text, err := os.ReadFile(s.logFile)
	if err != nil {
		return err.Error()
	}
	const tail = 4000
	return string(text[max(0, len(text)-tail):])
}
