package kafkasse

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// Log is what the package needs of a cluster; *kafka.Log has it.
type Log interface {
	// ClusterID is the cluster's own id: offsets of another cluster mean nothing here.
	ClusterID(ctx context.Context) (string, error)
	// Partitions lists the partitions of those of the topics that exist. It must not create any.
	Partitions(ctx context.Context, topics []string) ([]kafka.TopicPartition, error)
	// Bounds returns first offsets and ends, in the order asked.
	Bounds(ctx context.Context, tps []kafka.TopicPartition) ([]kafka.Bounds, error)
	// OffsetsForTime returns the first offsets at or after times, in the order asked; the end where there is none.
	OffsetsForTime(ctx context.Context, q []kafka.TimeQuery) ([]int64, error)
	// Read fetches records from an offset on, once.
	Read(ctx context.Context, tp kafka.TopicPartition, from int64, maxBytes int, maxWait time.Duration) (kafka.Chunk, error)
	// Follow delivers records as they are written, in order, until stop is called; stop returns after the last call of deliver.
	Follow(tp kafka.TopicPartition, from int64, deliver func(kafka.Chunk)) (stop func())
}

// Config configures a [Server]. Zero values mean the defaults that are named.
type Config struct {
	Log Log

	// Decode, if set, makes JSON of a record's value, for topics that hold something else (Avro, Protobuf, text). It returns the value itself, or JSON
	// appended to dst[:0]. A record with an error is treated as one whose value is no JSON: it is counted and left out. It is called once per record,
	// also concurrently, and must not keep or change what it gets.
	Decode func(dst []byte, record *kafka.Record) ([]byte, error)
	// Transform, if set, may change a record's value before it is delivered, for instance to redact it. It gets the topic and a checked JSON object
	// or array and returns the value itself, or another JSON value appended to dst[:0]. It is called once per record, also concurrently.
	Transform func(dst []byte, topic string, value []byte) []byte
	// KeepCopies has records delivered that repeat another one of their partition: same timestamp, key and value, at most 2 minutes and 100,000 records
	// later. A mirror that crashed writes such copies; normally only the first one is delivered.
	KeepCopies bool

	// Heartbeat is the longest silence on a connection before a comment is sent; 0 = 15 s.
	Heartbeat time.Duration
	// Retry is the reconnection time that clients are told, each a little differently; 0 = 3 s.
	Retry time.Duration
	// StallBudget is how long a client may take none of what it is sent before it is cut; 0 = 30 s.
	StallBudget time.Duration
	// MaxAge ends a connection cleanly after about this time, so that long ones spread over servers; 0 = never.
	MaxAge time.Duration
	// TopicPoll is how often topics that do not exist yet are looked for; 0 = 1 s. New partitions are looked for at every thirtieth time: they are
	// read from their beginning anyway.
	TopicPoll time.Duration
	// MirrorWait is how long a partition whose record has not been mirrored yet is held back; 0 = 60 s.
	MirrorWait time.Duration
	// ConnectTimeout bounds the time that finding a client's position may take; 0 = 10 s.
	ConnectTimeout time.Duration
	// Linger is how long a subscription without clients is kept, for those that reconnect; 0 = 10 s.
	Linger time.Duration

	// TailBytes is what one subscription retains for clients that fall behind; 0 = 4 MiB.
	TailBytes int
	// TotalBytes is what all subscriptions retain together; 0 = 64 MiB.
	TotalBytes int
	// MaxSubscriptions is the number of different subscriptions at one time; 0 = 1,000. Past it new ones are answered 503.
	MaxSubscriptions int
	// MaxClients is the number of connections at one time; 0 = no bound. Past it clients are answered 503.
	MaxClients int
	// OverloadAsStream has clients that want an event stream answered with one that ends at once and says when to come back, instead of a 503: see
	// Server.ComeBackLater.
	OverloadAsStream bool
	// ColdReaders is how many clients may read from Kafka at one moment; 0 = 16. The others wait their turn.
	ColdReaders int
	// ColdBytes is about how much one read from Kafka is to bring, decompressed; 0 = 1 MiB. A client that is behind has up to four times as much in memory.
	ColdBytes int

	// Logger gets what an operator should know; nil = slog.Default().
	Logger *slog.Logger
	// Observer is told what happens, for metrics; nil = nobody.
	Observer Observer
}

// Observer is told what happens, for metrics. Its methods are called on hot paths from many goroutines: they must be quick.
type Observer interface {
	// Connected and Disconnected tell of one client. label is what the request was given as its Label.
	Connected(label string)
	Disconnected(label string, reason EndReason)
	// Delivered tells of one write to one client.
	Delivered(d Delivery)
	// ColdRead tells of one read from Kafka for clients that are behind, with the bytes of the events that came.
	ColdRead(bytes int)
	// Gap tells of an announced gap.
	Gap(reason GapReason)
	// Undeliverable tells of a record that cannot be delivered because its value is no JSON object or array.
	Undeliverable(topic string)
	// Copies tells of records that a partition's reader left out because they repeat others: see Config.KeepCopies.
	Copies(topic string, records int)
	// Tailed tells how far a partition's reader has come: records it took in and how many are still ahead of it.
	Tailed(topic string, partition int32, records int, lag int64)
}

// Delivery is one write to one client.
type Delivery struct {
	// Events is how many whole events were written.
	Events int
	// Bytes is what was written, after compression, with the chunks' framing.
	Bytes int
	// Encoding is the content coding: identity, gzip or zstd.
	Encoding string
	// Tail says that the events came from a tail, where they were ready; otherwise they had been read from Kafka again for clients that are behind.
	Tail bool
}

// EndReason says why a connection ended.
type EndReason string

// Why connections end.
const (
	EndClient  EndReason = "client"   // the client went away
	EndStalled EndReason = "stalled"  // the client took nothing for longer than its budget
	EndAge     EndReason = "age"      // MaxAge
	EndDrain   EndReason = "drain"    // Shutdown
	EndLimit   EndReason = "limit"    // Subscription.Limit or Until
	EndCut     EndReason = "operator" // Server.Cut
)

// GapReason says why records are missing.
type GapReason string

// Why there are gaps.
const (
	GapRetention    GapReason = "retention"     // the records have been deleted
	GapBeyondEnd    GapReason = "beyond-end"    // the position is after the end of the partition
	GapMirrorBehind GapReason = "mirror-behind" // the mirror did not bring the record in time
	GapNoPosition   GapReason = "no-position"   // the record that the id names is not to be found; reading goes on from its time
)

func (c *Config) setDefaults() error {
	if c.Log == nil {
		return errors.New("kafkasse: Config.Log is required")
	}
	setDuration(&c.Heartbeat, 15*time.Second)
	setDuration(&c.Retry, 3*time.Second)
	setDuration(&c.StallBudget, 30*time.Second)
	setDuration(&c.TopicPoll, time.Second)
	setDuration(&c.MirrorWait, 60*time.Second)
	setDuration(&c.ConnectTimeout, 10*time.Second)
	setDuration(&c.Linger, 10*time.Second)
	setInt(&c.TailBytes, 4<<20)
	setInt(&c.TotalBytes, 64<<20)
	setInt(&c.MaxSubscriptions, 1000)
	setInt(&c.ColdReaders, 16)
	setInt(&c.ColdBytes, 1<<20)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	return nil
}

func setDuration(d *time.Duration, def time.Duration) {
	if *d == 0 {
		*d = def
	}
}

func setInt(n *int, def int) {
	if *n == 0 {
		*n = def
	}
}

type nobody struct{}

func (nobody) Connected(string)                 {}
func (nobody) Disconnected(string, EndReason)   {}
func (nobody) Delivered(Delivery)               {}
func (nobody) ColdRead(int)                     {}
func (nobody) Gap(GapReason)                    {}
func (nobody) Undeliverable(string)             {}
func (nobody) Copies(string, int)               {}
func (nobody) Tailed(string, int32, int, int64) {}
