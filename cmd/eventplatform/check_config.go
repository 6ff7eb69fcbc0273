package main

import (
	"context"
	"fmt"
	"time"

	"github.com/eventplatform/eventplatform/check"
	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/lint"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

type checkConfigCommand struct {
	Eventgate    []string `help:"An intake's file, as --check reads it. Repeatable." placeholder:"FILE" sep:"none"`
	Eventstreams []string `help:"A streamer's file. Repeatable." placeholder:"FILE" sep:"none"`
	Streamconfig []string `help:"A stream configuration service's file. Repeatable." placeholder:"FILE" sep:"none"`
	Streams      []string `help:"Stream configuration: a file, a folder or a URL. Repeatable: a later one's streams win." placeholder:"FILE|URL" sep:"none"`
	Schemas      []string `help:"Schema repository that the streams' events follow: a folder or a URL. Repeatable." placeholder:"DIR|URL" sep:"none"`
	JSON         bool     `help:"Print one JSON object."`
}

// configuration is what was found in it.
type configuration struct {
	errors, warnings []string
	looked           int
}

func (c *configuration) report(r *config.Report) {
	c.looked++
	for _, n := range r.Faults {
		c.errors = append(c.errors, "error: "+n.String())
	}
	for _, n := range r.Warnings {
		c.warnings = append(c.warnings, "warning: "+n.String())
	}
}

// Run reads everything and starts nothing.
func (c *checkConfigCommand) Run(ctx context.Context, t *terminal) error {
	found := &configuration{}
	over := config.Overrides{Checking: true}
	for _, file := range c.Eventgate {
		_, report := config.LoadEventGate(file, over)
		found.report(report)
	}
	for _, file := range c.Eventstreams {
		_, report := config.LoadEventStreams(file, over)
		found.report(report)
	}
	for _, file := range c.Streamconfig {
		_, report := config.LoadStreamConfig(file, over)
		found.report(report)
	}
	if len(c.Streams) > 0 {
		if err := c.lint(ctx, found); err != nil {
			found.errors = append(found.errors, "error: "+err.Error())
		}
	}
	r := check.Result{
		Name: "CONFIG", Text: fmt.Sprintf("%d sources, %d errors, %d warnings", found.looked, len(found.errors), len(found.warnings)),
		Values: []check.Value{
			{Name: "errors", Number: float64(len(found.errors)), Critical: 1}, {Name: "warnings", Number: float64(len(found.warnings)), Warning: 1},
		},
		Details: append(found.errors, found.warnings...),
	}
	switch {
	case found.looked == 0:
		r = check.Result{Name: r.Name, Status: check.Unknown, Text: "nothing to check: name files with --eventgate, --eventstreams, --streamconfig or --streams"}
	case len(found.errors) > 0:
		r.Status = check.Critical
	case len(found.warnings) > 0:
		r.Status = check.Warning
	}
	return printed(t, c.JSON, r)
}

// lint checks the stream configuration and that the schemas it names are to be had.
func (c *checkConfigCommand) lint(ctx context.Context, found *configuration) error {
	found.looked += len(c.Streams)
	streams, err := streamconfig.Load(c.Streams...)
	if err != nil {
		return err
	}
	in := lint.Input{Streams: streams, Now: time.Now()}
	if len(c.Schemas) > 0 {
		if in.Schemas, err = openRepositories(schema.Config{Bases: c.Schemas}); err != nil {
			return err
		}
		defer in.Schemas.Close()
	}
	report, err := lint.Streams(ctx, in)
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		line := fmt.Sprintf("%s: %s: %s: %s", f.Severity, f.Subject, f.Message, f.Remedy)
		if f.Severity == lint.Error {
			found.errors = append(found.errors, line)
		} else {
			found.warnings = append(found.warnings, line)
		}
	}
	return nil
}
