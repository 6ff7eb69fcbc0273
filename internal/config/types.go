package config

import (
	"log/slog"
	"time"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Overrides are what the command line and the environment say. They win over the file; zero values leave the file's word.
type Overrides struct {
	// Listen is where the service listens, AdminListen where metrics are served; host:port.
	Listen, AdminListen string
	// Kafka are brokers, host:port, to be spoken to in plain text whatever the file says; "ssl://host:port" keeps the file's security settings.
	Kafka []string
	// Schemas are repositories: folders, file:// and http(s):// URIs.
	Schemas []string
	// Streams are stream configuration: files, folders and http(s):// URLs. They take the place of stream_config_uri.
	Streams []string
	// LogLevel is trace, debug, info, warn, error or fatal.
	LogLevel string
	// LogFormat is what the members of a log line are called; "" leaves the file's word.
	LogFormat string
	// Checking lets the file name files of another machine: a certificate that is not here is a warning, not a fault.
	Checking bool
}

// Service is what every service has.
type Service struct {
	// Name is the service's name, and the label "service" of its metrics.
	Name string
	// Listen is host:port.
	Listen string
	// AdminListen is host:port for metrics; "" = none.
	AdminListen string
	// LogLevel is the least level that is logged; trace is slog.LevelDebug-4.
	LogLevel slog.Level
	// NamedLevels writes levels as names in the log.
	NamedLevels bool
	// LogFormat is "" for bunyan's.
	LogFormat service.LogFormat
	// TracingEndpoint is the URL of a collector of traces (OTLP over HTTP); "" = the environment says. TracingSampling is the share of traces begun here
	// that are sampled; nil likewise.
	TracingEndpoint string
	TracingSampling *float64
	// LogToStderr is false for lines on standard output, as service-runner writes them.
	LogToStderr bool
	// UserAgent is how the service names itself to others.
	UserAgent string
}

// Streams says where the stream configuration comes from.
type Streams struct {
	// Sources are files, folders and URLs in the platform's own form; without any it is Client.
	Sources []string
	// Client asks a service, or reads one file.
	Client streamconfig.ClientConfig
}

// EventGate is the configuration of an intake.
type EventGate struct {
	Service
	// Gate has everything but Schemas, Streams, the producers, Output, Observer and Logger.
	Gate eventgate.Config
	// Handler has everything but Streams, Name, Version, Description and Home: /_info tells of the program, not of the service.
	Handler eventgate.HandlerConfig
	// Schemas are the repositories, Precache the schemas to be read before the first event.
	Schemas  schema.Config
	Precache []string
	// Streams is nil if streams are not checked.
	Streams *Streams
	// Guaranteed and Hasty are nil if there is no Kafka. Hasty is also nil in the generic manner, which has one producer.
	Guaranteed, Hasty *kafka.ProducerConfig
	// Output is the file that each event is appended to, "-" = standard output, "" = none. Without Kafka, "" is nowhere.
	Output string

	file  string
	root  *node // as it stands in the file
	conf  *node // of the service
	place string
	over  Overrides
}

// EventStreams is the configuration of a streamer.
type EventStreams struct {
	Service
	// Streamer has everything but Streams, Schemas, UI, Logger, what /_info tells, and of Kafka the log, the logger and the observer.
	Streamer eventstreams.Config
	// Schemas are the repositories; without Bases streams are described without their schemas.
	Schemas schema.Config
	// Streams is where the declarations come from.
	Streams Streams
	// Log is how Kafka is read.
	Log kafka.LogConfig
	// UI says whether / leads to the page, UIIntake is the intake that the page's Try asks ("" = none), UIOpen what of the page that is else for the
	// admin port everyone may see and do: errors, health, send.
	UI       bool
	UIIntake string
	UIOpen   []string
	// DeniedFile is where Streamer.Denied comes from besides the file itself, "" = nowhere: a change of it is a change of the configuration.
	DeniedFile string
}

// StreamConfig is the configuration of a stream configuration service.
type StreamConfig struct {
	Service
	// Layout says of which files, folders and URLs the configuration is made.
	Layout streamconfig.Layout
	// Schemas are the repositories that are served beside it.
	Schemas []string
	// Refresh is how often URLs among them are read again; 0 = at SIGHUP only. Files are read again when they change.
	Refresh time.Duration
}
