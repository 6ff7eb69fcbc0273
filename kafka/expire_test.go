package kafka

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// unreachable is a producer without brokers that knows the topic "t".
func unreachable(t *testing.T, cfg ProducerConfig) (*Producer, *topicState) {
	cfg.Brokers = []string{"127.0.0.1:1"}
	p, err := NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		p.Close(ctx)
	})
	topic := &topicState{name: "t", producer: p}
	topic.limits.Store(&topicLimits{maxAhead: anyTime, maxBehind: anyTime})
	p.mu.Lock()
	p.setKnown("t", topic)
	p.mu.Unlock()
	return p, topic
}

// Every outcome is known in time, whatever the client does, also those of records that came up to a step later than others, with
// which they share the client's deadline.
func TestDeliveryTimeoutHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout = 10 * time.Second
		p, topic := unreachable(t, ProducerConfig{DeliveryTimeout: timeout})
		batches := make([]Batch, 5)
		finished := make(chan time.Duration)
		for i := range batches {
			b := &batches[i]
			b.Add(Record{Topic: "t", Value: []byte("x")})
			b.Add(Record{Topic: "t", Value: []byte("y")})
			began := time.Now()
			b.Done = func(*Batch) { finished <- time.Since(began) }
			p.Produce(b)
			<-time.After(150 * time.Millisecond)
		}
		for i := range batches {
			if took := <-finished; took > timeout {
				t.Errorf("after %v", took)
			}
			if i == 0 && (topic.stalledSince.Load() == 0 || topic.waitingRecords.Load() == 0) {
				t.Error("the topic is not stalled, or what the client still has is not counted")
			}
		}
		for i := range batches {
			for _, o := range batches[i].Outcomes {
				var e *DeliveryError
				if !errors.As(o.Err, &e) || e.Kind != Timeout {
					t.Errorf("%v", o.Err)
				}
			}
		}
	})
}

// What the client says of a record whose time was over is told to the topic only: the batch may be in use again.
func TestLateAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, topic := unreachable(t, ProducerConfig{})
		b := &Batch{Records: []Record{{Topic: "t"}, {Topic: "t"}}}
		late := handOver(p, topic, b)
		acknowledged(&late[1].record, nil)
		if err := b.Wait(t.Context()); err != nil || b.Outcomes[0].Err == nil || b.Outcomes[1].Err != nil {
			t.Fatal(err, b.Outcomes)
		}
		b.Reset()
		b.Add(Record{Topic: "t"})
		handOver(p, topic, b)
		acknowledged(&late[0].record, nil)
		if n := b.pending.Load(); n != 1 {
			t.Errorf("%d records wait", n)
		}
		if topic.acks.Load() != 2 || topic.waitingRecords.Load() != 1 {
			t.Errorf("%d acknowledged, %d waiting", topic.acks.Load(), topic.waitingRecords.Load())
		}
		if err := b.Wait(t.Context()); err != nil || b.Outcomes[0].Err == nil {
			t.Error(err, b.Outcomes)
		}
	})
}

// handOver is Produce with a client that keeps the records.
func handOver(p *Producer, topic *topicState, b *Batch) []slot {
	b.makeSlots()
	b.begun = time.Now()
	b.Begin()
	b.hold()
	for i := range b.Records {
		topic.admit(&b.Records[i], b.slot(i, topic).size)
		b.slots[i].state.Store(sent)
	}
	p.expirer.add(b)
	b.done()
	return b.slots
}

// A lookup that takes all of the time sends nothing when it is over at last, and leaves alone the batch, which is in use again.
func TestLateLookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, topic := unreachable(t, ProducerConfig{})
		topic.name = "slow"
		l := &lookup{done: make(chan struct{})}
		p.lookups["slow"] = l
		b := &Batch{Records: []Record{{Topic: "slow"}}}
		p.Produce(b)
		var e *DeliveryError
		if err := b.Wait(t.Context()); err != nil || !errors.As(b.Outcomes[0].Err, &e) || e.Kind != Unavailable {
			t.Error(err, b.Outcomes)
		}
		b.Reset()
		for _, h := range p.takeHeld("slow", l, topic) {
			if h.take() {
				t.Error("it is sent after all")
			}
		}
		if records, bytes := p.Buffered(); records != 0 || bytes != 0 {
			t.Errorf("%d records of %d bytes", records, bytes)
		}
		// What a lookup sent at the last moment does not stall the topic when the rest of the time is over.
		b.Add(Record{Topic: "slow"})
		p.lookups["slow"] = l
		p.Produce(b)
		<-time.After(p.deliveryTimeout - time.Second)
		for _, h := range p.takeHeld("slow", l, topic) {
			h.take()
			s := h.batch.slot(h.index, topic)
			s.state.Store(sent)
		}
		if err := b.Wait(t.Context()); err != nil || !errors.As(b.Outcomes[0].Err, &e) || e.Kind != Timeout || topic.stalledSince.Load() != 0 {
			t.Error(err, b.Outcomes, topic.stalledSince.Load())
		}
	})
}

// The next record finds out whether a topic is back although the client has not given up those before, and only one at a time does.
func TestProbeBesideOverdueRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, topic := unreachable(t, ProducerConfig{})
		b := &Batch{Records: []Record{{Topic: "t"}, {Topic: "t"}}}
		late := handOver(p, topic, b)
		if err := b.Wait(t.Context()); err != nil || topic.stalledSince.Load() == 0 {
			t.Fatal(err, topic.stalledSince.Load())
		}
		for i, want := range []bool{true, false, false} {
			if err := topic.admit(&Record{}, 1); (err == nil) != want {
				t.Errorf("record %d: %v", i, err)
			}
		}
		topic.release(1) // the probe fails, and the client gives the others up
		for i := range late {
			acknowledged(&late[i].record, context.DeadlineExceeded)
		}
		if n := topic.overdue.Load(); n != 0 {
			t.Errorf("%d are still overdue", n)
		}
		for i, want := range []bool{true, false} {
			if err := topic.admit(&Record{}, 1); (err == nil) != want {
				t.Errorf("record %d afterwards: %v", i, err)
			}
		}
	})
}

// That a topic stops acknowledging is told once, and that it does so again, however many records there are.
func TestStallIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		p, topic := unreachable(t, ProducerConfig{})
		p.log = slog.New(slog.NewTextHandler(&text, nil))
		b := &Batch{Records: []Record{{Topic: "t"}, {Topic: "t"}, {Topic: "t"}}}
		late := handOver(p, topic, b)
		if err := b.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Split(text.String(), "\n"); len(lines) != 2 || !strings.Contains(lines[0], "level=WARN") || !strings.Contains(lines[0], "topic=t since=") {
			t.Errorf("%q", lines)
		}
		text.Reset()
		<-time.After(5 * time.Second)
		for i := range late {
			acknowledged(&late[i].record, nil)
		}
		if lines := strings.Split(text.String(), "\n"); len(lines) != 2 || !strings.Contains(lines[0], "level=INFO") || !strings.Contains(lines[0], "topic=t seconds=15") {
			t.Errorf("%q", lines)
		}
	})
}

// Batches leave the expirer's list from anywhere.
func TestExpirerList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExpirer(time.Second)
		batches := make([]Batch, 4)
		for i := range batches {
			b := &batches[i]
			b.Add(Record{})
			b.makeSlots()
			b.begun = time.Now()
			b.Begin()
			e.add(b)
		}
		for _, i := range []int{1, 3, 0, 2} {
			if e.first == nil || e.last == nil {
				t.Fatal("the list is empty")
			}
			batches[i].slots[0].batch = &batches[i]
			batches[i].refuse(0, kgo.ErrMaxBuffered)
		}
		if e.first != nil || e.last != nil {
			t.Error("the list is not empty")
		}
		<-time.After(2 * time.Second)
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.armed {
			t.Error("the timer goes on without a batch")
		}
	})
}
