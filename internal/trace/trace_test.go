package trace

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	spanID  = "b7ad6b7169203331"
	sampled = "00-" + traceID + "-" + spanID + "-01"
	not     = "00-" + traceID + "-" + spanID + "-00"
)

// recording returns a tracer that samples a share of new traces, and what it has recorded.
func recording(t *testing.T, share float64) (*Tracer, *tracetest.SpanRecorder) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(share))), sdk.WithSpanProcessor(recorder))
	tracer := &Tracer{provider: provider, tracer: provider.Tracer("test")}
	t.Cleanup(func() { _ = tracer.Close(context.Background()) })
	return tracer, recorder
}

func TestARequestGoesOnWithItsTrace(t *testing.T) {
	tracer, recorder := recording(t, 0)
	own, end := tracer.Request("POST", "v1/events", sampled, "vendor=1")
	if !strings.HasPrefix(own, "00-"+traceID+"-") || !strings.HasSuffix(own, "-01") || strings.Contains(own, spanID) {
		t.Errorf("the records say %q", own)
	}
	end(503)
	spans := recorder.Ended()
	if len(spans) != 1 || spans[0].Parent().SpanID().String() != spanID || spans[0].SpanKind() != api.SpanKindServer || spans[0].Status().Code != codes.Error ||
		spans[0].SpanContext().TraceState().String() != "vendor=1" {
		t.Errorf("%+v", spans)
	}
	for _, traceparent := range []string{
		"", not, "nonsense", "00-" + traceID + "-" + spanID, "00-" + strings.Repeat("0", 32) + "-" + spanID + "-01", "ff-" + traceID + "-" + spanID + "-01",
		"00_" + traceID + "-" + spanID + "-01", "00-" + strings.Repeat("x", 32) + "-" + spanID + "-01", strings.Repeat("-", 1000),
	} {
		if own, end := tracer.Request("POST", "v1/events", traceparent, "="); own != "" || end != nil {
			t.Errorf("%q is followed as %q", traceparent, own)
		}
	}
}

func TestNewTracesAreSampled(t *testing.T) {
	tracer, recorder := recording(t, 1)
	own, end := tracer.Request("POST", "v1/events", "", "")
	if !Sampled(own) {
		t.Errorf("the records say %q", own)
	}
	end(201)
	if own, _ := tracer.Request("POST", "v1/events", not, ""); own != "" {
		t.Error("what its sender does not sample is followed")
	}
	if n := len(recorder.Ended()); n != 1 {
		t.Errorf("%d spans", n)
	}
}

func TestRecordsAreFollowed(t *testing.T) {
	tracer, recorder := recording(t, 1)
	own, end := tracer.Send(sampled, "a.b", 3)
	end(1, errors.New("too slow"))
	tracer.Process(own, Received{Topic: "a.b", Partition: 2, Offset: 7})
	spans := recorder.Ended()
	if len(spans) != 2 || spans[0].Name() != "send a.b" || spans[0].Status().Description != "too slow" || spans[1].Name() != "process a.b" ||
		spans[1].Parent().SpanID() != spans[0].SpanContext().SpanID() {
		t.Fatalf("%+v", spans)
	}
	if own, end := tracer.Send(not, "a.b", 1); own != "" || end != nil {
		t.Error("a record of a trace that is not sampled has a span")
	}
	tracer.Process("", Received{Topic: "a.b"})
	if n := len(recorder.Ended()); n != 2 {
		t.Errorf("%d spans", n)
	}
}

func TestSampled(t *testing.T) {
	for flags, want := range map[string]bool{"00": false, "01": true, "02": false, "03": true, "0a": false, "0b": true, "ff": true, "0g": false, "0": false} {
		if got := Sampled("00-" + traceID + "-" + spanID + "-" + flags); got != want {
			t.Errorf("flags %s: %v", flags, got)
		}
	}
}

// Records of traces that are not sampled cost nothing but a look.
func TestWhatIsNotSampledAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	tracer, _ := recording(t, 1)
	if n := testing.AllocsPerRun(100, func() {
		tracer.Process(not, Received{Topic: "a.b"})
		_, _ = tracer.Send(not, "a.b", 1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestConfig(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	if tracer, err := New(Config{Service: "x", Logger: log}); tracer != nil || err != nil {
		t.Errorf("without a collector there is %v, %v", tracer, err)
	}
	if _, err := New(Config{Endpoint: "collector:4318", Logger: log}); err == nil || !strings.Contains(err.Error(), "http://collector:4318") {
		t.Errorf("an endpoint that is none: %v", err)
	}
	for endpoint, want := range map[string]string{
		"http://c:4318": "http://c:4318/v1/traces", "https://c/otlp/": "https://c/otlp/v1/traces", "http://c/v1/traces": "http://c/v1/traces",
	} {
		if got, err := tracesURL(endpoint); got != want || err != nil {
			t.Errorf("%s is %s, %v", endpoint, got, err)
		}
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	tracer, err := New(Config{Service: "x", Logger: log})
	if tracer == nil || err != nil {
		t.Fatalf("with a collector in the environment there is %v, %v", tracer, err)
	}
	if err := tracer.Close(t.Context()); err != nil {
		t.Error(err)
	}
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "2")
	if _, err := New(Config{Service: "x", Logger: log}); err == nil || !strings.Contains(err.Error(), "OTEL_TRACES_SAMPLER_ARG") {
		t.Errorf("a share that is none: %v", err)
	}
}
