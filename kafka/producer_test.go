package kafka_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// briefly is a delivery timeout that is waited for in tests, and long enough for a busy machine to deliver in.
const briefly = 3 * time.Second

func TestFrozenBroker(t *testing.T) {
	t.Parallel()
	b := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{
		Connection:      kafka.Connection{Brokers: []string{b.Addr()}},
		DeliveryTimeout: briefly,
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
	if since, stalled := p.Stalled("frozen"); !stalled || since < briefly {
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
	t.Parallel()
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
	t.Parallel()
	b := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{
		Connection:      kafka.Connection{Brokers: []string{b.Addr()}},
		DeliveryTimeout: briefly,
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

// What is past the bounds is refused at once, and leaves room for other topics.
func TestOverload(t *testing.T) {
	t.Parallel()
	b := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{
		Connection:         kafka.Connection{Brokers: []string{b.Addr()}},
		CreateTopics:       &kafka.TopicSpec{},
		MaxMessageBytes:    10_000,
		MaxBufferedRecords: 100,
		MaxBufferedBytes:   100_000,
		DeliveryTimeout:    briefly,
	})
	mustProduce(t, p, "busy", "x")
	mustProduce(t, p, "other", "x")
	for records, _ := p.Buffered(); records > 0; records, _ = p.Buffered() { // the client counts them down a moment after their outcome
		runtime.Gosched()
	}
	thaw := b.Freeze()
	defer thaw()
	var busy, other kafka.Batch
	for range 60 {
		busy.Add(kafka.Record{Topic: "busy", Value: []byte("x")})
	}
	p.Produce(&busy)
	other.Add(kafka.Record{Topic: "other", Value: make([]byte, 9_000)})
	p.Produce(&other)
	if records, bytes := p.Buffered(); records != 51 || bytes < 9_000 {
		t.Errorf("%d records of %d bytes are waiting", records, bytes)
	}
	if err := errors.Join(busy.Wait(testContext(t)), other.Wait(testContext(t))); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, o := range busy.Outcomes {
		count[kindOf(o.Err)]++
	}
	if count["overloaded"] != 10 || count["timeout"] != 50 {
		t.Errorf("%v", count)
	}
	if kindOf(other.Outcomes[0].Err) != "timeout" {
		t.Errorf("%v", other.Outcomes[0].Err)
	}
	if o := produce(t, p, "other", strings.Repeat("x", 10_000)); kindOf(o[0].Err) != "too_large" {
		t.Errorf("%v", o[0].Err)
	}
}

// Close gives what waits its outcome, and refuses what comes later.
func TestProducerCloses(t *testing.T) {
	b := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: []string{b.Addr()}}, CreateTopics: &kafka.TopicSpec{}})
	var flushed kafka.Batch
	flushed.Add(kafka.Record{Topic: "flushed", Value: []byte("x")}) // it has to be looked up first
	p.Produce(&flushed)
	if err := p.Flush(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := flushed.Wait(testContext(t)); err != nil || flushed.Outcomes[0].Err != nil {
		t.Fatal(err, flushed.Outcomes)
	}

	thaw := b.Freeze()
	defer thaw()
	var waiting kafka.Batch
	waiting.Add(kafka.Record{Topic: "flushed", Value: []byte("x")})
	waiting.Add(kafka.Record{Topic: "unknown", Value: []byte("x")})
	p.Produce(&waiting)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := p.Close(ctx); err == nil {
		t.Error("it says that everything was flushed")
	}
	if err := waiting.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if kinds := kindOf(waiting.Outcomes[0].Err) + " " + kindOf(waiting.Outcomes[1].Err); kinds != "timeout closed" {
		t.Errorf("%s: %v, %v", kinds, waiting.Outcomes[0].Err, waiting.Outcomes[1].Err)
	}
	if o := produce(t, p, "flushed", "x"); kindOf(o[0].Err) != "closed" {
		t.Errorf("%v", o[0].Err)
	}
}

func TestProducerConfigErrors(t *testing.T) {
	for name, cfg := range map[string]kafka.ProducerConfig{
		"no brokers":       {},
		"codec":            {Connection: kafka.Connection{Brokers: []string{"x"}}, Compression: "brotli"},
		"partitioner":      {Connection: kafka.Connection{Brokers: []string{"x"}}, Partitioner: "random"},
		"delivery timeout": {Connection: kafka.Connection{Brokers: []string{"x"}}, DeliveryTimeout: 1},
		"linger":           {Connection: kafka.Connection{Brokers: []string{"x"}}, Linger: time.Minute},
		"message":          {Connection: kafka.Connection{Brokers: []string{"x"}}, MaxMessageBytes: 1},
		"buffer":           {Connection: kafka.Connection{Brokers: []string{"x"}}, MaxBufferedBytes: 1},
		"SASL":             {Connection: kafka.Connection{Brokers: []string{"x"}, SASL: &kafka.SASL{Mechanism: "GSSAPI"}}},
		"family":           {Connection: kafka.Connection{Brokers: []string{"x"}, AddressFamily: "v5"}},
	} {
		if _, err := kafka.NewProducer(cfg); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDelivered(t *testing.T) {
	b := inMemory(t)
	told := make(chan int, 10)
	p := newProducer(t, kafka.ProducerConfig{
		Connection: kafka.Connection{Brokers: []string{b.Addr()}}, CreateTopics: &kafka.TopicSpec{},
		Delivered: func(b *kafka.Batch, took time.Duration) {
			if took <= 0 || b.Outcomes[0].Err != nil {
				t.Errorf("%v, %v", took, b.Outcomes)
			}
			told <- len(b.Outcomes)
		},
	})
	batch := kafka.Batch{Records: []kafka.Record{{Topic: "t"}, {Topic: "u"}}}
	for range 2 {
		p.Produce(&batch)
		if err := batch.Wait(testContext(t)); err != nil {
			t.Fatal(err)
		}
		if n := len(told); n != 1 { // it is told before the wait is over
			t.Fatalf("told %d times", n)
		}
		if n := <-told; n != 2 {
			t.Errorf("told of %d outcomes", n)
		}
		batch.Reset()
		batch.Add(kafka.Record{Topic: "t"})
		batch.Add(kafka.Record{Topic: "t"})
	}
}

// With nothing set, the largest record is librdkafka's: its limit of 1,000,000 bytes less the 36 that it counts for a record's own fields.
func TestLargestRecord(t *testing.T) {
	p, _ := connect(t, inMemory(t).Addr())
	if o := produce(t, p, "large", strings.Repeat("x", 999_964)); o[0].Err != nil {
		t.Error(o[0].Err)
	}
	o := produce(t, p, "large", strings.Repeat("x", 999_965))
	if kindOf(o[0].Err) != "too_large" || !strings.Contains(o[0].Err.Error(), "999965 bytes is larger than this service accepts (999964, by its message.max.bytes)") {
		t.Error(o[0].Err)
	}
}
