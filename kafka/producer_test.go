package kafka_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

func TestFrozenBroker(t *testing.T) {
	b := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{
		Connection:      kafka.Connection{Brokers: []string{b.Addr()}},
		DeliveryTimeout: time.Second,
		CreateTopics:    &kafka.TopicSpec{},
	})
	mustProduce(t, p, "frozen", "before")
	thaw := b.Freeze()
	start := time.Now()
	for _, o := range produce(t, p, "frozen", "x", "y") {
		if kindOf(o.Err) != "timeout" || strings.Contains(o.Err.Error(), b.Addr()) {
			t.Errorf("%v (%v)", o.Err, errors.Unwrap(o.Err))
		}
	}
	t.Logf("answered after %v", time.Since(start))
	if since, stalled := p.Stalled("frozen"); !stalled || since < time.Second {
		t.Errorf("stalled %v since %v", stalled, since)
	}
	// From now on one record at a time tries, and the others are told at once.
	var probe kafka.Batch
	probe.Add(kafka.Record{Topic: "frozen", Value: []byte("probe")})
	p.Produce(&probe)
	if o := produce(t, p, "frozen", "z"); kindOf(o[0].Err) != "unavailable" {
		t.Errorf("%v", o[0].Err)
	}
	// A topic that is not known cannot be looked up.
	if o := produce(t, p, "new", "z"); kindOf(o[0].Err) != "unavailable" {
		t.Errorf("%v (%v)", o[0].Err, errors.Unwrap(o[0].Err))
	}
	if err := probe.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	thaw()
	for { // the next probe that is answered clears it
		if o := produce(t, p, "frozen", "after"); o[0].Err == nil {
			break
		}
	}
	if _, stalled := p.Stalled("frozen"); stalled {
		t.Error("stalled after an acknowledgement")
	}
	mustProduce(t, p, "frozen", "1", "2", "3")
	mustProduce(t, p, "new", "1")
}

func TestNoBroker(t *testing.T) {
	conn := kafka.Connection{Brokers: []string{"127.0.0.1:1"}}
	p := newProducer(t, kafka.ProducerConfig{Connection: conn, DeliveryTimeout: 600 * time.Millisecond})
	o := produce(t, p, "t", "x")
	if kindOf(o[0].Err) != "unavailable" {
		t.Errorf("%v", o[0].Err)
	}
	ctx, cancel := context.WithTimeout(testContext(t), 300*time.Millisecond)
	defer cancel()
	var unreachable *kafka.UnreachableError
	if err := p.Ping(ctx); !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "127.0.0.1:1") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

// A broker that ends while records wait: each is answered, and none twice.
func TestBrokerEnds(t *testing.T) {
	b := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{
		Connection:      kafka.Connection{Brokers: []string{b.Addr()}},
		DeliveryTimeout: time.Second,
		CreateTopics:    &kafka.TopicSpec{},
	})
	mustProduce(t, p, "ends", "before")
	b.Close()
	start := time.Now()
	for _, o := range produce(t, p, "ends", "x", "y") {
		if kindOf(o.Err) != "timeout" {
			t.Errorf("%v (%v)", o.Err, errors.Unwrap(o.Err))
		}
	}
	t.Logf("answered after %v", time.Since(start))
}
