package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/internal/service"
)

// platformName is the name of the whole platform as a service: in its log, and the label service of its metrics.
const platformName = "eventplatform"

// serveCommand is the platform in one process:
//
//	          ┌──────────────── one port: dispatch by path ────────────────┐
//	          │ /v1/events      /v2/stream      /w/api.php    /            │
//	          ▼                 ▼               ▼             ▼            │
//	producer ─▶ eventgate       eventstreams ─▶ consumers     page        demo
//	            │ ▲   ▲         ▲ │      ▲
//	            │ │   schemas ──┘ │      streams (configuration, one snapshot for all)
//	            ▼ │               ▼
//	            kafka.Producer    kafka.Log
//	                 └──── embedded broker, or Apache Kafka with --kafka ────┘
type serveCommand struct {
	Listen      string   `default:"127.0.0.1:8080" help:"Address to listen on." placeholder:"HOST:PORT"`
	DataDir     string   `default:"./eventplatform-data" help:"Where the embedded broker keeps events." placeholder:"DIR"`
	Schemas     []string `help:"Schema repository: a folder (its root or its jsonschema folder) or a URL. Repeatable. Without any: built-in schemas." placeholder:"DIR|URL" sep:"none"`
	Streams     []string `help:"Stream configuration, YAML or JSON. Repeatable: a later one's streams win. Without any: built-in streams." placeholder:"FILE|URL" sep:"none"`
	Kafka       []string `help:"Apache Kafka's brokers, instead of the embedded one." placeholder:"HOST:PORT,…"`
	KafkaListen string   `default:"127.0.0.1:0" help:"Where the embedded broker lets other Kafka clients in." placeholder:"HOST:PORT"`
	TopicPrefix *string  `help:"What topics of incoming events begin with. Default: the first of the configuration's topic_prefixes." placeholder:"PREFIX"`
	Sync        bool     `help:"Flush every write of the embedded broker to the disk before it is acknowledged: events then survive a power cut too, at a tenth of the speed."`
	Demo        bool     `help:"Keep producing example events."`
	Canary      duration `help:"Send every stream that wants them a canary event this often, such as 15m. Default: never." placeholder:"TIME"`
	AdminListen string   `help:"Address of metrics and, with --debug, profiles. Default: none." placeholder:"HOST:PORT"`
	Debug       bool     `help:"Serve profiles on the admin address."`
	LogLevel    string   `default:"info" enum:"trace,debug,info,warn,error" help:"Which lines are logged: trace, debug, info, warn or error."`
	LogFormat   string   `default:"bunyan" enum:"bunyan,ecs" help:"What the members of a log line are called: as bunyan does, or as the Elastic Common Schema (ecs)."`
	Grace       duration `default:"10s" help:"How long an ending may take: requests in flight, open streams, unsent events." placeholder:"TIME"`
	pageFlags
}

// Run starts everything in the order in which mistakes are found fastest, serves until the context is over and ends everything in the opposite order.
func (c *serveCommand) Run(ctx context.Context, t *terminal) error {
	m := metrics.New(platformName)
	usual, _ := service.ParseLevel(c.LogLevel) // one of the flag's
	level := service.NewLevel(usual)
	log := service.NewLogger(t.Err, service.LogConfig{
		Name: platformName, Level: level, Format: service.LogFormat(c.LogFormat), NamedLevels: true, Suppressed: m.Suppressed(),
	})
	listener, admin, err := c.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	if admin != nil {
		defer admin.Close()
	}
	p, err := c.assemble(ctx, log, m)
	if err != nil {
		return err
	}
	defer p.close()

	p.ready.Set(true)
	base := "http://" + reachable(listener.Addr())
	if err := p.greet(t.Out, base, c); err != nil {
		return err
	}
	if c.Demo {
		defer startDemo(ctx, base, p, log)()
	}
	if c.Canary > 0 {
		defer startCanary(ctx, base, p, time.Duration(c.Canary))()
	}
	return (&service.Service{
		Listener: listener,
		Handler:  p.dispatch(),
		Admin:    admin, AdminHandler: adminPage(withClients(adminRoutes(m, p.ready, level, c.Debug), p.streamer), p.page, p.streamer.Handler()),
		Reloads: p.reloads(), Reloaded: p.metrics.Reloads(),
		Grace:  time.Duration(c.Grace),
		Logger: log,
		Ready:  p.ready,
		Drains: []service.Drain{
			{Name: "the open streams", Run: p.streamer.Shutdown},
			{Name: "the intake", Run: p.gate.Close},
			{Name: "the producer", Run: p.producer.Close},
		},
	}).Run(ctx)
}

// listen opens the port for everyone and, if it is wanted, the one for operators.
func (c *serveCommand) listen() (listener, admin net.Listener, err error) {
	if listener, err = service.Listen(c.Listen); err != nil || c.AdminListen == "" {
		return listener, nil, err
	}
	if admin, err = service.Listen(c.AdminListen); err != nil {
		_ = listener.Close()
		return nil, nil, fmt.Errorf("the admin address: %s", strings.ReplaceAll(err.Error(), "--listen", "--admin-listen"))
	}
	c.AdminListen = admin.Addr().String() // with the port that was chosen, for the greeting
	return listener, admin, nil
}

// assemble wires the rooms. What it has started when it fails, it ends.
func (c *serveCommand) assemble(ctx context.Context, log *slog.Logger, m *metrics.Metrics) (_ *platform, err error) {
	p := &platform{log: log, metrics: m, ready: &service.Readiness{}, started: time.Now()}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	for _, step := range []func(context.Context, *serveCommand) error{
		p.openTracing,
		p.openSchemas,
		p.readStreams,
		p.startBroker,
		p.connect,
		p.createTopics,
		p.openIntake,
		p.openStreamer,
		p.openPage,
	} {
		if err := step(ctx, c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// reachable is an address that a client on this machine can use: a listener on all addresses is reached by the loopback one.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
}
