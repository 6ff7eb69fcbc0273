package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
)

const (
	// requestTimeout is how long a client may take to send a request, or to read an answer.
	requestTimeout = time.Minute
	// idleTimeout is how long an unused connection is kept.
	idleTimeout = 75 * time.Second
)

// eventgateCommand is an intake alone:
//
//	producer ─▶ eventgate ─▶ kafka.Producer guaranteed ─▶ Apache Kafka
//	             ▲   ▲  └──▶ kafka.Producer hasty ──────────▲
//	       schemas   streams (file, or a configuration service)
type eventgateCommand struct {
	Config string   `short:"c" required:"" env:"EVENTPLATFORM_CONFIG,APP_CONFIG_PATH" help:"The service-runner file of the Node.js service." placeholder:"FILE"`
	Kafka  []string `help:"Brokers, instead of the file's, in plain text; ssl://HOST:PORT keeps the file's security settings." placeholder:"HOST:PORT,…"`
	// Schemas of serve may be none; here the file has them.
	Schemas []string `help:"Schema repository: a folder or a URL, instead of the file's. Repeatable." placeholder:"DIR|URL" sep:"none"`
	singleFlags
}

// intake is what eventgate runs. Its methods up to openGate are the steps that build it, in their order.
type intake struct {
	*single
	command *eventgateCommand
	config  *config.EventGate
	started *config.EventGate // the configuration that everything but the gate was opened with

	schemas    *schema.Repositories
	streams    *declarations // nil if streams are not checked
	guaranteed *kafka.Producer
	hasty      *kafka.Producer
	output     io.Writer
	observer   eventgate.Observer
	revisions  *revisions
	prefix     atomic.Pointer[string] // of topics, as configured now

	server     *eventgate.FastServer
	loading    sync.Mutex // guards what a reload changes: config, gate, undeclared and ended
	gate       *eventgate.Gate
	undeclared string         // the error stream that was warned of
	ended      bool           // the gate is closed, or about to be
	retiring   sync.WaitGroup // gates that were replaced and have requests left
}

// Run checks the file or runs the intake until the context is over.
func (c *eventgateCommand) Run(ctx context.Context, t *terminal) error {
	loaded, report := c.load()
	if c.Check {
		return c.checked(t, c.Config, report)
	}
	s, err := c.open(t, loaded.Service, report)
	if err != nil {
		return err
	}
	defer s.close()
	in := &intake{single: s, command: c, config: loaded, started: loaded}
	for _, step := range []func(context.Context, *terminal) error{in.openSchemas, in.openStreams, in.openOutput, in.connect, in.openGate} {
		if err := step(ctx, t); err != nil {
			return err
		}
	}
	s.background(func(ctx context.Context) {
		s.watchFiles(ctx, func() []string { return []string{c.Config} }, in.reloadFile)
	})
	drains := []service.Drain{
		{Name: "the requests", Run: func(context.Context) error { return nil }}, // they are waited for before what follows
		{Name: "the intake", Run: in.closeGates},
	}
	for _, p := range []*kafka.Producer{in.guaranteed, in.hasty} {
		if p != nil {
			drains = append(drains, service.Drain{Name: "a producer", Run: p.Close})
		}
	}
	return s.run(ctx, &service.Service{Server: in.server, Reloads: in.reloads(), Drains: drains})
}

func (c *eventgateCommand) load() (*config.EventGate, *config.Report) {
	over := c.overrides()
	over.Kafka, over.Schemas = c.Kafka, absolute(c.Schemas)
	return config.LoadEventGate(c.Config, over)
}

// openSchemas opens the repositories and reads the schemas that are to be there before the first event.
func (in *intake) openSchemas(ctx context.Context, _ *terminal) (err error) {
	c := in.config.Schemas
	c.Logger, c.Observer = in.log, in.metrics.Schemas()
	if in.schemas, err = schema.New(c); err != nil {
		return in.config.At("schema_base_uris", err)
	}
	in.atEnd(in.schemas.Close)
	in.revisions = &revisions{read: in.schemas.Revisions}
	in.metrics.Revisions(in.revisions.get)
	in.metrics.Precache(func() int { return in.schemas.Unloaded(in.precached().Precache) })
	_, err = in.precache(ctx)
	return err
}

// precached is the configuration that says which schemas are to be there.
func (in *intake) precached() *config.EventGate {
	in.loading.Lock()
	defer in.loading.Unlock()
	return in.config
}

// precache returns how many schemas are not there, with what is an error in any case.
func (in *intake) precache(ctx context.Context) (missing int, err error) {
	c := in.precached()
	errs, err := in.schemas.Precache(ctx, c.Precache)
	for _, m := range errs {
		if _, silent := errors.AsType[*schema.UnavailableError](m); silent {
			in.log.Warn("a schema of schema_precache_uris cannot be read now; events that name it are answered 503 until its repository answers", "err", m)
		} else {
			in.log.Warn("a schema of schema_precache_uris is in no repository; events that name it are refused", "err", m)
		}
	}
	if err != nil {
		err = c.At("schema_precache_uris", err)
	}
	return len(errs), err
}

func (in *intake) openStreams(ctx context.Context, _ *terminal) (err error) {
	if in.config.Streams != nil {
		in.streamsReloaded = in.lookAtStreams
		in.streams, err = in.single.openStreams(ctx, *in.config.Streams)
	}
	return in.config.At("stream_config_uri", err)
}

// openOutput opens the file that every event is appended to.
func (in *intake) openOutput(_ context.Context, t *terminal) error {
	switch in.config.Output {
	case "":
		if in.config.Guaranteed == nil {
			in.output = io.Discard
		}
	case "-":
		in.output = t.Out
	default:
		f, err := os.OpenFile(in.config.Output, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return in.config.At("output_path", err)
		}
		in.atEnd(func() { _ = f.Close() })
		in.output = f
	}
	return nil
}

// connect opens the producers. Brokers that cannot be reached end the start: later they would not.
func (in *intake) connect(ctx context.Context, _ *terminal) (err error) {
	if in.guaranteed, err = in.producer(ctx, "guaranteed", in.config.Guaranteed); err == nil {
		in.hasty, err = in.producer(ctx, "hasty", in.config.Hasty)
	}
	return err
}

func (in *intake) producer(ctx context.Context, kind string, c *kafka.ProducerConfig) (*kafka.Producer, error) {
	if c == nil {
		return nil, nil
	}
	const prefix = "eventgate_"
	c.Logger, c.Observer = in.log, in.metrics.Client(prefix, kind)
	c.Delivered = in.tracing.delivered(in.metrics.Delivered(prefix, kind))
	if in.streams != nil {
		c.SpecifyTopic = func(topic string, spec *kafka.TopicSpec) {
			specifyTopic(*in.prefix.Load(), in.streams.current(), topic, spec)
		}
	}
	p, err := kafka.NewProducer(*c)
	if err != nil {
		return nil, fmt.Errorf("the %s producer: %w", kind, err)
	}
	in.atEnd(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel() // nothing is waited for any more
		_ = p.Close(over)
	})
	in.metrics.Producer(prefix, kind, p.Buffered, cmp.Or(c.MaxBufferedRecords, 100_000), cmp.Or(c.MaxBufferedBytes, 64<<20)) // kafka's own defaults
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return p, p.Ping(ctx)
}

// openGate puts a gate in front of everything.
func (in *intake) openGate(context.Context, *terminal) error {
	in.observer = in.metrics.Intake()
	gate, handler, err := in.newGate()
	if err != nil {
		return err
	}
	in.server = eventgate.NewFastServer(gate, handler, eventgate.FastServerConfig{
		ReadTimeout: requestTimeout, WriteTimeout: requestTimeout, IdleTimeout: idleTimeout,
	})
	in.loading.Lock()
	defer in.loading.Unlock()
	in.gate = gate
	in.lookAtErrorStream()
	return nil
}

// newGate makes a gate of the configuration and what was opened.
func (in *intake) newGate() (*eventgate.Gate, eventgate.HandlerConfig, error) {
	g, h := in.config.Gate, in.config.Handler
	g.Schemas, g.Output, g.Observer, g.Logger = in.schemas, in.output, in.observer, in.log
	if in.guaranteed != nil {
		g.Guaranteed = in.tracing.producer(in.guaranteed)
	}
	if in.hasty != nil {
		g.Hasty = in.tracing.producer(in.hasty)
	}
	if in.streams != nil {
		g.Streams, g.UnknownStream = in.streams.current, in.streams.find
		h.Streams = in.streams.current
	}
	h.Trace = in.tracing.requests()
	h.Version, h.Home, h.Repositories = service.Version(), service.Home, in.revisions.named
	gate, err := eventgate.New(g)
	if err == nil {
		in.prefix.Store(&g.TopicPrefix)
	}
	return gate, h, err
}

// closeGates waits for what was handed over without waiting, by whichever gate. No request is in flight any more.
func (in *intake) closeGates(ctx context.Context) error {
	in.loading.Lock()
	in.ended = true
	gate := in.gate
	in.loading.Unlock()
	if err := gate.Close(ctx); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		in.retiring.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
