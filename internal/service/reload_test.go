package service

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestHangupReloads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals on Windows")
	}
	var log bytes.Buffer
	heard := make(chan string)
	results := make(chan error, 10)
	failure := errors.New("no such file")
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &Service{
		Listener: l, Handler: http.NotFoundHandler(), Grace: time.Second, Ready: &Readiness{}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Reloads: []Reload{
			{"the streams", func(context.Context) error { return failure }},
			{"the schemas", func(context.Context) error { return nil }},
		},
		Reloaded: func(what string, err error) {
			results <- err
			heard <- what
		},
	}
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	// The signal is sent again until it is heard, because the service may not listen yet. It is caught here too, so that it does not end the test.
	defer catch()()
	first := ""
	for first == "" {
		hangup(t)
		select {
		case first = <-heard:
		case <-time.After(10 * time.Millisecond):
		}
	}
	if second := <-heard; first != "the streams" || second != "the schemas" {
		t.Errorf("reloaded %q, then %q", first, second)
	}
	if err := <-results; err != failure {
		t.Errorf("the failure was told as %v", err)
	}
	if err := <-results; err != nil {
		t.Errorf("the success was told as %v", err)
	}
	go func() {
		for range heard {
			continue // later signals
		}
	}()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	close(heard)
	if text := log.String(); !strings.Contains(text, "no such file") || !strings.Contains(text, "still in use") {
		t.Errorf("the log does not tell of the failure: %s", text)
	}
}

func hangup(t *testing.T) {
	t.Helper()
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Signal(syscall.SIGHUP)
	}
	if err != nil {
		t.Fatal(err)
	}
}
