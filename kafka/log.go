package kafka

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// LogConfig configures a [Log]. Zero values mean the defaults that are named.
type LogConfig struct {
	Connection
	// FollowMaxBytes bounds what followers fetch from one broker at a time; up to twice as much is in memory before it is delivered. 0 = 8 MiB.
	FollowMaxBytes int
}

// Log reads a cluster's partitions. It is safe for concurrent use.
//
// It reads what is committed: records of aborted transactions are left out, and the end of a partition is the offset before which everything
// is decided (the last stable offset; without transactions that is the high watermark).
//
// The Key, Value and Headers of records it returns share the memory of the response they came in, up to several MiB: copy what is kept. See [Chunk.Recycle].
type Log struct {
	conn   Connection
	client *kgo.Client // metadata, offsets, single reads: one connection for fetches, so that long waits are never asked for on it
	meta   metaCache
	follow followers
}

const defaultFollowMaxBytes = 8 << 20

// NewLog makes a log. It fails on a configuration that cannot work, not on a broker that cannot be reached: see Ping.
func NewLog(cfg LogConfig) (*Log, error) {
	maxBytes := orDefault(cfg.FollowMaxBytes, defaultFollowMaxBytes)
	if maxBytes < minMessageBytes || maxBytes > 1<<30 {
		return nil, fmt.Errorf("followers' fetches of at most %d bytes: it is at least %d and at most %d", maxBytes, minMessageBytes, 1<<30)
	}
	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("kafka log: %w", err)
	}
	l := &Log{conn: cfg.Connection, client: client}
	if err := l.follow.start(l, opts, maxBytes); err != nil {
		client.Close()
		return nil, err
	}
	return l, nil
}

// Close ends every follower and connection. No follower's deliver is called after it returns, and so it must not be called from one.
func (l *Log) Close() {
	l.follow.close()
	l.client.Close()
}

// Ping asks any broker for an answer. Its error is an *[UnreachableError]: one line that says what was tried and what to look at.
func (l *Log) Ping(ctx context.Context) error { return l.conn.ping(ctx, l.client) }

// ClusterID returns the cluster's own id.
func (l *Log) ClusterID(ctx context.Context) (string, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{} // none; nil would be all
	resp, err := req.RequestWith(ctx, l.client)
	if err != nil {
		return "", err
	}
	if resp.ClusterID == nil {
		return "", nil
	}
	return *resp.ClusterID, nil
}

// Partitions returns the partitions of those of the topics that exist, ordered by topic as asked, then partition. Missing topics are left out and
// never created.
func (l *Log) Partitions(ctx context.Context, topics []string) ([]TopicPartition, error) {
	found, err := l.meta.get(ctx, l.client, topics, 0)
	if err != nil {
		return nil, err
	}
	var tps []TopicPartition
	for _, topic := range topics {
		for p := range found[topic].partitions {
			tps = append(tps, TopicPartition{Topic: topic, Partition: int32(p)})
		}
	}
	return tps, nil
}

// Chunk is a run of records of one partition, in offset order, or an error.
type Chunk struct {
	Records []Record
	// Next is the offset to continue at. It can move without records (compaction, transaction markers).
	Next int64
	// Start and End are the partition's first offset and its end at that moment.
	Start, End int64
	// Err is why there are no records: ErrOffsetOutOfRange, ErrUnknownPartition, ErrRecreated or something that passes.
	Err error

	memory *memory // of the records; nil if it is not to be used again
}

// Recycle lets later reads use the memory of the records, which are gone then. Nobody has to call it.
func (c *Chunk) Recycle() {
	c.Records = nil
	if c.memory != nil {
		c.memory.recycle()
		c.memory = nil
	}
}

// appendRecords converts what the client read.
func appendRecords(to []Record, tp TopicPartition, from []*kgo.Record) []Record {
	to = slices.Grow(to, len(from))
	for _, r := range from {
		rec := Record{Topic: tp.Topic, Partition: tp.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(), Key: r.Key, Value: r.Value}
		if len(r.Headers) > 0 {
			rec.Headers = make([]Header, len(r.Headers))
			for i, h := range r.Headers {
				rec.Headers[i] = Header(h)
			}
		}
		to = append(to, rec)
	}
	return to
}

// wait waits, or returns the context's error.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
