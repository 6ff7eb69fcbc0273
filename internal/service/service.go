package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// MaxHeadBytes bounds a request's head. A resume id in Last-Event-ID names every partition of a subscription, so it may be long.
const MaxHeadBytes = 64 << 10

// headTimeout is how long a client may take to send a request's head, idleTimeout how long an unused connection is kept.
const (
	headTimeout = 20 * time.Second
	idleTimeout = 75 * time.Second
)

// Drain ends one part of the service; it must return when ctx is over.
type Drain struct {
	Name string
	Run  func(ctx context.Context) error
}

// Server answers requests; *http.Server is one. Serve returns when Shutdown has been called; Shutdown waits for the requests in flight, or until the
// context is over.
type Server interface {
	Serve(l net.Listener) error
	Shutdown(ctx context.Context) error
}

// Service is one listening process.
type Service struct {
	Listener net.Listener
	Handler  http.Handler
	// Server, if set, answers in the place of Handler.
	Server Server
	// Admin, if set, is a second listener for operators (metrics, profiles). It is closed last, so that the ending can be watched.
	Admin        net.Listener
	AdminHandler http.Handler
	// Reloads run in order on SIGHUP. A failed one is logged and changes nothing. Without any the signal is left alone.
	Reloads []Reload
	// Reloaded, if set, hears what became of each reload.
	Reloaded func(what string, err error)
	// Drains run in order once no new connection is accepted. HTTP requests in flight are waited for between the first and the rest.
	Drains []Drain
	// Grace bounds the whole ending. Requests in flight and the first drain get three quarters of it if other drains come after them.
	Grace  time.Duration
	Logger *slog.Logger
	// Ready is switched off as soon as the ending begins, so that load balancers look elsewhere.
	Ready *Readiness
}

// Listen opens the address; its error is one line for the person at the terminal.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another process: end that one, or choose another address with --listen", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("not allowed to listen on %s: choose a port above 1023 with --listen", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine: choose another one with --listen", address)
	default:
		return nil, fmt.Errorf("cannot listen on %q: %w; give --listen as host:port, for example 127.0.0.1:8080", address, err)
	}
}

// Run serves until ctx is over, then ends in order. It returns nil after an orderly end.
func (s *Service) Run(ctx context.Context) error {
	server := s.Server
	if server == nil {
		server = s.server(s.Handler)
	}
	served := make(chan error, 2)
	go func() { served <- server.Serve(s.Listener) }()
	admin := s.server(s.AdminHandler)
	if s.Admin != nil {
		go func() { served <- admin.Serve(s.Admin) }()
	}
	endReloads := s.reloadOnHangup(ctx)
	var failed error
	select {
	case failed = <-served:
		failed = fmt.Errorf("the HTTP server ended: %w", failed)
	case <-ctx.Done():
	}
	endReloads()
	return errors.Join(failed, s.end(server), admin.Close())
}

func (s *Service) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    MaxHeadBytes,
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
}

func (s *Service) end(server Server) error {
	s.Ready.Set(false)
	ctx, cancel := context.WithTimeout(context.Background(), s.Grace)
	defer cancel()
	// Shutdown closes the listener at once and waits for requests; streams are requests too, so their drain runs beside it, in the same time.
	share := s.Grace
	if len(s.Drains) > 1 {
		share = s.Grace * 3 / 4
	}
	requests, cancelRequests := context.WithTimeout(ctx, share)
	defer cancelRequests()
	shut := make(chan error, 1)
	go func() { shut <- shutdown(requests, server, share) }()
	var errs []error
	for i, d := range s.Drains {
		during := requests
		if i > 0 {
			during = ctx
		}
		if i == 1 {
			errs = append(errs, <-shut)
			shut = nil
		}
		if err := d.Run(during); err != nil {
			errs = append(errs, fmt.Errorf("%s did not end in order: %w", d.Name, err))
		}
	}
	if shut != nil {
		errs = append(errs, <-shut)
	}
	return errors.Join(errs...)
}

// shutdown waits for the requests in flight; those that are left when ctx is over, after the given time, are cut.
func shutdown(ctx context.Context, server Server, share time.Duration) error {
	err := server.Shutdown(ctx)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("requests were cut that took longer than %v of the grace: %w", share, err)
	if c, ok := server.(io.Closer); ok {
		err = errors.Join(err, c.Close())
	}
	return err
}
