package kafka

import (
	"context"
	"sync/atomic"
	"time"
)

// Outcome is what became of one produced record. Without an error the record is at Offset of Partition, with Timestamp (ms since the epoch) as it
// was sent. Err is nil or a *[DeliveryError]; then the other fields mean nothing.
type Outcome struct {
	Partition int32
	Offset    int64
	Timestamp int64
	Err       error
}

// Batch carries the records of one request through a [Producer] and collects what became of each.
//
//	b.Add(…); b.Add(…)
//	producer.Produce(b)
//	err := b.Wait(ctx) // then b.Outcomes[i] belongs to b.Records[i]
//	b.Reset()          // and use it again
//
// A Batch is used by one goroutine at a time, apart from Complete, which the producer may call from any. It must not be copied, nor touched between
// Produce and the last outcome. If Wait returned early (its context was over), the batch still belongs to the producer: drop it.
//
// A record's Key and Value must not be changed before its outcome is known, and never if the outcome is an error: the client may still hold
// them in a request that is on its way.
type Batch struct {
	Records  []Record
	Outcomes []Outcome
	// Done, if set, is called once after the last outcome, on the goroutine that completed it, and must not block. It is for callers that do not
	// wait: Wait then only ends with its context. Reset keeps it.
	Done func(*Batch)

	pending  atomic.Int64  // outcomes that are not known, and those who hold the batch
	failed   atomic.Bool   // at least one outcome is an error
	finished chan struct{} // capacity 1: the last outcome is in
	slots    []slot        // the client's own records, reused with the batch

	delivered func(*Batch, time.Duration) // ProducerConfig.Delivered
	begun     time.Time

	expirer       *expirer
	listed        bool   // by the expirer, whose lock guards this and what follows
	before, after *Batch // in its list
}

// Add appends a record to a batch that has not been produced yet.
func (b *Batch) Add(r Record) { b.Records = append(b.Records, r) }

// Reset empties the batch for reuse, keeping its memory. It may be called when the batch was never produced, after Wait returned nil, and from Done on.
func (b *Batch) Reset() {
	clear(b.Records)
	b.Records = b.Records[:0]
	clear(b.Outcomes)
	b.Outcomes = b.Outcomes[:0]
	if b.failed.Load() {
		b.slots = nil // the client may still read some of them
		b.failed.Store(false)
	}
	clear(b.slots) // what they held may be collected
	b.delivered = nil
}

// Begin is called by a producer before the first Complete: it makes room for the outcomes. A batch without records is done at once.
func (b *Batch) Begin() {
	n := len(b.Records)
	if cap(b.Outcomes) < n {
		b.Outcomes = make([]Outcome, n, cap(b.Records))
	}
	b.Outcomes = b.Outcomes[:n]
	if b.finished == nil {
		b.finished = make(chan struct{}, 1)
	}
	b.pending.Store(int64(n))
	if n == 0 {
		b.finish()
	}
}

// Complete is called by a producer, exactly once for each record, in any order and from any goroutine.
func (b *Batch) Complete(i int, o Outcome) {
	if o.Err != nil {
		b.failed.Store(true)
	}
	b.Outcomes[i] = o
	b.done()
}

// done is called once for each outcome and each hold.
func (b *Batch) done() {
	if b.pending.Add(-1) == 0 {
		b.finish()
	}
}

func (b *Batch) finish() {
	if b.expirer != nil {
		b.expirer.remove(b)
	}
	if b.delivered != nil {
		b.delivered(b, time.Since(b.begun))
	}
	// Nothing after this: the batch may be in use again already.
	if b.Done != nil {
		b.Done(b)
		return
	}
	b.finished <- struct{}{}
}

// Wait returns nil when every outcome is known, or the context's error when that is over first. It is called at most once for each Produce.
func (b *Batch) Wait(ctx context.Context) error {
	if ctx.Done() == nil { // a context that never ends needs no select, which costs more than what it waits for
		<-b.finished
		return nil
	}
	select {
	case <-b.finished:
		return nil
	default:
	}
	select {
	case <-b.finished:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
