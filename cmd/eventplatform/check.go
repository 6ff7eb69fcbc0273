package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/check"
)

// checkCommand looks at a running platform from outside. Its exit codes and first lines are those of Nagios plugins.
type checkCommand struct {
	Stream checkStreamCommand `cmd:"" help:"Does a stream bring events?"`
	Intake checkIntakeCommand `cmd:"" help:"Does an intake take an event?"`
	Lag    checkLagCommand    `cmd:"" help:"How far is a streamer behind?"`
	Canary checkCanaryCommand `cmd:"" help:"Do canary events come out of the streamer of every data centre?"`
	Config checkConfigCommand `cmd:"" help:"Is the configuration right: services' files, streams, schemas?"`
	Serve  checkServeCommand  `cmd:"" help:"Serve checks to Prometheus: GET /probe?module=stream&target=URL."`
}

// exitError ends the program with an exit code, when everything there is to say has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// unknown is the exit code of a check that could not be made.
const unknown = exitError(check.Unknown)

// printed prints a check's result; its status becomes the exit code.
func printed(t *terminal, asJSON bool, r check.Result) error {
	write := r.WriteText
	if asJSON {
		write = r.WriteJSON
	}
	if err := write(t.Out); err != nil {
		return err
	}
	if r.Status == check.OK {
		return nil
	}
	return exitError(r.Status)
}

// uncheckable prints why a check could not be made.
func uncheckable(t *terminal, asJSON bool, name string, err error) error {
	return printed(t, asJSON, check.Result{Name: name, Status: check.Unknown, Text: err.Error()})
}

type checkStreamCommand struct {
	URL string `arg:"" name:"url" help:"The stream: http://host/v2/stream/recentchange."`
	streamThresholds
	JSON bool `help:"Print one JSON object."`
}

// streamThresholds are what a stream is held against.
type streamThresholds struct {
	Within       duration `env:"-" default:"60s" help:"Critical if no event comes in this time." placeholder:"TIME"`
	Warning      duration `env:"-" help:"Warning if the first event takes longer. Default: none." placeholder:"TIME"`
	DC           string   `name:"dc" help:"Count only events from this data centre: what their topics begin with." placeholder:"NAME"`
	IgnoreCanary bool     `help:"Do not count canary events."`
	requestHeaders
}

// requestHeaders are what streamers are sent besides.
type requestHeaders struct {
	Header []string `help:"Send this header too, such as the X-Client-IP that a proxy in front would set. Repeatable." placeholder:"NAME:VALUE" sep:"none"`
}

func (h *requestHeaders) read() (http.Header, error) {
	all := http.Header{}
	for _, line := range h.Header {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("--header %s: write NAME:VALUE", line)
		}
		all.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return all, nil
}

func (s *streamThresholds) check(target string) (check.Stream, error) {
	from, err := (&consumeCommand{From: []string{target}}).source()
	if err != nil {
		return check.Stream{}, err
	}
	from.UserAgent = userAgent()
	header, err := s.read()
	return check.Stream{
		From: from, Within: time.Duration(s.Within), Warning: time.Duration(s.Warning), Datacenter: s.DC, IgnoreCanary: s.IgnoreCanary, Header: header,
	}, err
}

// Run waits for an event.
func (c *checkStreamCommand) Run(ctx context.Context, t *terminal) error {
	one, err := c.check(c.URL)
	if err != nil {
		return uncheckable(t, c.JSON, "STREAM", err)
	}
	return printed(t, c.JSON, one.Run(ctx))
}

type checkIntakeCommand struct {
	URL string `arg:"" name:"url" help:"The intake: http://host:port. Its test events are produced (/v1/_test/events)."`
	intakeThresholds
	JSON bool `help:"Print one JSON object."`
}

// intakeThresholds are what an intake is held against.
type intakeThresholds struct {
	Stream   string   `help:"Send this stream an event of the schema /test/event/1.0.0, instead of the intake's test events." placeholder:"NAME"`
	DryRun   bool     `env:"-" help:"Have that event checked and not produced; this platform's intake only."`
	Warning  duration `env:"-" help:"Warning if the answer takes longer. Default: none." placeholder:"TIME"`
	Critical duration `env:"-" default:"10s" help:"Critical if the answer takes longer." placeholder:"TIME"`
}

func (i *intakeThresholds) check(target string) check.Intake {
	return check.Intake{
		URL: target, Stream: i.Stream, DryRun: i.DryRun, Warning: time.Duration(i.Warning), Critical: time.Duration(i.Critical), UserAgent: userAgent(),
	}
}

// Run sends the event.
func (c *checkIntakeCommand) Run(ctx context.Context, t *terminal) error {
	return printed(t, c.JSON, c.check(c.URL).Run(ctx))
}

type checkLagCommand struct {
	URL string `arg:"" name:"url" help:"The admin address of serve or eventstreams, or the URL of its metrics."`
	lagThresholds
	JSON bool `help:"Print one JSON object."`
}

// lagThresholds are what a streamer's lag is held against.
type lagThresholds struct {
	Warning  float64 `env:"-" default:"10000" help:"Warning from so many records behind, in one partition." placeholder:"N"`
	Critical float64 `env:"-" default:"100000" help:"Critical from so many." placeholder:"N"`
}

func (l *lagThresholds) check(target string) check.Lag {
	return check.Lag{URL: target, Warning: l.Warning, Critical: l.Critical, UserAgent: userAgent()}
}

// Run reads the metrics.
func (c *checkLagCommand) Run(ctx context.Context, t *terminal) error {
	return printed(t, c.JSON, c.check(c.URL).Run(ctx))
}

// namedStreamer reads --streamer: DC=URL, or a URL alone, which is called by its host.
func namedStreamer(text string) (check.Streamer, error) {
	name, address, named := strings.Cut(text, "=")
	if !named || strings.Contains(name, "/") {
		name, address = "", text
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return check.Streamer{}, fmt.Errorf("--streamer %s: write DC=http://host:port", text)
	}
	if name == "" {
		name = u.Host
	}
	return check.Streamer{Name: name, URL: address}, nil
}
