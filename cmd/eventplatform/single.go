package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// singleFlags are what the commands that run one service share. They win over the file.
type singleFlags struct {
	Check       bool     `help:"Say everything that is wrong in the file, and what in it has no meaning here; start nothing."`
	Listen      string   `help:"Address to listen on, instead of the file's." placeholder:"HOST:PORT"`
	AdminListen string   `help:"Address of metrics and profiles, instead of the file's." placeholder:"HOST:PORT"`
	LogFormat   string   `help:"What the members of a log line are called, instead of the file's: as bunyan does, or as the Elastic Common Schema (ecs)." enum:",bunyan,ecs" default:""`
	LogLevel    string   `help:"Which lines are logged, instead of the file's: trace, debug, info, warn, error or fatal." placeholder:"LEVEL"`
	Streams     []string `help:"Stream configuration: a file, a folder or a URL, instead of the file's. Repeatable: a later one's streams win." placeholder:"FILE|URL" sep:"none"`
	Grace       duration `default:"10s" help:"How long an ending may take: requests in flight, open streams, unsent events." placeholder:"TIME"`
	Debug       bool     `help:"Serve profiles on the admin address."`
}

func (f *singleFlags) overrides() config.Overrides {
	return config.Overrides{Listen: f.Listen, AdminListen: f.AdminListen, LogLevel: f.LogLevel, LogFormat: f.LogFormat, Streams: absolute(f.Streams), Checking: f.Check}
}

// absolute makes paths independent of the working directory; what has a scheme stays.
func absolute(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = p
		if !strings.Contains(p, "://") {
			if abs, err := filepath.Abs(p); err == nil {
				out[i] = abs
			}
		}
	}
	return out
}

// checked prints the report of --check; anything wrong makes the command fail.
func (f *singleFlags) checked(t *terminal, file string, report *config.Report) error {
	if err := report.Print(t.Out); err != nil {
		return err
	}
	if report.Err() != nil {
		return errFailed
	}
	_, err := fmt.Fprintf(t.Out, "%s: nothing is wrong\n", file)
	return err
}

// single is what every service that runs alone has.
type single struct {
	log      *slog.Logger
	level    *service.Level
	metrics  *metrics.Metrics
	tracing  *tracing
	reloaded func(what string, err error)
	ready    *service.Readiness
	listener net.Listener
	admin    net.Listener // nil without one
	flags    *singleFlags
	ending   []func() // what close ends, the last first
	started  time.Time
	page     http.Handler                          // the service with the page in front of it; nil without one
	front    func(admin http.Handler) http.Handler // the same for the admin port

	streamsReloaded func() // called after each reload of the stream configuration that worked; may be nil
}

// open takes the addresses and makes log and metrics. Close must be called in the end, also if it fails.
func (f *singleFlags) open(t *terminal, c config.Service, report *config.Report) (_ *single, err error) {
	if err := report.Err(); err != nil {
		return nil, err
	}
	s := &single{flags: f, ready: &service.Readiness{}, metrics: metrics.New(c.Name), started: time.Now()}
	s.reloaded = s.metrics.Reloads()
	out := t.Out
	if c.LogToStderr {
		out = t.Err
	}
	s.level = service.NewLevel(c.LogLevel)
	s.log = service.NewLogger(out, service.LogConfig{
		Name: c.Name, Level: s.level, Format: c.LogFormat, NamedLevels: c.NamedLevels, Suppressed: s.metrics.Suppressed(),
	})
	if s.tracing, err = newTracing(c.Name, c.TracingEndpoint, c.TracingSampling, s.log); err != nil {
		return nil, err
	}
	if s.tracing != nil {
		s.atEnd(s.tracing.close)
	}
	for _, w := range report.Warnings {
		s.log.Warn("configuration: " + w.String())
	}
	if s.listener, err = service.Listen(c.Listen); err != nil {
		return nil, err
	}
	s.atEnd(func() { _ = s.listener.Close() })
	if c.AdminListen == "" {
		return s, nil
	}
	if s.admin, err = service.Listen(c.AdminListen); err != nil {
		s.close()
		return nil, fmt.Errorf("the admin address: %s", strings.ReplaceAll(err.Error(), "--listen", "--admin-listen"))
	}
	s.atEnd(func() { _ = s.admin.Close() })
	return s, nil
}

// atEnd has close call something.
func (s *single) atEnd(end func()) { s.ending = append(s.ending, end) }

func (s *single) close() {
	for i := len(s.ending) - 1; i >= 0; i-- {
		s.ending[i]()
	}
	s.ending = nil
}

// background runs something until close.
func (s *single) background(run func(ctx context.Context)) {
	s.atEnd(background(context.Background(), run))
}

// run serves until ctx is over. What the caller gave says what is served; the rest is the same for every service. Health is asked for on the admin
// address: the Node.js services have no such paths, and theirs may all be asked for by somebody.
func (s *single) run(ctx context.Context, run *service.Service) error {
	up := []any{"listen", s.listener.Addr().String(), "version", service.Version()}
	if s.admin != nil {
		up = append(up, "admin", s.admin.Addr().String())
	}
	s.log.Info("up", up...)
	s.ready.Set(true)
	admin := adminRoutes(s.metrics, s.ready, s.level, s.flags.Debug)
	if own := run.AdminHandler; own != nil {
		admin.Handle("/clients", own)
		admin.Handle("/clients/", own)
	}
	run.Listener, run.Admin, run.AdminHandler = s.listener, s.admin, admin
	if s.front != nil {
		run.AdminHandler = s.front(admin)
	}
	run.Reloaded, run.Grace, run.Logger, run.Ready = s.reloaded, time.Duration(s.flags.Grace), s.log, s.ready
	return run.Run(ctx)
}

// declarations are a service's view of the stream configuration, kept up to date.
type declarations struct {
	current func() *streamconfig.Config
	reload  func(context.Context) error
	// find fetches once for a stream that is not known; nil if the configuration is not dynamic.
	find func(ctx context.Context, name string) error
}

// openStreams reads the stream configuration: from sources in the platform's form, or as a client of a service.
func (s *single) openStreams(ctx context.Context, c config.Streams) (*declarations, error) {
	if len(c.Sources) > 0 {
		return s.openStore(ctx, c.Sources)
	}
	c.Client.Logger, c.Client.Observer = s.log, &followed{s.metrics.StreamConfig(), s.streamsReloaded}
	client, err := streamconfig.NewClient(ctx, c.Client)
	if err != nil {
		return nil, fmt.Errorf("%w; is stream_config_uri right? --streams takes another place", err)
	}
	s.atEnd(client.Close)
	if err := c.Usable(client.Current()); err != nil {
		return nil, err
	}
	s.background(client.Run)
	s.metrics.Streams(func() int { return len(client.Current().Streams()) }, func() time.Time { return time.Now().Add(-client.Age()) })
	d := &declarations{current: client.Current, reload: client.Reload}
	if c.Client.Dynamic {
		d.find = func(ctx context.Context, name string) error {
			_, _, err := client.Find(ctx, name)
			return err
		}
	}
	return d, nil
}

func (s *single) openStore(ctx context.Context, sources []string) (*declarations, error) {
	store, err := streamconfig.NewStore(ctx, streamconfig.StoreConfig{
		Layout: streamconfig.Layout{Streams: sources}, Logger: s.log, Observer: &followed{s.metrics.StreamConfig(), s.streamsReloaded},
	})
	if err != nil {
		return nil, err
	}
	s.background(store.Watch)
	s.metrics.Streams(func() int { return len(store.Current().Streams()) }, store.Read)
	return &declarations{current: store.Current, reload: store.Reload}, nil
}

// followed is an observer of the stream configuration that also has something done after each reload that worked; then may be nil.
type followed struct {
	streamconfig.Observer
	then func()
}

func (f *followed) ConfigReloaded(took time.Duration, err error) {
	f.Observer.ConfigReloaded(took, err)
	if err == nil && f.then != nil {
		f.then()
	}
}
