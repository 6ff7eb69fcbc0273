package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

// inMemory starts an embedded broker for one test.
func inMemory(t *testing.T) *embedded.Broker {
	t.Helper()
	b, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func newProducer(t *testing.T, cfg kafka.ProducerConfig) *kafka.Producer {
	t.Helper()
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		p.Close(ctx)
	})
	return p
}

// connect makes a producer that creates topics, and a log.
func connect(t *testing.T, addrs ...string) (*kafka.Producer, *kafka.Log) {
	t.Helper()
	p := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: addrs}, CreateTopics: &kafka.TopicSpec{}})
	return p, newLog(t, addrs)
}

func newLog(t *testing.T, addrs []string) *kafka.Log {
	t.Helper()
	l, err := kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: addrs}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// produce sends values without keys and waits for their outcomes.
func produce(t *testing.T, p *kafka.Producer, topic string, values ...string) []kafka.Outcome {
	t.Helper()
	var b kafka.Batch
	for _, v := range values {
		b.Add(kafka.Record{Topic: topic, Value: []byte(v)})
	}
	p.Produce(&b)
	if err := b.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	return b.Outcomes
}

// mustProduce is produce for records that have to be acknowledged.
func mustProduce(t *testing.T, p *kafka.Producer, topic string, values ...string) []kafka.Outcome {
	t.Helper()
	outcomes := produce(t, p, topic, values...)
	for i, o := range outcomes {
		if o.Err != nil {
			t.Fatalf("record %d: %v (%v)", i, o.Err, errors.Unwrap(o.Err))
		}
	}
	return outcomes
}

func kindOf(err error) string {
	var e *kafka.DeliveryError
	if !errors.As(err, &e) {
		return fmt.Sprintf("%T", err)
	}
	return e.Kind.String()
}

// testContext bounds a wait that should not be one.
func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// readAll reads a partition to its end.
func readAll(t *testing.T, l *kafka.Log, tp kafka.TopicPartition) []kafka.Record {
	t.Helper()
	ctx := testContext(t)
	var all []kafka.Record
	var next int64
	for {
		c, err := l.Read(ctx, tp, next, 1<<20, 0)
		if err = errors.Join(err, c.Err); err != nil {
			t.Fatalf("reading %v at %d: %v", tp, next, err)
		}
		all = append(all, c.Records...)
		if next = c.Next; next >= c.End {
			return all
		}
	}
}
