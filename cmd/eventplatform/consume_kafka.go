package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/eventstreams/client"
	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// direct consumes from Kafka without a server: it is a streamer for one client in this process, so that names, positions, filters and output are the
// same.
//
//	Apache Kafka ─▶ kafka.Log ─▶ eventstreams ─(memory)─▶ eventstreams/client ─▶ output
type direct struct {
	server *eventstreams.Server
	web    *http.Server
	memory *memory
	log    *kafka.Log
	ending []func()
}

// openDirect connects. log is for what an operator should know.
func (c *consumeCommand) openDirect(ctx context.Context, log *slog.Logger) (_ *direct, err error) {
	d := &direct{memory: &memory{conns: make(chan net.Conn), over: make(chan struct{})}}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	settings, err := c.directSettings(ctx, log, d)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := d.log.Ping(ctx); err != nil {
		return nil, fmt.Errorf("%w (--kafka)", err)
	}
	settings.Kafka.Log, settings.Kafka.Logger, settings.Logger = d.log, log, log
	if d.server, err = eventstreams.New(settings); err != nil {
		return nil, err
	}
	d.web = &http.Server{Handler: d.server.Handler(), MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = d.web.Serve(d.memory) // ends with close
	}()
	d.ending = append(d.ending, func() { <-served })
	return d, nil
}

// directSettings are those of the file, or what is needed when every name is a topic's.
func (c *consumeCommand) directSettings(ctx context.Context, log *slog.Logger, d *direct) (settings eventstreams.Config, err error) {
	connection := kafka.LogConfig{Connection: kafka.Connection{Brokers: c.Kafka, ClientID: "eventplatform-consume"}}
	bases, streams := absolute(c.Schemas), config.Streams{Sources: absolute(c.Streams)}
	if c.Config != "" {
		loaded, report := config.LoadEventStreams(c.Config, config.Overrides{Kafka: c.Kafka, Schemas: bases, Streams: streams.Sources})
		if err := report.Err(); err != nil {
			return settings, err
		}
		settings, connection, bases, streams = loaded.Streamer, loaded.Log, loaded.Schemas.Bases, loaded.Streams
		settings.Denied, settings.ClientIPConnectionLimit = nil, 0 // they are about others
	}
	connection.Logger = log
	if d.log, err = kafka.NewLog(connection); err != nil {
		return settings, err
	}
	if len(bases) > 0 {
		if settings.Schemas, err = openRepositories(schema.Config{Bases: bases, Logger: log}); err != nil {
			return settings, err
		}
		d.ending = append(d.ending, settings.Schemas.Close)
	}
	declared, err := c.declared(ctx, streams, d)
	settings.Streams = func() *streamconfig.Config { return declared }
	return settings, err
}

// declared are the streams that may be named.
func (c *consumeCommand) declared(ctx context.Context, from config.Streams, d *direct) (*streamconfig.Config, error) {
	switch {
	case len(from.Sources) > 0:
		return streamconfig.Load(from.Sources...)
	case from.Client.URI != "":
		client, err := streamconfig.NewClient(ctx, from.Client)
		if err != nil {
			return nil, err
		}
		d.ending = append(d.ending, client.Close)
		return client.Current(), nil
	}
	all := map[string]any{}
	for _, topic := range c.From {
		all[topic] = map[string]any{"topics": []string{topic}}
	}
	text, err := json.Marshal(map[string]any{"streams": all})
	if err != nil {
		return nil, err
	}
	return streamconfig.Parse("--kafka.json", text)
}

// missing are the topics of a name that stand for themselves and are not there (yet).
func (d *direct) missing(ctx context.Context, topics []string) ([]string, error) {
	there, err := d.log.Partitions(ctx, topics)
	return slices.DeleteFunc(slices.Clone(topics), func(topic string) bool {
		return slices.ContainsFunc(there, func(tp kafka.TopicPartition) bool { return tp.Topic == topic })
	}), err
}

// client connects to the streamer in this process.
func (d *direct) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: d.memory.dial}}
}

// close ends everything.
func (d *direct) close() {
	over, cancel := context.WithCancel(context.Background())
	cancel() // nothing is waited for any more
	if d.server != nil {
		_ = d.server.Shutdown(over)
	}
	d.memory.end()
	if d.web != nil {
		_ = d.web.Close()
	}
	for _, end := range slices.Backward(d.ending) {
		end()
	}
	if d.log != nil {
		d.log.Close()
	}
}

// directSource is what the arguments name, from Kafka.
func (c *consumeCommand) directSource() (client.Config, error) {
	cfg := client.Config{URL: "http://kafka", Streams: c.From, Query: url.Values{}}
	c.narrow(cfg.Query)
	for _, name := range c.From {
		if strings.Contains(name, "://") {
			return cfg, fmt.Errorf("%s is a URL: with --kafka or --config give the names of streams or topics", name)
		}
	}
	return cfg, nil
}

// memory is a listener on connections within the process.
type memory struct {
	conns chan net.Conn
	over  chan struct{}
	once  sync.Once
}

var errNoMore = errors.New("the streamer in this process has ended")

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case m.conns <- there:
		return here, nil
	case <-m.over:
		return nil, errNoMore
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept is the server's side of a connection.
func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.over:
		return nil, io.EOF
	}
}

func (m *memory) end() { m.once.Do(func() { close(m.over) }) }

// Close ends it.
func (m *memory) Close() error {
	m.end()
	return nil
}

// Addr is none.
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }
