package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/internal/trace"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
)

// lastSpans is how long an ending waits for spans to be delivered.
const lastSpans = 2 * time.Second

// tracing follows sampled events through a service; nil is off. It stands between the rooms, which know nothing of it: around the intake's producer and the
// streamer's log.
type tracing struct {
	*trace.Tracer
	sends sync.Map // *kafka.Batch → func(failed int, why error): the end of its span
}

func newTracing(name, endpoint string, sampling *float64, log *slog.Logger) (*tracing, error) {
	tracer, err := trace.New(trace.Config{Endpoint: endpoint, Sampling: sampling, Service: name, Version: service.Version(), Logger: log})
	if tracer == nil || err != nil {
		return nil, err
	}
	return &tracing{Tracer: tracer}, nil
}

// openTracing asks the environment whether traces go anywhere.
func (p *platform) openTracing(context.Context, *serveCommand) (err error) {
	p.tracing, err = newTracing(platformName, "", nil, p.log)
	return err
}

func (t *tracing) close() {
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	_ = t.Close(ctx) // what cannot be delivered has been told
}

// requests is what eventgate.HandlerConfig.Trace is.
func (t *tracing) requests() func(method, route, traceparent, tracestate string) (string, func(int)) {
	if t == nil {
		return nil
	}
	return t.Request
}

// producer makes spans of what is produced. delivered must hear of it.
func (t *tracing) producer(p eventgate.Producer) eventgate.Producer {
	if t == nil {
		return p
	}
	return tracedProducer{p, t}
}

type tracedProducer struct {
	eventgate.Producer
	tracing *tracing
}

// Produce begins the span of a batch, whose records all belong to one request.
func (p tracedProducer) Produce(b *kafka.Batch) {
	if len(b.Records) > 0 {
		own, end := p.tracing.Send(traceparent(&b.Records[0]), b.Records[0].Topic, len(b.Records))
		if end != nil {
			p.tracing.sends.Store(b, end)
			continueTrace(b.Records, own)
		}
	}
	p.Producer.Produce(b)
}

// delivered hears of a batch's outcomes: it counts them, and ends the span.
func (t *tracing) delivered(count func(*kafka.Batch, time.Duration)) func(*kafka.Batch, time.Duration) {
	if t == nil {
		return count
	}
	return func(b *kafka.Batch, took time.Duration) {
		count(b, took)
		end, ok := t.sends.LoadAndDelete(b)
		if !ok {
			return
		}
		failed, why := 0, error(nil)
		for i := range b.Outcomes {
			if err := b.Outcomes[i].Err; err != nil {
				if failed++; why == nil {
					why = err
				}
			}
		}
		end.(func(int, error))(failed, why)
	}
}

// log makes spans of what a streamer follows.
func (t *tracing) log(l kafkasse.Log) kafkasse.Log {
	if t == nil {
		return l
	}
	return tracedLog{l, t}
}

type tracedLog struct {
	kafkasse.Log
	tracing *tracing
}

// Follow makes a span of each sampled record once it is delivered.
func (l tracedLog) Follow(tp kafka.TopicPartition, from int64, deliver func(kafka.Chunk)) (stop func()) {
	return l.Log.Follow(tp, from, func(c kafka.Chunk) {
		begun := time.Now()
		deliver(c)
		for i := range c.Records {
			if r := &c.Records[i]; len(r.Headers) > 0 {
				l.tracing.Process(traceparent(r), trace.Received{
					Topic: tp.Topic, Partition: tp.Partition, Offset: r.Offset, Timestamp: time.UnixMilli(r.Timestamp), Begun: begun,
				})
			}
		}
	})
}

const traceparentHeader = "traceparent"

func traceparent(r *kafka.Record) string {
	for i := range r.Headers {
		if r.Headers[i].Key == traceparentHeader {
			return string(r.Headers[i].Value)
		}
	}
	return ""
}

// continueTrace gives records another traceparent. They may share their headers.
func continueTrace(records []kafka.Record, own string) {
	var headers []kafka.Header
	for _, h := range records[0].Headers {
		if h.Key == traceparentHeader {
			h.Value = []byte(own)
		}
		headers = append(headers, h)
	}
	for i := range records {
		records[i].Headers = headers
	}
}
