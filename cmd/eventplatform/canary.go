package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/canary"
	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/internal/service"
)

// canaryCommand sends canary events:
//
//	schemas ─▶ canary.Producer ─POST─▶ the intake of each service in each data centre
//	streams ──────▲
type canaryCommand struct {
	Stream      []string `arg:"" optional:"" help:"Only these streams. Default: all that want canary events." placeholder:"STREAM"`
	Once        bool     `help:"Send one round, print what became of it and end: with exit code 1 if any event was not produced."`
	DryRun      bool     `help:"Print the events of a round and where they would go; send nothing."`
	Interval    duration `default:"15m" help:"Time from one round to the next, give or take a tenth." placeholder:"TIME"`
	AdminListen string   `help:"Address of metrics. Default: none." placeholder:"HOST:PORT"`
	canaryFlags
}

// Run sends rounds until the context is over, or one.
func (c *canaryCommand) Run(ctx context.Context, t *terminal) error {
	if c.Interval <= 0 {
		return errors.New("--interval must be longer than nothing")
	}
	log := service.NewLogger(t.Err, service.LogConfig{Name: "canary", Level: slog.LevelInfo, NamedLevels: true})
	m := metrics.New("canary")
	cfg, err := c.open(ctx, log, m)
	if err != nil {
		return err
	}
	defer cfg.close()
	cfg.Only, cfg.Observer = c.Stream, m.Canary()
	switch {
	case c.DryRun:
		return printPlan(t, canary.New(cfg.Config).Plan(ctx))
	case c.Once:
		report := canary.New(cfg.Config).Round(ctx)
		if err := report.Write(t.Out); err != nil {
			return err
		}
		return failedIf(report.Failed() || report.Streams == 0) // who asks for a round means some stream
	case c.AdminListen == "":
		cfg.run(ctx, time.Duration(c.Interval), log)
		return nil
	}
	admin, err := service.Listen(c.AdminListen)
	if err != nil {
		return fmt.Errorf("the admin address: %s", strings.ReplaceAll(err.Error(), "--listen", "--admin-listen"))
	}
	defer admin.Close()
	log.Info("up", "admin", admin.Addr().String(), "version", service.Version())
	defer background(ctx, func(ctx context.Context) { cfg.run(ctx, time.Duration(c.Interval), log) })()
	ready := &service.Readiness{}
	ready.Set(true)
	return (&service.Service{Listener: admin, Handler: m.Handler(), Grace: patience, Logger: log, Ready: ready}).Run(ctx)
}

// run sends rounds until ctx is over, each of the stream configuration as it is then.
func (c *canaryConfig) run(ctx context.Context, interval time.Duration, log *slog.Logger) {
	canary.New(c.Config).Run(ctx, interval, func(r *canary.Report) {
		logRound(log, r)
		if err := c.refresh(ctx); err != nil && ctx.Err() == nil {
			log.Warn("the stream configuration cannot be read again; the last good one stays in use", "err", err)
		}
	})
}

// logRound writes a line for the round and one for each event that was not produced.
func logRound(log *slog.Logger, r *canary.Report) {
	for i := range r.Outcomes {
		if o := &r.Outcomes[i]; o.Result != canary.Produced {
			log.Warn("a canary event was not produced: "+o.String(), "stream", o.Event.Stream, "datacenter", o.Target.Datacenter, "result", string(o.Result))
		}
	}
	log.Info(r.Summary())
}

// printPlan prints what would be sent, an event a line behind the URL it would go to.
func printPlan(t *terminal, outcomes []canary.Outcome) error {
	failed := false
	for i := range outcomes {
		o := &outcomes[i]
		line := o.Target.URL + "\t" + string(o.Event.Text)
		if o.Result == canary.Impossible {
			failed, line = true, o.String()
		}
		if _, err := fmt.Fprintln(t.Out, line); err != nil {
			return err
		}
	}
	return failedIf(failed)
}

// failedIf is the error of a command that has said itself what failed.
func failedIf(failed bool) error {
	if failed {
		return errFailed
	}
	return nil
}

// startCanary sends canary events to the platform's own front door until the returned function is called. The data centre is the one that its topics
// begin with.
func startCanary(ctx context.Context, base string, p *platform, interval time.Duration) (stop func()) {
	target := canary.Target{Datacenter: strings.TrimSuffix(p.prefix, "."), URL: base + "/v1/events"}
	producer := canary.New(canary.Config{
		Streams: p.current, Schemas: p.schemas, Services: func(string) []canary.Target { return []canary.Target{target} },
		UserAgent: userAgent(), Observer: p.metrics.Canary(),
	})
	return background(ctx, func(ctx context.Context) {
		producer.Run(ctx, interval, func(r *canary.Report) { logRound(p.log, r) })
	})
}

// userAgent is what requests of this program say they are from.
func userAgent() string { return "eventplatform/" + service.Version() }
