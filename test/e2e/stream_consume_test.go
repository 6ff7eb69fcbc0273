package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A consumer is killed again and again while events come; started again with the same state and output, its output has every event exactly once, in order.
func TestConsumeKilled(t *testing.T) {
	p := serve(t, "--data-dir", t.TempDir())
	dir := t.TempDir()
	out := filepath.Join(dir, "events.ndjson")
	const events, kills = 6_000, 8
	posted := make(chan error, 1)
	go func() {
		for n := range int64(events) {
			if status, text, err := p.tryPost("/v1/events", "application/json", testEvent(n)); err != nil || status != http.StatusCreated {
				posted <- fmt.Errorf("event %d: %d %s %w", n, status, text, err)
				return
			}
		}
		posted <- nil
	}()
	for kill := range kills + 1 {
		file, err := os.OpenFile(out, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		said := &syncBuffer{}
		consumer := exec.Command(program, "consume", p.url, "test.event", "--since=0", "--state", filepath.Join(dir, "position"))
		consumer.Stdout, consumer.Stderr = file, said
		if err := consumer.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = consumer.Process.Kill() })
		enough := events * (kill + 1) / (kills + 1)
		waitUntil(t, func() bool { return bytes.Count(read(t, out), []byte("\n")) >= enough }, func() string {
			return fmt.Sprintf("%d of %d events are written; %s", bytes.Count(read(t, out), []byte("\n")), enough, said)
		})
		_ = consumer.Process.Kill()
		_ = consumer.Wait()
		if kill%2 == 1 { // as if it had died between writing events and keeping its position
			_, _ = file.WriteString("{\"test\":\"written, not flushed\"}\n{\"te")
		}
		_ = file.Close()
	}
	if err := <-posted; err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(read(t, out))) {
		if got := number(frame{data: line}); got != fmt.Sprint(n) {
			t.Fatalf("line %d is event %s: %s", n, got, line)
		}
		n++
	}
	if n != events {
		t.Errorf("%d events are in the output", n)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// waitUntil asks again and again until something holds.
func waitUntil(t *testing.T, holds func() bool, otherwise func() string) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	tooLate := time.After(patience)
	for !holds() {
		select {
		case <-again.C:
		case <-tooLate:
			t.Fatal(otherwise())
		}
	}
}

// A consumer that is cut before its first event goes on where it began, and not with what comes then.
func TestConsumeCutBeforeTheFirstEvent(t *testing.T) {
	p := serve(t, "--data-dir", t.TempDir())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	began, produced := make(chan struct{}), make(chan struct{})
	go func() { // a proxy that cuts the first connection when the stream has begun, and lets nobody in until the events are there
		for first := true; ; first = false {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(out, in)
				_ = out.Close()
			}()
			if !first {
				go func() {
					_, _ = io.Copy(in, out)
					_ = in.Close()
				}()
				continue
			}
			head := bufio.NewReader(io.TeeReader(out, in))
			for {
				line, err := head.ReadString('\n')
				if err != nil || line == "\r\n" {
					break
				}
			}
			_ = in.Close()
			_ = out.Close()
			close(began)
			<-produced
		}
	}()
	said, out := &syncBuffer{}, &syncBuffer{}
	consumer := exec.Command(program, "consume", "http://"+listener.Addr().String(), "test.event", "--state", filepath.Join(t.TempDir(), "position"))
	consumer.Stdout, consumer.Stderr = out, said
	if err := consumer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = consumer.Process.Kill()
		_ = consumer.Wait()
	})
	select {
	case <-began:
	case <-time.After(patience):
		t.Fatalf("it does not connect: %s", said)
	}
	const events = 20
	for n := range int64(events) {
		p.post("/v1/events", "application/json", testEvent(n))
		if n == events/2 {
			close(produced)
		}
	}
	waitUntil(t, func() bool { return strings.Count(out.String(), "\n") >= events }, func() string { return out.String() + said.String() })
	n := 0
	for line := range strings.Lines(out.String()) {
		if got := number(frame{data: line}); got != fmt.Sprint(n) {
			t.Errorf("line %d is event %s", n, got)
		}
		n++
	}
}
