package eventgate

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Manner says which of the two Node.js factories the intake behaves like.
type Manner uint8

const (
	// Generic validates and produces, nothing else: no field is filled in, no stream is checked, the topic is the stream or, without
	// Config.StreamFields, made of the schema's URI; there is no key, and Kafka's timestamp is the time of arrival.
	Generic Manner = iota
	// Wikimedia fills in fields, checks streams against the stream configuration, prefixes topics, makes keys and takes Kafka's timestamp from
	// the event.
	Wikimedia
)

// Schemas finds schemas; *schema.Repositories is one.
type Schemas interface {
	// Lookup returns the schema that a $schema value names. The errors it can return are those of schema.Repositories.
	Lookup(ctx context.Context, uri string) (*schema.Schema, error)
	// LookupBytes returns a schema that Lookup found before, without allocating.
	LookupBytes(uri []byte) (*schema.Schema, bool)
}

// Producer hands records to Kafka; *kafka.Producer is one. Produce returns at once, and every record's outcome arrives in bounded time.
type Producer interface {
	Produce(b *kafka.Batch)
}

// Config configures a [Gate]. Schemas is required, and Guaranteed or Output.
type Config struct {
	Manner  Manner
	Schemas Schemas
	// Streams gives the stream configuration. Nil: any stream is accepted. It is asked once an event, so a reload needs no restart.
	Streams streamconfig.Snapshot
	// UnknownStream is called when the configuration does not have a stream, at most once per stream name and request; if it returns nil the
	// configuration is asked again. It must bound how often it fetches. Nil: what is not configured is refused.
	UnknownStream func(ctx context.Context, stream string) error
	// RefuseOtherMajor refuses events whose schema has another major version than the stream's name ("….v2") says. Else they are only noted.
	RefuseOtherMajor bool

	// Guaranteed takes the events of requests that wait. Nil: events go to Output only.
	Guaranteed Producer
	// Hasty takes the events of requests that do not wait. Nil: Guaranteed does.
	Hasty Producer
	// HastyMaxBytes bounds what hasty requests have handed over and Kafka has not acknowledged; past it they are answered 503. 0 = 64 MiB.
	HastyMaxBytes int64
	// Output gets each event as one line, before it goes to Kafka. Nil: nothing. Writes are serialised.
	Output io.Writer

	// SchemaURIFields are dotted paths; the first that an event has names its schema. Empty = "$schema".
	SchemaURIFields []string
	// StreamFields are dotted paths; the first that an event has names its stream. Empty: "meta.stream" for Wikimedia; for Generic the topic is made
	// of the schema's URI.
	StreamFields []string
	// IDField is filled with a new UUID (Wikimedia). "" = "meta.id".
	IDField string
	// TimeField is filled with the time of arrival, and becomes Kafka's timestamp (Wikimedia). "" = "meta.dt".
	TimeField string
	// HeaderFields are event fields filled from request headers (Wikimedia). Nil = x-request-id to meta.request_id and user-agent to
	// http.request_headers.user-agent.
	HeaderFields []streamconfig.HeaderField
	// TopicPrefix is put before the stream's name (Wikimedia), except for streams named eventlogging_….
	TopicPrefix string
	// TrustedProxies may say whom they speak for: X-Client-IP and X-Forwarded-For count only from them, and of X-Forwarded-For only what they wrote: the
	// last address that is none of theirs. Nil trusts everyone, as the Node.js service does; empty but not nil trusts no one.
	TrustedProxies []netip.Prefix
	// Transforms are the names of the steps that events go through before validation, in order: those of Steps, DefaultsStep, EdgeUniquesStep,
	// TestKitchenStep. Nil = DefaultsStep for Wikimedia, none for Generic.
	Transforms []string
	// ExperimentDenylist says of which user agents the events of experiments are left out by the step TestKitchenStep: those that any of it is true for.
	ExperimentDenylist []func(userAgent string) bool
	// Steps are further steps that Transforms can name.
	Steps map[string]Step

	// Validate, Route and MapToError take the place of the built-in steps of that name; see [Event]. Nil = built in.
	Validate   func(ctx context.Context, e *Event) error
	Route      func(ctx context.Context, e *Event) (Destination, error)
	MapToError func(ctx context.Context, e *Event, r *Refusal) (stream string, event []byte)
	// ErrorStream is the stream that error events are produced to. "" = no error events.
	ErrorStream string
	// UserAgent names this intake in error events (emitter_id). "" = "eventgate".
	UserAgent string

	// Observer hears what happens, for metrics. May be nil.
	Observer Observer
	// Logger gets one line for each request that was not accepted whole. Nil: nothing is logged.
	Logger *slog.Logger
	// Now is the clock. Nil = time.Now.
	Now func() time.Time
}

// Destination is where an event goes.
type Destination struct {
	Topic string
	// Key is the record's key; nil is no key.
	Key []byte
	// Timestamp is in milliseconds since the epoch; 0 is now.
	Timestamp int64
}
