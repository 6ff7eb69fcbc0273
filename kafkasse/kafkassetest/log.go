// Package kafkassetest has a log in memory for tests of what is built on kafkasse. It behaves as a cluster does that always answers: records
// come in offset order, reads begin where they are asked to, followers get what is produced. It keeps everything and bounds nothing.
package kafkassetest

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// Log is a cluster in memory. Its zero value is not usable: see New.
type Log struct {
	id string

	mu      sync.Mutex
	changed sync.Cond
	parts   map[kafka.TopicPartition]*partition
	err     error
	batch   int
	reads   int
	held    chan struct{} // reads wait for it
}

type partition struct {
	start, end int64
	records    []kafka.Record // in offset order, also those before start

	generation int
}

// from are the records from an offset on.
func (p *partition) from(offset int64) []kafka.Record {
	return p.records[sort.Search(len(p.records), func(i int) bool { return p.records[i].Offset >= offset }):]
}

// idle says that a follower that is at an offset has to wait.
func (p *partition) idle(offset int64) bool {
	return offset >= p.start && offset <= p.end && len(p.from(offset)) == 0
}

// New makes an empty cluster with an id.
func New(clusterID string) *Log {
	l := &Log{id: clusterID, parts: map[kafka.TopicPartition]*partition{}}
	l.changed.L = &l.mu
	return l
}

// Create makes a topic with so many partitions, or adds partitions to it.
func (l *Log) Create(topic string, partitions int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range partitions {
		tp := kafka.TopicPartition{Topic: topic, Partition: int32(p)}
		if l.parts[tp] == nil {
			l.parts[tp] = &partition{}
		}
	}
}

// Shift has an empty partition begin at an offset, as on a mirror whose source had deleted records.
func (l *Log) Shift(tp kafka.TopicPartition, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parts[tp].start, l.parts[tp].end = offset, offset
}

// Skip leaves so many offsets at a partition's end without records, as the end of a transaction and compaction do. Reads move over them; followers hear
// of them with the next record.
func (l *Log) Skip(tp kafka.TopicPartition, offsets int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parts[tp].end += offsets
}

// Batch bounds how many records one read or delivery brings; 0 = no bound.
func (l *Log) Batch(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batch = n
}

// Fail has every question answered with an error until it is called with nil.
func (l *Log) Fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// Hold has reads wait until release is called.
func (l *Log) Hold() (release func()) {
	held := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = held
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.held = nil
		close(held)
	}
}

// Reads is how often Read was called.
func (l *Log) Reads() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

// Produce appends records to their topics and partitions, which must exist; offsets are set.
func (l *Log) Produce(records ...kafka.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range records {
		p := l.parts[kafka.TopicPartition{Topic: r.Topic, Partition: r.Partition}]
		r.Offset = p.end
		p.records = append(p.records, r)
		p.end++
	}
	l.changed.Broadcast()
}

// Recreate deletes a topic's records and begins its partitions anew, as a topic that is deleted and created again does. Followers are told.
func (l *Log) Recreate(topic string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for tp, p := range l.parts {
		if tp.Topic == topic {
			l.parts[tp] = &partition{generation: p.generation + 1}
		}
	}
	l.changed.Broadcast()
}

// Delete deletes a topic.
func (l *Log) Delete(topic string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for tp := range l.parts {
		if tp.Topic == topic {
			delete(l.parts, tp)
		}
	}
}

// DeleteBefore deletes the records of a partition before an offset, as retention does.
func (l *Log) DeleteBefore(tp kafka.TopicPartition, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.parts[tp]
	p.start = min(max(p.start, offset), p.end)
}

// ClusterID implements kafkasse.Log.
func (l *Log) ClusterID(context.Context) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id, l.err
}

// Partitions implements kafkasse.Log.
func (l *Log) Partitions(_ context.Context, topics []string) ([]kafka.TopicPartition, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var tps []kafka.TopicPartition
	for _, topic := range topics {
		for n := int32(0); l.parts[kafka.TopicPartition{Topic: topic, Partition: n}] != nil; n++ {
			tps = append(tps, kafka.TopicPartition{Topic: topic, Partition: n})
		}
	}
	return tps, l.err
}

// Bounds implements kafkasse.Log.
func (l *Log) Bounds(_ context.Context, tps []kafka.TopicPartition) ([]kafka.Bounds, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bounds := make([]kafka.Bounds, len(tps))
	for i, tp := range tps {
		bounds[i].TopicPartition = tp
		if p := l.parts[tp]; p != nil {
			bounds[i].Start, bounds[i].End = p.start, p.end
		} else {
			bounds[i].Err = kafka.ErrUnknownPartition
		}
	}
	return bounds, l.err
}

// OffsetsForTime implements kafkasse.Log.
func (l *Log) OffsetsForTime(_ context.Context, q []kafka.TimeQuery) ([]int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	offsets := make([]int64, len(q))
	for i := range q {
		p := l.parts[q[i].TopicPartition]
		if p == nil {
			return nil, kafka.ErrUnknownPartition
		}
		offsets[i] = p.end
		records := p.from(p.start)
		if at := slices.IndexFunc(records, func(r kafka.Record) bool { return r.Timestamp >= q[i].Timestamp }); at >= 0 {
			offsets[i] = records[at].Offset
		}
	}
	return offsets, l.err
}

// Read implements kafkasse.Log.
func (l *Log) Read(ctx context.Context, tp kafka.TopicPartition, from int64, maxBytes int, _ time.Duration) (kafka.Chunk, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if held := l.held; held != nil {
		l.mu.Unlock()
		select {
		case <-held:
		case <-ctx.Done():
		}
		l.mu.Lock()
		if err := ctx.Err(); err != nil {
			return kafka.Chunk{}, err
		}
	}
	if l.err != nil {
		return kafka.Chunk{}, l.err
	}
	c := l.chunk(tp, from, maxBytes)
	if p := l.parts[tp]; c.Err == nil && len(p.from(c.Next)) == 0 {
		c.Next = p.end
	}
	return c, nil
}

func (l *Log) chunk(tp kafka.TopicPartition, from int64, maxBytes int) kafka.Chunk {
	p := l.parts[tp]
	if p == nil {
		return kafka.Chunk{Next: from, Err: kafka.ErrUnknownPartition}
	}
	c := kafka.Chunk{Next: from, Start: p.start, End: p.end}
	if from < p.start || from > p.end {
		c.Err = kafka.ErrOffsetOutOfRange
		return c
	}
	for _, r := range p.from(from) {
		if (l.batch > 0 && len(c.Records) >= l.batch) || (len(c.Records) > 0 && maxBytes <= 0) {
			break
		}
		maxBytes -= len(r.Key) + len(r.Value)
		c.Records = append(c.Records, r)
		c.Next = r.Offset + 1
	}
	return c
}

// Follow implements kafkasse.Log. A follower that retention has overtaken goes on at the beginning of what is left.
func (l *Log) Follow(tp kafka.TopicPartition, from int64, deliver func(kafka.Chunk)) (stop func()) {
	stopped, done := false, make(chan struct{})
	generation := 0
	l.mu.Lock()
	if p := l.parts[tp]; p != nil {
		generation = p.generation
	}
	l.mu.Unlock()
	go func() {
		defer close(done)
		for {
			l.mu.Lock()
			for p := l.parts[tp]; !stopped && (l.err != nil || p == nil || (p.idle(from) && generation == p.generation)); p = l.parts[tp] {
				l.changed.Wait()
			}
			if stopped {
				l.mu.Unlock()
				return
			}
			c := l.chunk(tp, from, 1<<20)
			switch p := l.parts[tp]; {
			case p.generation != generation:
				generation = p.generation
				c = kafka.Chunk{Next: 0, Err: kafka.ErrRecreated}
			case c.Err != nil:
				c.Next = c.Start
			}
			from = c.Next
			l.mu.Unlock()
			deliver(c)
		}
	}()
	return func() {
		l.mu.Lock()
		stopped = true
		l.changed.Broadcast()
		l.mu.Unlock()
		<-done
	}
}
