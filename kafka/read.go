package kafka

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	readPatience   = 15 * time.Second // a new leader is there by then
	readAttempt    = 3 * time.Second  // after this a broker that says nothing is not waited for: another may lead by now
	readBackoff    = 20 * time.Millisecond
	readMaxBackoff = 500 * time.Millisecond
	// readHold is the longest a broker is asked to hold one read back: all reads from one broker share a connection, which answers in order.
	readHold   = 100 * time.Millisecond
	leadersAge = 30 * time.Second // a leader that moved says so
)

// Read fetches once from the partition's leader: records from offset `from` on, about maxBytes of them (at least one batch if there is any),
// waiting at most maxWait when there are none yet. While the partition has no leader that answers it is tried again for fifteen seconds. A returned error
// is the context's or the cluster's; Chunk.Err is the partition's: ErrOffsetOutOfRange with Start and End, ErrUnknownPartition, or a batch that cannot be read.
func (l *Log) Read(ctx context.Context, tp TopicPartition, from int64, maxBytes int, maxWait time.Duration) (Chunk, error) {
	until := time.Now().Add(maxWait)
	for {
		hold := max(min(time.Until(until), readHold), 0)
		c, err := l.readRetried(ctx, tp, from, maxBytes, hold)
		if err != nil || c.Err != nil || c.Next > from || time.Now().After(until) || maxWait <= 0 {
			return c, err
		}
		if err := ctx.Err(); err != nil {
			return Chunk{}, err
		}
	}
}

// readRetried follows the partition to its leader.
func (l *Log) readRetried(ctx context.Context, tp TopicPartition, from int64, maxBytes int, hold time.Duration) (Chunk, error) {
	maxAge, backoff := leadersAge, readBackoff
	for until := time.Now().Add(readPatience); ; {
		c, err := l.attempt(ctx, tp, from, maxBytes, hold, maxAge)
		switch {
		case ctx.Err() != nil:
			return Chunk{}, ctx.Err()
		case errors.Is(err, kerr.OffsetOutOfRange):
			return l.outOfRange(ctx, tp, from)
		case errors.Is(err, ErrUnknownPartition):
			return Chunk{Next: from, Err: err}, nil
		case err == nil:
			return c, nil
		case !passing(err) || time.Now().After(until):
			return Chunk{}, err
		}
		if err := wait(ctx, backoff); err != nil {
			return Chunk{}, err
		}
		maxAge, backoff = 0, min(2*backoff, readMaxBackoff)
	}
}

func (l *Log) attempt(ctx context.Context, tp TopicPartition, from int64, maxBytes int, hold, maxAge time.Duration) (Chunk, error) {
	ctx, cancel := context.WithTimeout(ctx, hold+readAttempt)
	defer cancel()
	return l.readOnce(ctx, tp, from, maxBytes, hold, maxAge)
}

// passing errors are those of a leader that has moved, is away or is not ready, and of connections: metadata is asked anew.
func passing(err error) bool {
	var verdict *kerr.Error
	return !errors.As(err, &verdict) || verdict.Retriable
}

var errNoLeader = errors.New("the partition has no leader at the moment")

func (l *Log) outOfRange(ctx context.Context, tp TopicPartition, from int64) (Chunk, error) {
	b, err := l.Bounds(ctx, []TopicPartition{tp})
	if err != nil {
		return Chunk{}, err
	}
	if b[0].Err != nil {
		return Chunk{}, b[0].Err
	}
	return Chunk{Next: from, Start: b[0].Start, End: b[0].End, Err: ErrOffsetOutOfRange}, nil
}

func (l *Log) readOnce(ctx context.Context, tp TopicPartition, from int64, maxBytes int, hold, maxAge time.Duration) (Chunk, error) {
	found, err := l.meta.get(ctx, l.client, []string{tp.Topic}, maxAge)
	if err != nil {
		return Chunk{}, err
	}
	topic, ok := found[tp.Topic]
	if !ok || !topic.has(tp.Partition) {
		if maxAge > 0 { // it may be new
			return l.readOnce(ctx, tp, from, maxBytes, hold, 0)
		}
		return Chunk{}, ErrUnknownPartition
	}
	leader := topic.partitions[tp.Partition]
	if leader < 0 {
		return Chunk{}, errNoLeader
	}
	resp, err := l.client.Broker(int(leader)).Request(ctx, fetchRequest(tp, topic.id, from, maxBytes, hold))
	if err != nil {
		return Chunk{}, err
	}
	return chunkOf(tp, from, resp.(*kmsg.FetchResponse))
}

func fetchRequest(tp TopicPartition, id [16]byte, from int64, maxBytes int, hold time.Duration) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.ReplicaID = -1
	req.MaxWaitMillis = int32(hold.Milliseconds())
	req.MinBytes = 1
	req.MaxBytes = int32(min(max(maxBytes, 1), math.MaxInt32))
	req.IsolationLevel = 1
	req.SessionEpoch = -1 // no session
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID = tp.Topic, id // by name before version 13, then by id
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = tp.Partition, from, req.MaxBytes
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	return req
}

func chunkOf(tp TopicPartition, from int64, resp *kmsg.FetchResponse) (Chunk, error) {
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return Chunk{}, err
	}
	if len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 {
		return Chunk{}, errors.New("the broker's answer is not for the partition that was asked for")
	}
	m, d := memories.Get().(*memory), decompressors.Get().(*decompressor)
	d.into = m
	opts := kgo.ProcessFetchPartitionOpts{
		Offset: from, IsolationLevel: kgo.ReadCommitted(), Topic: tp.Topic, Partition: tp.Partition, Pools: []kgo.Pool{slabPool{m}},
	}
	fp, next := kgo.ProcessFetchPartition(opts, &resp.Topics[0].Partitions[0], d, nil)
	d.into = nil
	decompressors.Put(d)
	if err := kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode); err != nil {
		return Chunk{}, err
	}
	if fp.Err != nil && len(fp.Records) == 0 { // what is there cannot be read
		return Chunk{Next: from, Err: fp.Err}, nil
	}
	m.records = appendRecords(m.records, tp, fp.Records)
	return Chunk{Records: m.records, Next: next, Start: fp.LogStartOffset, End: stableEnd(fp.LastStableOffset, fp.HighWatermark), memory: m}, nil
}

// stableEnd is the end of what is decided; brokers that have no such notion say -1.
func stableEnd(lastStable, highWatermark int64) int64 {
	if lastStable < 0 {
		return highWatermark
	}
	return min(lastStable, highWatermark)
}
