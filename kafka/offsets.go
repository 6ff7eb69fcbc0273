package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Bounds are a partition's first offset and the offset after its last record, or why they are not known.
type Bounds struct {
	TopicPartition
	Start, End int64
	Err        error
}

// TimeQuery asks for the first record of a partition with a timestamp (ms since the epoch) at or after the given one.
type TimeQuery struct {
	TopicPartition
	Timestamp int64
}

// The timestamps that the protocol gives a meaning.
const (
	endTimestamp   = -1
	startTimestamp = -2
)

// Bounds returns the bounds of the partitions in the order asked. What is wrong with one partition is in its Err.
func (l *Log) Bounds(ctx context.Context, tps []TopicPartition) ([]Bounds, error) {
	starts, ends := make([]TimeQuery, len(tps)), make([]TimeQuery, len(tps))
	for i, tp := range tps {
		starts[i] = TimeQuery{tp, startTimestamp}
		ends[i] = TimeQuery{tp, endTimestamp}
	}
	// One after the other, the end last: a log that moves in between then only seems to hold more than it does.
	start, err := l.listOffsets(ctx, starts)
	if err != nil {
		return nil, err
	}
	end, err := l.listOffsets(ctx, ends)
	if err != nil {
		return nil, err
	}
	bounds := make([]Bounds, len(tps))
	for i, tp := range tps {
		bounds[i] = Bounds{TopicPartition: tp, Start: start[i].offset, End: end[i].offset, Err: errors.Join(start[i].err, end[i].err)}
	}
	return bounds, nil
}

// OffsetsForTime returns the offset of the first record at or after each time, in the order asked; the partition's end when there is none.
func (l *Log) OffsetsForTime(ctx context.Context, q []TimeQuery) ([]int64, error) {
	found, err := l.listOffsets(ctx, q)
	if err != nil {
		return nil, err
	}
	offsets := make([]int64, len(q))
	var none []TimeQuery // nothing that young
	var noneAt []int
	for i, f := range found {
		if f.err != nil {
			return nil, fmt.Errorf("%s partition %d: %w", q[i].Topic, q[i].Partition, f.err)
		}
		offsets[i] = f.offset
		if f.offset < 0 {
			none, noneAt = append(none, TimeQuery{q[i].TopicPartition, endTimestamp}), append(noneAt, i)
		}
	}
	if len(none) == 0 {
		return offsets, nil
	}
	if found, err = l.listOffsets(ctx, none); err != nil {
		return nil, err
	}
	for i, f := range found {
		if f.err != nil {
			return nil, fmt.Errorf("%s partition %d: %w", none[i].Topic, none[i].Partition, f.err)
		}
		offsets[noneAt[i]] = f.offset
	}
	return offsets, nil
}

type listedOffset struct {
	offset int64
	err    error
}

// listOffsets asks each partition's leader. A partition may be asked for several times only in several requests: the protocol wants it so.
func (l *Log) listOffsets(ctx context.Context, q []TimeQuery) ([]listedOffset, error) {
	found := make([]listedOffset, len(q))
	for left := indexes(len(q)); len(left) > 0; {
		asked := make(map[TopicPartition]int, len(left))
		var later []int
		topics := make(map[string]*kmsg.ListOffsetsRequestTopic)
		for _, i := range left {
			if _, twice := asked[q[i].TopicPartition]; twice {
				later = append(later, i)
				continue
			}
			asked[q[i].TopicPartition] = i
			found[i].err = errors.New("the brokers left the partition out of their answer")
			t := topics[q[i].Topic]
			if t == nil {
				n := kmsg.NewListOffsetsRequestTopic()
				t = &n
				t.Topic = q[i].Topic
				topics[q[i].Topic] = t
			}
			p := kmsg.NewListOffsetsRequestTopicPartition()
			p.Partition, p.Timestamp = q[i].Partition, q[i].Timestamp
			t.Partitions = append(t.Partitions, p)
		}
		if err := l.listOnce(ctx, topics, func(tp TopicPartition, o listedOffset) {
			if i, ok := asked[tp]; ok {
				found[i] = o
			}
		}); err != nil {
			return nil, err
		}
		left = later
	}
	return found, nil
}

func indexes(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (l *Log) listOnce(ctx context.Context, topics map[string]*kmsg.ListOffsetsRequestTopic, answer func(TopicPartition, listedOffset)) error {
	req := kmsg.NewPtrListOffsetsRequest()
	req.IsolationLevel = 1 // the end is the last stable offset
	for _, t := range topics {
		req.Topics = append(req.Topics, *t)
	}
	// The client sends each leader its part; one leader that does not answer spoils only its own partitions.
	for _, shard := range l.client.RequestSharded(ctx, req) {
		if shard.Err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			for _, t := range shard.Req.(*kmsg.ListOffsetsRequest).Topics {
				for _, p := range t.Partitions {
					answer(TopicPartition{t.Topic, p.Partition}, listedOffset{err: partitionError(shard.Err)})
				}
			}
			continue
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				answer(TopicPartition{t.Topic, p.Partition}, listedOffset{offset: p.Offset, err: partitionError(kerr.ErrorForCode(p.ErrorCode))})
			}
		}
	}
	return nil
}

// partitionError gives the errors that callers tell apart their own names.
func partitionError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID), errors.Is(err, kerr.InconsistentTopicID),
		errors.Is(err, kerr.InvalidTopicException):
		return fmt.Errorf("%w (%w)", ErrUnknownPartition, err)
	case errors.Is(err, kerr.OffsetOutOfRange):
		return fmt.Errorf("%w (%w)", ErrOffsetOutOfRange, err)
	}
	return err
}
