package kafka_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/eventplatform/eventplatform/kafka"
)

func TestBatch(t *testing.T) {
	var b kafka.Batch
	for range 3 {
		for range 10 {
			b.Add(kafka.Record{Topic: "t"})
		}
		b.Begin()
		var tasks sync.WaitGroup
		for i := range b.Records {
			tasks.Go(func() { b.Complete(i, kafka.Outcome{Offset: int64(i)}) })
		}
		if err := b.Wait(testContext(t)); err != nil {
			t.Fatal(err)
		}
		tasks.Wait()
		for i, o := range b.Outcomes {
			if o.Offset != int64(i) || o.Err != nil {
				t.Errorf("outcome %d: %+v", i, o)
			}
		}
		b.Reset()
		if len(b.Records) != 0 || len(b.Outcomes) != 0 {
			t.Error("not empty after Reset")
		}
	}
	b.Begin() // nothing to do
	if err := b.Wait(testContext(t)); err != nil {
		t.Error(err)
	}
}

func TestBatchWaitEnds(t *testing.T) {
	var b kafka.Batch
	b.Add(kafka.Record{})
	b.Begin()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A batch that nobody waits for may be used again by its Done.
func TestBatchDone(t *testing.T) {
	var b kafka.Batch
	finished := make(chan struct{}, 1)
	b.Done = func(b *kafka.Batch) { b.Reset(); finished <- struct{}{} }
	for range 3 {
		b.Add(kafka.Record{})
		b.Begin()
		b.Complete(0, kafka.Outcome{})
		<-finished
	}
}
