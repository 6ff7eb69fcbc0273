package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// slot is one record as the client takes it, with the way back to the batch. It is its own record's Context: the client hands the record, and so the
// slot, to one shared promise function, and no closure is made for each record.
type slot struct {
	record     kgo.Record
	batch      *Batch
	index      int
	topic      *topicState
	size       int64
	acksBefore uint64 // the topic's, when this was sent
}

// As a context a slot never ends (deadlines are given to the client beside it), and it reads nothing of itself: the client may still ask it after the
// outcome, when the slot is in use again.
var _ context.Context = (*slot)(nil)

func (*slot) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }
func (*slot) Done() <-chan struct{}                   { return nil }
func (*slot) Err() error                              { return nil }
func (*slot) Value(any) any                           { return nil }

// slot returns the batch's slot of record i, filled.
func (b *Batch) slot(i int, t *topicState) *slot {
	s, r := &b.slots[i], &b.Records[i]
	s.batch, s.index, s.topic = b, i, t
	s.size = r.size()
	s.acksBefore = t.acks.Load()
	headers := s.record.Headers[:0]
	for _, h := range r.Headers {
		headers = append(headers, kgo.RecordHeader(h))
	}
	s.record = kgo.Record{Topic: t.name, Key: r.Key, Value: r.Value, Headers: headers, Context: s}
	if r.Timestamp != 0 {
		s.record.Timestamp = time.UnixMilli(r.Timestamp)
	}
	return s
}

// makeSlots is called once for each Produce, before the first slot is used.
func (b *Batch) makeSlots() {
	if n := len(b.Records); cap(b.slots) < n {
		b.slots = make([]slot, n, cap(b.Records))
	} else {
		b.slots = b.slots[:n]
	}
}

// size is about what the record takes in memory while it waits.
func (r *Record) size() int64 {
	n := len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return int64(n)
}

// acknowledged is the one promise function of every record.
func acknowledged(r *kgo.Record, err error) {
	s := r.Context.(*slot)
	t := s.topic
	t.release(s.size)
	if err == nil {
		t.acknowledged()
		s.batch.Complete(s.index, Outcome{Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli()})
		return
	}
	s.batch.Complete(s.index, Outcome{Err: t.failed(err, s.acksBefore)})
}
