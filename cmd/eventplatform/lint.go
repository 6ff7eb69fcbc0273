package main

import (
	"context"
	"errors"
	"time"

	"github.com/eventplatform/eventplatform/lint"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

type lintCommand struct {
	Streams []string `arg:"" optional:"" help:"Stream configuration: files, folders or URLs. A later one's streams win." placeholder:"STREAMS"`
	Schemas []string `help:"Schema repository that the streams' events follow: a folder or a URL. Repeatable. Without STREAMS the repositories themselves are checked." placeholder:"DIR|URL" sep:"none"`
	Against []string `help:"The configuration that is in use now: what changes for whom is said. Repeatable." placeholder:"OLD" sep:"none"`
	JSON    bool     `help:"Print one JSON object instead of text."`
}

// Run checks a stream configuration, or schema repositories; it fails if there are errors.
func (c *lintCommand) Run(ctx context.Context, t *terminal) error {
	report, err := c.check(ctx)
	if err != nil {
		return err
	}
	write := report.WriteText
	if c.JSON {
		write = report.WriteJSON
	}
	if err := write(t.Out); err != nil {
		return err
	}
	if report.ExitCode() != 0 {
		return errFailed
	}
	return nil
}

func (c *lintCommand) check(ctx context.Context) (*lint.Report, error) {
	switch {
	case len(c.Streams) > 0:
		return c.checkStreams(ctx)
	case len(c.Against) > 0:
		return nil, errors.New("--against compares stream configurations: name the new one as an argument")
	case len(c.Schemas) == 0:
		return nil, errors.New("nothing to check: name a stream configuration, or schema repositories with --schemas")
	}
	whole := &lint.Report{}
	for _, dir := range c.Schemas {
		report, err := lint.Repository(ctx, dir)
		if err != nil {
			return nil, err
		}
		whole.Findings = append(whole.Findings, report.Findings...)
	}
	return whole, nil
}

func (c *lintCommand) checkStreams(ctx context.Context) (*lint.Report, error) {
	now, err := streamconfig.Load(c.Streams...)
	if err != nil {
		return nil, err
	}
	in := lint.Input{Streams: now, Now: time.Now()}
	if len(c.Against) > 0 {
		if in.Against, err = streamconfig.Load(c.Against...); err != nil {
			return nil, err
		}
	}
	if len(c.Schemas) > 0 {
		repositories, err := openRepositories(schema.Config{Bases: c.Schemas})
		if err != nil {
			return nil, err
		}
		defer repositories.Close()
		in.Schemas = repositories
	}
	return lint.Streams(ctx, in)
}
