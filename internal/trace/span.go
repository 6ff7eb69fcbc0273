package trace

import (
	"context"
	"encoding/hex"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	api "go.opentelemetry.io/otel/trace"
)

// Request begins the span of a request and returns what its events' records say of the trace they belong to: "" if the span is not sampled, since then the
// sender's word, or none, is passed on. end ends the span with the answer's status; it is nil if there is nothing to end.
func (t *Tracer) Request(method, route, traceparent, tracestate string) (own string, end func(status int)) {
	_, span := t.tracer.Start(parent(traceparent, tracestate), method+" /"+route, api.WithSpanKind(api.SpanKindServer),
		api.WithAttributes(attribute.String("http.request.method", method), attribute.String("http.route", "/"+route)))
	if !span.IsRecording() {
		return "", nil
	}
	return format(span.SpanContext()), func(status int) {
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= 500 {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Send begins the span of records that are handed to Kafka, if the trace that they belong to is sampled: else own is "" and end nil. own is what the records
// say instead; end tells how many of them failed, and why the first did.
func (t *Tracer) Send(traceparent, topic string, records int) (own string, end func(failed int, why error)) {
	if !Sampled(traceparent) {
		return "", nil
	}
	_, span := t.tracer.Start(parent(traceparent, ""), "send "+topic, api.WithSpanKind(api.SpanKindProducer), api.WithAttributes(
		attribute.String("messaging.system", "kafka"), attribute.String("messaging.operation.type", "send"),
		attribute.String("messaging.destination.name", topic), attribute.Int("messaging.batch.message_count", records)))
	if !span.IsRecording() {
		return "", nil
	}
	return format(span.SpanContext()), func(failed int, why error) {
		if failed > 0 {
			span.SetAttributes(attribute.Int("eventplatform.records_failed", failed))
			span.SetStatus(codes.Error, why.Error())
		}
		span.End()
	}
}

// Received is a record as a streamer got it.
type Received struct {
	Topic     string
	Partition int32
	Offset    int64
	Timestamp time.Time // the record's
	Begun     time.Time // when the streamer began with it
}

// Process makes the span of a record that a streamer has put into its streams, if the trace that it belongs to is sampled.
func (t *Tracer) Process(traceparent string, r Received) {
	if !Sampled(traceparent) {
		return
	}
	_, span := t.tracer.Start(parent(traceparent, ""), "process "+r.Topic, api.WithSpanKind(api.SpanKindConsumer), api.WithTimestamp(r.Begun), api.WithAttributes(
		attribute.String("messaging.system", "kafka"), attribute.String("messaging.operation.type", "process"),
		attribute.String("messaging.destination.name", r.Topic), attribute.String("messaging.destination.partition.id", strconv.Itoa(int(r.Partition))),
		attribute.Int64("messaging.kafka.offset", r.Offset), attribute.Float64("eventplatform.seconds_since_record", r.Begun.Sub(r.Timestamp).Seconds())))
	span.End()
}

// A traceparent is "00-<32 hex digits: trace>-<16: span>-<2: flags>"; later versions may go on after it.
const (
	traceBegin, traceEnd = 3, 35
	spanBegin, spanEnd   = 36, 52
	flagsBegin, flagsEnd = 53, 55
)

// Sampled says whether a traceparent belongs to a sampled trace. It is quick, for records that do not.
func Sampled(traceparent string) bool {
	if len(traceparent) < flagsEnd {
		return false
	}
	last := traceparent[flagsEnd-1] // the lowest bit of its digit
	return last >= '0' && last <= '9' && last&1 == 1 || last == 'b' || last == 'd' || last == 'f'
}

// parent is a context in which a new span goes on with the trace that a remote span belongs to; if the words make no sense, in which it begins one.
func parent(traceparent, tracestate string) context.Context {
	ctx := context.Background()
	var c api.SpanContextConfig
	var flags [1]byte
	if len(traceparent) < flagsEnd || traceparent[:2] == "ff" ||
		!decode(c.TraceID[:], traceparent, traceBegin, traceEnd) || !decode(c.SpanID[:], traceparent, spanBegin, spanEnd) ||
		!decode(flags[:], traceparent, flagsBegin, flagsEnd) {
		return ctx
	}
	c.TraceFlags = api.TraceFlags(flags[0]) & api.FlagsSampled
	c.Remote = true
	if state, err := api.ParseTraceState(tracestate); err == nil {
		c.TraceState = state
	}
	return api.ContextWithSpanContext(ctx, api.NewSpanContext(c))
}

// decode reads the hexadecimal digits of a part of a traceparent, which has a dash before it.
func decode(to []byte, traceparent string, begin, end int) bool {
	if traceparent[begin-1] != '-' {
		return false
	}
	_, err := hex.Decode(to, []byte(traceparent[begin:end]))
	return err == nil
}

func format(c api.SpanContext) string {
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" + c.TraceFlags().String()
}
