package kafka

import (
	"context"
	"errors"
	"time"
)

// LogConfig configures a [Log]. Zero values mean the defaults that are named.
type LogConfig struct {
	Connection
	// FollowMaxBytes bounds what followers hold in memory before it is delivered; 0 = 16 MiB.
	FollowMaxBytes int
}

// Log reads a cluster's partitions. It is safe for concurrent use.
type Log struct{}

// NewLog makes a log. It fails on a configuration that cannot work, not on a broker that cannot be reached: see Ping.
func NewLog(cfg LogConfig) (*Log, error) { return nil, errors.New("not built yet") }

// Close ends every follower and connection.
func (l *Log) Close() {}

// Ping asks any broker for an answer. Its error is one line that says what was tried and what to look at.
func (l *Log) Ping(ctx context.Context) error { return nil }

// ClusterID returns the cluster's own id.
func (l *Log) ClusterID(ctx context.Context) (string, error) { return "", nil }

// Partitions returns the partitions of those of the topics that exist, ordered by topic as asked, then partition. Missing topics are left out and
// never created.
func (l *Log) Partitions(ctx context.Context, topics []string) ([]TopicPartition, error) { return nil, nil }

// Bounds are a partition's first offset and the offset after its last acknowledged record (high watermark), or why they are not known.
type Bounds struct {
	TopicPartition
	Start, End int64
	Err        error
}

// Bounds returns the bounds of the partitions in the order asked.
func (l *Log) Bounds(ctx context.Context, tps []TopicPartition) ([]Bounds, error) { return nil, nil }

// TimeQuery asks for the first record of a partition with a timestamp (ms since the epoch) at or after the given one.
type TimeQuery struct {
	TopicPartition
	Timestamp int64
}

// OffsetsForTime returns the offset of the first record at or after each time, in the order asked; the partition's end when there is none.
func (l *Log) OffsetsForTime(ctx context.Context, q []TimeQuery) ([]int64, error) { return nil, nil }

// Chunk is a run of records of one partition, in offset order, or an error.
type Chunk struct {
	Records []Record
	// Next is the offset to continue at. It can move without records (compaction, transaction markers).
	Next int64
	// Start and End are the partition's first offset and high watermark at that moment.
	Start, End int64
	// Err is why there are no records: ErrOffsetOutOfRange, ErrUnknownPartition, ErrRecreated or something that passes.
	Err error
}

// Read fetches once from the partition's leader: records from offset `from` on, about maxBytes of them (at least one batch if there is any),
// waiting at most maxWait when there are none yet. A returned error is the context's or the cluster's; Chunk.Err is the partition's.
func (l *Log) Read(ctx context.Context, tp TopicPartition, from int64, maxBytes int, maxWait time.Duration) (Chunk, error) {
	return Chunk{}, nil
}

// Follow delivers the partition's records from offset `from` on as they are written, until stop is called. deliver is called in order, never
// concurrently for one partition. stop returns after the last call; it must not be called from deliver.
func (l *Log) Follow(tp TopicPartition, from int64, deliver func(Chunk)) (stop func()) { return func() {} }
