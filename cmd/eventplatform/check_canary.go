package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/canary"
	"github.com/eventplatform/eventplatform/check"
	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/internal/service"
)

type checkCanaryCommand struct {
	Stream []string `arg:"" optional:"" help:"Only these streams. Default: all that want canary events." placeholder:"STREAM"`
	canaryThresholds
	canaryFlags
	JSON bool `help:"Print one JSON object, with a measurement for every stream and streamer."`
}

// canaryThresholds are what canary events are held against.
type canaryThresholds struct {
	Streamer []string `help:"Where events must come out, by data centre. Repeatable. Default: streamers in the file of -c." placeholder:"[DC=]URL" sep:"none"`
	Produce  bool     `help:"Send canary events now and wait for them, instead of looking for the last ones."`
	Within   duration `env:"-" help:"Critical if an event takes longer to come out (--produce; default 1m), or if the last one is older (default 35m: two rounds and a little)." placeholder:"TIME"`
	Warning  duration `env:"-" help:"Warning if it takes longer, or is older. Default: none." placeholder:"TIME"`
	requestHeaders
}

const (
	defaultDelay = time.Minute
	defaultAge   = 35 * time.Minute
)

// Run looks for canary events.
func (c *checkCanaryCommand) Run(ctx context.Context, t *terminal) error {
	r, err := c.canaryThresholds.check(ctx, &c.canaryFlags, c.Stream)
	if err != nil {
		return uncheckable(t, c.JSON, "CANARY", err)
	}
	return printed(t, c.JSON, r)
}

func (c *canaryThresholds) check(ctx context.Context, flags *canaryFlags, only []string) (none check.Result, _ error) {
	cfg, err := flags.open(ctx, service.NewLogger(io.Discard, service.LogConfig{}), metrics.New("check"))
	if err != nil {
		return none, err
	}
	defer cfg.close()
	cfg.Only = only
	one := check.Canary{Within: time.Duration(c.Within), Warning: time.Duration(c.Warning), UserAgent: userAgent()}
	if one.Header, err = c.read(); err != nil {
		return none, err
	}
	if one.Streamers, err = c.streamers(cfg); err != nil {
		return none, err
	}
	producer := canary.New(cfg.Config)
	planned := producer.Plan(ctx)
	sent, problems := tell(planned)
	for _, s := range sent {
		if !slices.Contains(one.Streams, s.Stream) {
			one.Streams = append(one.Streams, s.Stream)
		}
	}
	if len(one.Streams) == 0 {
		return none, errors.Join(errors.New("there is no stream to check"), errors.New(strings.Join(problems, "; ")))
	}
	if c.Produce {
		one.Within = cmp.Or(one.Within, defaultDelay)
		one.Produce = func(ctx context.Context) ([]check.Sent, []string) { return tell(producer.Round(ctx).Outcomes) }
		return one.Run(ctx), nil
	}
	one.Within = cmp.Or(one.Within, defaultAge)
	for i := range sent {
		sent[i].ID, sent[i].Time = "", ""
	}
	one.Last = sent
	return one.Run(ctx), nil
}

// streamers are where events must come out: of the flag, else of the file.
func (c *canaryThresholds) streamers(cfg *canaryConfig) (all []check.Streamer, err error) {
	for _, text := range c.Streamer {
		s, err := namedStreamer(text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		for _, dc := range slices.Sorted(maps.Keys(cfg.streamers)) {
			all = append(all, check.Streamer{Name: dc, URL: cfg.streamers[dc]})
		}
	}
	if len(all) == 0 {
		return nil, errors.New("where do events come out? Name the streamers with --streamer DC=URL, or as streamers in the file of -c")
	}
	return all, nil
}

// tell says what was sent, or is going to be, and what cannot be.
func tell(outcomes []canary.Outcome) (sent []check.Sent, problems []string) {
	for i := range outcomes {
		o := &outcomes[i]
		if o.Result != "" && o.Result != canary.Produced {
			problems = append(problems, o.String())
			continue
		}
		sent = append(sent, check.Sent{Stream: o.Event.Stream, Datacenter: o.Target.Datacenter, ID: o.Event.ID, Time: o.Event.Time})
	}
	return sent, problems
}
