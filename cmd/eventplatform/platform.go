package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/cmd/eventplatform/builtin"
	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/internal/uiapi"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
	"github.com/eventplatform/eventplatform/ui"
)

// patience is how long a broker may take to answer at the start.
const patience = 10 * time.Second

// maxEventBytes bounds one event in Kafka.
const maxEventBytes = 4 << 20

// linger is how long an event waits for others to travel with: nobody notices a millisecond in an HTTP answer, and brokers and processor time gain
// by it. The reference waits ten.
const linger = time.Millisecond

// loopback are the only addresses whose word on a client's address is taken: a proxy on this machine.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// platform is what serve runs. Its methods up to openStreamer are the steps that build it, in their order.
type platform struct {
	log     *slog.Logger
	metrics *metrics.Metrics
	tracing *tracing
	ready   *service.Readiness
	started time.Time

	schemas      *schema.Repositories
	revisions    *revisions
	served       []schema.Served       // those of them that are passed on over HTTP
	current      streamconfig.Snapshot // the stream configuration as it is now
	store        *streamconfig.Store   // where it comes from; nil for the built-in one
	stopWatching func()
	prefix       string

	broker   *embedded.Broker // nil on Apache Kafka
	brokers  []string
	producer *kafka.Producer
	reader   *kafka.Log
	gate     *eventgate.Gate
	streamer *eventstreams.Server
	page     *uiapi.Server
}

func (p *platform) openSchemas(_ context.Context, c *serveCommand) (err error) {
	config := schemaConfig(c.Schemas)
	config.Logger, config.Observer = p.log, p.metrics.Schemas()
	p.served = config.Served()
	if p.schemas, err = openRepositories(config); err != nil {
		return err
	}
	p.revisions = &revisions{read: p.schemas.Revisions}
	p.metrics.Revisions(p.revisions.get)
	return nil
}

// schemaConfig names the repositories given by --schemas, or the built-in one.
func schemaConfig(bases []string) schema.Config {
	if len(bases) == 0 {
		return schema.Config{Embedded: builtin.Schemas()}
	}
	return schema.Config{Bases: bases}
}

func openRepositories(config schema.Config) (*schema.Repositories, error) {
	repositories, err := schema.New(config)
	if err != nil {
		return nil, fmt.Errorf("%w (--schemas)", err)
	}
	return repositories, nil
}

// readStreams reads the stream configuration, keeps reading it where it can change, and decides what topics begin with.
func (p *platform) readStreams(ctx context.Context, c *serveCommand) error {
	if len(c.Streams) == 0 {
		fixed, err := streamconfig.Parse(builtin.StreamsName, builtin.Streams())
		if err != nil {
			return err
		}
		p.current = func() *streamconfig.Config { return fixed }
	} else {
		store, err := streamconfig.NewStore(ctx, streamconfig.StoreConfig{Layout: streamconfig.Layout{Streams: c.Streams}, Logger: p.log, Observer: p.metrics.StreamConfig()})
		if err != nil {
			return err
		}
		p.store, p.current = store, store.Current
		p.stopWatching = background(context.Background(), store.Watch)
	}
	var read func() time.Time
	if p.store != nil {
		read = p.store.Read
	}
	p.metrics.Streams(func() int { return len(p.current().Streams()) }, read)
	prefixes := topicPrefixes(p.current())
	switch {
	case c.TopicPrefix == nil && len(prefixes) > 0:
		p.prefix = prefixes[0]
	case c.TopicPrefix != nil && len(prefixes) > 0 && !slices.Contains(prefixes, *c.TopicPrefix):
		return fmt.Errorf("--topic-prefix %q is none of the stream configuration's topic_prefixes (%s): events would go where no stream reads; "+
			"choose one of these, or add it to default_settings.topic_prefixes", *c.TopicPrefix, strings.Join(prefixes, ", "))
	case c.TopicPrefix != nil:
		p.prefix = *c.TopicPrefix
	}
	return nil
}

// topicPrefixes are those of the default settings; of the first stream that has any, where the defaults are merged in already, as in a service's answer.
func topicPrefixes(c *streamconfig.Config) []string {
	if prefixes := c.DefaultTopicPrefixes(); len(prefixes) > 0 {
		return prefixes
	}
	for _, s := range c.Streams() {
		if len(s.TopicPrefixes) > 0 {
			return s.TopicPrefixes
		}
	}
	return nil
}

func (p *platform) startBroker(_ context.Context, c *serveCommand) error {
	if len(c.Kafka) > 0 {
		p.brokers = c.Kafka
		return nil
	}
	broker, err := embedded.Start(embedded.Config{
		Dir: c.DataDir, Listen: c.KafkaListen, SyncWrites: c.Sync, Logger: p.log,
	})
	if err != nil {
		return withFlag(err)
	}
	p.broker, p.brokers = broker, []string{broker.Addr()}
	return nil
}

// withFlag adds to what the embedded broker could not do the flag that mends it.
func withFlag(err error) error {
	flag := "--data-dir"
	if _, ok := errors.AsType[*embedded.ListenError](err); ok {
		flag = "--kafka-listen"
	}
	return fmt.Errorf("%w (%s)", err, flag)
}

// connect opens the two sides of the log. A broker that cannot be reached ends the start: later it would not.
func (p *platform) connect(ctx context.Context, _ *serveCommand) (err error) {
	if err := reach(ctx, p.brokers); err != nil {
		return fmt.Errorf("%w (--kafka)", err)
	}
	connection := func(observer kafka.Observer) kafka.Connection {
		return kafka.Connection{Brokers: p.brokers, ClientID: "eventplatform", Logger: p.log, Observer: observer}
	}
	if p.reader, err = kafka.NewLog(kafka.LogConfig{Connection: connection(p.metrics.Client("", ""))}); err != nil {
		return err
	}
	const prefix, kind, maxRecords, maxBytes = "eventgate_", "guaranteed", 100_000, 64 << 20
	p.producer, err = kafka.NewProducer(kafka.ProducerConfig{
		Connection: connection(p.metrics.Client(prefix, kind)), Linger: linger, AskForTopics: true, MaxMessageBytes: maxEventBytes,
		MaxBufferedRecords: maxRecords, MaxBufferedBytes: maxBytes, Delivered: p.tracing.delivered(p.metrics.Delivered(prefix, kind)),
	})
	if err == nil {
		p.metrics.Producer(prefix, kind, p.producer.Buffered, maxRecords, maxBytes)
	}
	return err
}

// reach asks the brokers for a sign of life. Its client does not log: the error says it all.
func reach(ctx context.Context, brokers []string) error {
	probe, err := kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: brokers}})
	if err != nil {
		return err
	}
	defer probe.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return probe.Ping(ctx)
}

// createTopics creates the topics that incoming events are written to, so that a stream can be read before its first event. Topics of streams that
// a regular expression declares are created with their first event.
func (p *platform) createTopics(ctx context.Context, _ *serveCommand) error {
	if p.broker == nil {
		return nil
	}
	var specs []kafka.TopicSpec
	for _, s := range p.current().Streams() {
		if s.IsRegex {
			continue
		}
		specs = append(specs, kafka.TopicSpec{Name: eventgate.Topic(p.prefix, s.Name)})
	}
	if err := p.reader.EnsureTopics(ctx, specs); err != nil {
		return fmt.Errorf("the topics of the configured streams cannot be created: %w", err)
	}
	return nil
}

func (p *platform) openIntake(context.Context, *serveCommand) (err error) {
	p.gate, err = eventgate.New(eventgate.Config{
		Manner:         eventgate.Wikimedia,
		Schemas:        p.schemas,
		Streams:        p.current,
		Guaranteed:     p.tracing.producer(p.producer),
		TopicPrefix:    p.prefix,
		ErrorStream:    errorStream(p.current()),
		TrustedProxies: loopback,
		Observer:       p.metrics.Intake(),
		Logger:         p.log,
	})
	return err
}

func (p *platform) openStreamer(context.Context, *serveCommand) (err error) {
	p.streamer, err = eventstreams.New(eventstreams.Config{
		Streams: p.current,
		Schemas: p.schemas,
		Kafka:   kafkasse.Config{Log: p.tracing.log(p.reader), Logger: p.log, Observer: p.metrics.Streaming()},
		Name:    "eventstreams", Version: service.Version(), Description: "Streams of events as Server-Sent Events", Home: service.Home,
		UI:     ui.Handler(),
		Logger: p.log,
	})
	if err == nil {
		p.metrics.FilterFailures(p.streamer.FilterFailures)
	}
	return err
}

// reloads are what SIGHUP reads again.
func (p *platform) reloads() []service.Reload {
	all := []service.Reload{{Name: "schemas", Run: p.schemas.Reload}}
	if p.store != nil {
		all = append(all, service.Reload{Name: "stream configuration", Run: p.store.Reload})
	}
	return all
}

// close ends what the orderly ending has not ended, from the last to the first.
func (p *platform) close() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // nothing is waited for any more
	if p.page != nil {
		p.page.Close()
	}
	if p.streamer != nil {
		_ = p.streamer.Shutdown(ctx)
	}
	if p.producer != nil {
		_ = p.producer.Close(ctx)
	}
	if p.reader != nil {
		p.reader.Close()
	}
	if p.broker != nil {
		if err := p.broker.Close(); err != nil {
			p.log.Error("the embedded broker did not end in order", "err", err)
		}
	}
	if p.schemas != nil {
		p.schemas.Close()
	}
	if p.stopWatching != nil {
		p.stopWatching()
	}
	if p.tracing != nil {
		p.tracing.close()
	}
}
