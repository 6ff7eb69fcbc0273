package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/internal/service"
)

// The intake's own server can be one of those that succeed each other.
var _ service.Server = (*eventgate.FastServer)(nil)

// A successor gets the new connections; open ones stay where they are, and the ending waits for requests at every server.
func TestSuccession(t *testing.T) {
	var s succession
	arrived, release := make(chan struct{}), make(chan struct{})
	server := func(name string) *http.Server {
		return &http.Server{ReadHeaderTimeout: limit, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				close(arrived)
				<-release
			}
			_, _ = io.WriteString(w, name)
		})}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	retired := make(chan string, 2)
	s.succeed(server("first"), func() { retired <- "first" })
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	client := func() *http.Client { return &http.Client{Transport: &http.Transport{}, Timeout: limit} }
	once := func() *http.Client {
		return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: limit}
	}
	get := func(c *http.Client, path string) string {
		response, err := c.Get("http://" + l.Addr().String() + path)
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		return string(text)
	}
	old := client()
	if got := get(old, "/"); got != "first" {
		t.Fatalf("before: %q", got)
	}
	slow := make(chan string, 1)
	go func() { slow <- get(once(), "/slow") }()
	<-arrived

	s.succeed(server("second"), func() { retired <- "second" })
	if got := get(old, "/"); got != "first" {
		t.Errorf("an open connection: %q", got)
	}
	if got := get(once(), "/"); got != "second" {
		t.Errorf("a new connection: %q", got)
	}
	select {
	case name := <-retired:
		t.Fatalf("%s ended with connections open", name)
	default:
	}
	close(release)
	if got := <-slow; got != "first" {
		t.Errorf("the request in flight: %q", got)
	}
	old.CloseIdleConnections()
	if got := <-retired; got != "first" {
		t.Errorf("%s was retired", got)
	}

	arrived, release = make(chan struct{}), make(chan struct{})
	go func() { slow <- get(once(), "/slow") }()
	<-arrived
	silent, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(ctx) }()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	select {
	case err := <-ended:
		t.Fatalf("the ending did not wait for the request in flight: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	if got := <-slow; got != "second" {
		t.Errorf("the request in flight at the end: %q", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if got := get(client(), "/"); !strings.Contains(got, "refused") {
		t.Errorf("after the end: %q", got)
	}
}
