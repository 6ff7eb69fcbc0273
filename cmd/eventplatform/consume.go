package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams/client"
	"github.com/eventplatform/eventplatform/internal/service"
)

// consumeCommand writes the events of streams to the standard output, one a line.
type consumeCommand struct {
	From   []string `arg:"" name:"url|stream" help:"A stream's URL (http://host/v2/stream/name,name), or a server's URL and names of streams, or names alone."`
	Since  string   `help:"Where to begin if --state does not say: a time, or milliseconds since 1970. Default: with what comes next." placeholder:"TIME"`
	Until  string   `help:"Where to end. Default: never." placeholder:"TIME"`
	Where  []string `help:"Only events with this value in this field. Repeatable: values of one field are alternatives, fields must all hold." placeholder:"FIELD:VALUE" sep:"none"`
	Filter []string `help:"Only events that this CEL expression holds for, such as 'event.wiki == \"enwiki\" && !event.bot'. Repeatable: all must hold." placeholder:"EXPRESSION" sep:"none"`
	State  string   `help:"Where to keep the position. Start again with the same file, and the output appended to (>>), and every event is in it once, also after a kill -9. A pipe may get its last events again after one." placeholder:"FILE" type:"path"`

	Kafka   []string `help:"Read from these brokers instead of a server. Without --streams or --config names are topics." placeholder:"HOST:PORT,…"`
	Config  string   `short:"c" help:"Read from Kafka as a streamer with this file would: its brokers and their security, streams and schemas." placeholder:"FILE" type:"path"`
	Streams []string `help:"With --kafka: stream configuration, a file, a folder or a URL. Repeatable." placeholder:"FILE|URL" sep:"none"`
	Schemas []string `help:"With --kafka: schema repository, for --filter. Repeatable." placeholder:"DIR|URL" sep:"none"`
}

// defaultServer is where serve listens unless it is told otherwise.
const defaultServer = "http://127.0.0.1:8080"

// Run consumes until the context is over, which is an orderly end, or until what --until names has come.
func (c *consumeCommand) Run(ctx context.Context, t *terminal) error {
	cfg, from, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer from()
	cfg.UserAgent = "eventplatform/" + service.Version()
	say := func(format string, a ...any) { fmt.Fprintf(t.Err, "eventplatform: "+format+"\n", a...) }
	cfg.OnGap = func(gap []byte) { say("events are not there any more: %s", gap) }
	cfg.OnRetry = func(err error, in time.Duration) {
		if err != nil {
			say("%v; trying again in %v", err, in.Round(time.Millisecond))
		}
	}
	out := &journal{out: t.Out, path: c.State}
	cfg.OnPosition = out.position
	if cfg.LastEventID, err = out.open(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out.failed = cancel
	err = client.Consume(ctx, cfg, out.add)
	var broken *journalError
	if errors.As(context.Cause(ctx), &broken) {
		err = broken
	}
	if e := out.close(); e != nil && broken == nil {
		return e
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// open finds out where the events come from, and connects to Kafka if that is there. end is to be called in the end.
func (c *consumeCommand) open(ctx context.Context, t *terminal) (cfg client.Config, end func(), err error) {
	if len(c.Kafka) == 0 && c.Config == "" {
		if len(c.Streams)+len(c.Schemas) > 0 {
			return cfg, nil, errors.New("--streams and --schemas are for --kafka: a server has its own")
		}
		cfg, err = c.source()
		return cfg, func() {}, err
	}
	if cfg, err = c.directSource(); err != nil {
		return cfg, nil, err
	}
	log := service.NewLogger(t.Err, service.LogConfig{Name: "eventplatform", Level: slog.LevelWarn, NamedLevels: true})
	d, err := c.openDirect(ctx, log)
	if err != nil {
		return cfg, nil, err
	}
	if len(c.Streams) == 0 && c.Config == "" {
		missing, err := d.missing(ctx, c.From)
		if err != nil {
			d.close()
			return cfg, nil, err
		}
		if len(missing) > 0 {
			fmt.Fprintf(t.Err, "eventplatform: there is no topic %s yet: it is waited for\n", strings.Join(missing, ", "))
		}
	}
	cfg.HTTP = d.client()
	return cfg, func() {
		cfg.HTTP.CloseIdleConnections()
		d.close()
	}, nil
}

// source is what the arguments name.
func (c *consumeCommand) source() (client.Config, error) {
	cfg := client.Config{URL: defaultServer, Streams: c.From, Query: url.Values{}}
	if strings.Contains(c.From[0], "://") {
		u, err := url.Parse(c.From[0])
		if err != nil {
			return cfg, err
		}
		cfg.Query, cfg.Streams = u.Query(), c.From[1:]
		base, names, found := strings.Cut(u.EscapedPath(), "/v2/stream/")
		if found {
			decoded, err := url.PathUnescape(strings.TrimSuffix(names, "/"))
			if err != nil {
				return cfg, err
			}
			cfg.Streams = append(strings.Split(decoded, ","), cfg.Streams...)
		}
		cfg.URL = (&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String() + base
	}
	if len(cfg.Streams) == 0 {
		return cfg, fmt.Errorf("%s names no stream: give names after it, or /v2/stream/NAME in it", c.From[0])
	}
	c.narrow(cfg.Query)
	return cfg, nil
}

// narrow puts the flags into a query.
func (c *consumeCommand) narrow(query url.Values) {
	for name, value := range map[string]string{"since": c.Since, "until": c.Until} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for _, where := range c.Where {
		query.Add("where", where)
	}
	for _, filter := range c.Filter {
		query.Add("filter", filter)
	}
}

// regular is the output as a file that can be cut to a length, nil if it is a pipe or a terminal.
func regular(out any) *os.File {
	f, ok := out.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return f
}
