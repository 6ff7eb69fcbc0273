package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/eventplatform/eventplatform/check"
	"github.com/eventplatform/eventplatform/internal/service"
)

// checkServeCommand serves checks to Prometheus. What they are held against is said here, for all targets; a request may name a data centre (dc) and a
// stream for the intake (stream).
type checkServeCommand struct {
	Listen  string           `default:"127.0.0.1:9115" help:"Address to listen on." placeholder:"HOST:PORT"`
	Allow   []string         `help:"A server that may be checked: http://host:port, or with the path that targets must begin with. Repeatable. Others are refused." placeholder:"URL" sep:"none"`
	Longest duration         `default:"60s" help:"How long a check may take, if Prometheus does not want it sooner." placeholder:"TIME"`
	Stream  streamThresholds `embed:"" prefix:"stream-"`
	Intake  intakeThresholds `embed:"" prefix:"intake-"`
	Lag     lagThresholds    `embed:"" prefix:"lag-"`
	Canary  canaryThresholds `embed:"" prefix:"canary-"`
	canaryFlags
}

// Run serves until the context is over.
func (c *checkServeCommand) Run(ctx context.Context, t *terminal) error {
	for _, server := range c.Allow {
		if u, err := url.Parse(server); err != nil || u.Host == "" {
			return fmt.Errorf("--allow %s: write a URL, such as https://stream.example.org", server)
		}
	}
	listener, err := service.Listen(c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	log := service.NewLogger(t.Err, service.LogConfig{Name: "check", Level: slog.LevelInfo, NamedLevels: true})
	log.Info("up", "listen", listener.Addr().String(), "version", service.Version())
	ready := &service.Readiness{}
	ready.Set(true)
	prober := &check.Prober{Modules: c.modules(), Allow: c.Allow, Longest: time.Duration(c.Longest)}
	return (&service.Service{Listener: listener, Handler: prober.Handler(), Grace: patience, Logger: log, Ready: ready}).Run(ctx)
}

var errNoTarget = errors.New("target is missing: /probe?module=stream&target=http://host/v2/stream/name")

func (c *checkServeCommand) modules() map[string]func(context.Context, string, url.Values) (check.Result, error) {
	return map[string]func(context.Context, string, url.Values) (check.Result, error){
		"stream": func(ctx context.Context, target string, q url.Values) (check.Result, error) {
			held := c.Stream
			if dc := q.Get("dc"); dc != "" {
				held.DC = dc
			}
			one, err := held.check(target)
			if target == "" || err != nil {
				return check.Result{}, errors.Join(err, errNoTarget)
			}
			return one.Run(ctx), nil
		},
		"intake": func(ctx context.Context, target string, q url.Values) (check.Result, error) {
			held := c.Intake
			if stream := q.Get("stream"); stream != "" {
				held.Stream = stream
			}
			if target == "" {
				return check.Result{}, errNoTarget
			}
			return held.check(target).Run(ctx), nil
		},
		"lag": func(ctx context.Context, target string, _ url.Values) (check.Result, error) {
			if target == "" {
				return check.Result{}, errNoTarget
			}
			return c.Lag.check(target).Run(ctx), nil
		},
		"canary": func(ctx context.Context, target string, q url.Values) (check.Result, error) {
			if target != "" {
				return check.Result{}, errors.New("the canary check has no target: it looks at all streamers it was started with")
			}
			return c.Canary.check(ctx, &c.canaryFlags, q["stream"])
		},
	}
}
