package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/ui"
)

// eventstreamsCommand is a streamer alone:
//
//	Apache Kafka ─▶ kafka.Log ─▶ eventstreams ─▶ consumers
//	                              ▲        ▲
//	            streams (file, or a        schemas (for the description)
//	            configuration service)
type eventstreamsCommand struct {
	Config  string   `short:"c" required:"" env:"EVENTPLATFORM_CONFIG,APP_CONFIG_PATH" help:"The service-runner file of the Node.js service." placeholder:"FILE"`
	Kafka   []string `help:"Brokers, instead of the file's, in plain text; ssl://HOST:PORT keeps the file's security settings." placeholder:"HOST:PORT,…"`
	Schemas []string `help:"Schema repository: a folder or a URL, instead of the file's. Repeatable." placeholder:"DIR|URL" sep:"none"`
	streamsPageFlags
	singleFlags
}

// Run checks the file or runs the streamer until the context is over.
func (c *eventstreamsCommand) Run(ctx context.Context, t *terminal) error {
	loaded, report := c.load()
	if c.Check {
		return c.checked(t, c.Config, report)
	}
	s, err := c.open(t, loaded.Service, report)
	if err != nil {
		return err
	}
	defer s.close()
	streamer, reloads, err := s.openStreamer(ctx, loaded, &c.streamsPageFlags)
	if err != nil {
		return err
	}
	file := &streamerFile{single: s, load: c.load, files: []string{c.Config, loaded.DeniedFile}, config: loaded, streamer: streamer}
	s.background(func(ctx context.Context) { s.watchFiles(ctx, file.watched, file.reload) })
	reloads = append([]service.Reload{{Name: configurationFile, Run: file.reload}}, reloads...)
	return s.run(ctx, &service.Service{
		Handler:      s.metrics.Requests(s.page, streamsRoute),
		AdminHandler: streamer.AdminHandler(),
		Reloads:      reloads,
		Drains:       []service.Drain{{Name: "the open streams", Run: streamer.Shutdown}},
	})
}

func (c *eventstreamsCommand) load() (*config.EventStreams, *config.Report) {
	over := c.overrides()
	over.Kafka, over.Schemas = c.Kafka, absolute(c.Schemas)
	return config.LoadEventStreams(c.Config, over)
}

// openStreamer wires the rooms. Everything it opens is ended by close.
func (s *single) openStreamer(ctx context.Context, c *config.EventStreams, flags *streamsPageFlags) (*eventstreams.Server, []service.Reload, error) {
	server := c.Streamer
	if len(c.Schemas.Bases) > 0 {
		c.Schemas.Logger, c.Schemas.Observer = s.log, s.metrics.Schemas()
		schemas, err := schema.New(c.Schemas)
		if err != nil {
			return nil, nil, err
		}
		s.atEnd(schemas.Close)
		server.Schemas = schemas
	}
	streams, err := s.openStreams(ctx, c.Streams)
	if err != nil {
		return nil, nil, err
	}
	c.Log.Logger, c.Log.Observer = s.log, s.metrics.Client("", "")
	log, err := kafka.NewLog(c.Log)
	if err != nil {
		return nil, nil, err
	}
	s.atEnd(log.Close)
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := log.Ping(patient); err != nil {
		return nil, nil, err
	}
	server.Streams = streams.current
	server.Kafka.Log, server.Kafka.Logger, server.Kafka.Observer = s.tracing.log(log), s.log, s.metrics.Streaming()
	server.Version, server.Home, server.Logger = service.Version(), service.Home, s.log
	if c.UI {
		server.UI = ui.Handler()
	}
	streamer, err := eventstreams.New(server)
	if err != nil {
		return nil, nil, err
	}
	s.metrics.FilterFailures(streamer.FilterFailures)
	s.atEnd(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel() // nothing is waited for any more
		_ = streamer.Shutdown(over)
	})
	if len(streamer.Names()) == 0 {
		return nil, nil, fmt.Errorf("no stream is served: none of the %d declared ones has a name and topics and is among allowed_streams", len(streams.current().Streams()))
	}
	if s.page = streamer.Handler(); c.UI {
		if err := s.openPage(flags, c, &server, streamer, log); err != nil {
			return nil, nil, err
		}
	}
	return streamer, []service.Reload{{Name: "stream configuration", Run: streams.reload}}, nil
}

// streamsRoute names a request's path for the metrics. Of streams only the refused ones count: the others last as long as their clients want, and have
// metrics of their own.
func streamsRoute(r *http.Request) (route string, lasting bool) {
	path := strings.Trim(strings.ToLower(r.URL.Path), "/")
	switch {
	case strings.HasPrefix(path, "v2/stream/"):
		return "v2/stream/{streams}", true
	case path == "":
		return "root", false
	case strings.HasPrefix(path, "v2/ui"):
		return "v2/ui", false
	case path == "_info", path == "_info/name", path == "_info/version", path == "_info/home", path == "robots.txt":
		return path, false
	}
	return "other", false
}
