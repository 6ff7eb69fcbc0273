package trace

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

// DefaultSampling is the share of traces begun here that are sampled if nothing says another.
const DefaultSampling = 0.1

// The variables of OpenTelemetry that switch tracing on; the exporter reads these and its further ones (headers, certificates, timeouts) itself.
const (
	endpointVariable       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tracesEndpointVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	samplingVariable       = "OTEL_TRACES_SAMPLER_ARG"
)

// Config says where spans go.
type Config struct {
	// Endpoint is the collector's URL, such as http://collector:4318; "" = the one of the environment (OTEL_EXPORTER_OTLP_ENDPOINT), and without one tracing
	// is off.
	Endpoint string
	// Sampling is the share (0 to 1) of the traces begun here that are sampled; nil = OTEL_TRACES_SAMPLER_ARG or DefaultSampling.
	Sampling *float64
	// Service and Version are told of every span.
	Service, Version string
	Logger           *slog.Logger
}

// Tracer makes spans. Its methods may be called from any goroutine.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   api.Tracer
}

// New returns a tracer, or nil if tracing is off. Nothing is sent until there are spans; a collector that does not answer is no error.
func New(c Config) (*Tracer, error) {
	if c.Endpoint == "" && os.Getenv(endpointVariable) == "" && os.Getenv(tracesEndpointVariable) == "" {
		return nil, nil //nolint:nilnil // off is no error
	}
	sampling, err := c.sampling()
	if err != nil {
		return nil, err
	}
	var options []otlptracehttp.Option
	if c.Endpoint != "" {
		endpoint, err := tracesURL(c.Endpoint)
		if err != nil {
			return nil, err
		}
		options = append(options, otlptracehttp.WithEndpointURL(endpoint))
	}
	exporter, err := otlptracehttp.New(context.Background(), options...)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	attributes, err := resource.New(context.Background(), resource.WithFromEnv(),
		resource.WithAttributes(attribute.String("service.name", c.Service), attribute.String("service.version", c.Version)))
	if err != nil {
		return nil, fmt.Errorf("tracing: %w (OTEL_RESOURCE_ATTRIBUTES)", err)
	}
	provider := sdk.NewTracerProvider(
		sdk.WithResource(attributes),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(sampling))),
		sdk.WithBatcher(&teller{SpanExporter: exporter, log: c.Logger}),
	)
	return &Tracer{provider: provider, tracer: provider.Tracer("github.com/eventplatform/eventplatform", api.WithInstrumentationVersion(c.Version))}, nil
}

func (c Config) sampling() (float64, error) {
	if c.Sampling != nil {
		return *c.Sampling, nil
	}
	text := cmp.Or(os.Getenv(samplingVariable), strconv.FormatFloat(DefaultSampling, 'g', -1, 64))
	share, err := strconv.ParseFloat(text, 64)
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("%s is %q: it must be a share from 0 to 1", samplingVariable, text)
	}
	return share, nil
}

// tracesURL is where a collector takes spans: below its URL, as OTEL_EXPORTER_OTLP_ENDPOINT has it.
func tracesURL(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("the collector's endpoint is %q: it must be an http or https URL such as http://collector:4318", endpoint)
	}
	if !strings.HasSuffix(u.Path, "/v1/traces") {
		u = u.JoinPath("v1/traces")
	}
	return u.String(), nil
}

// Close sends what is left, until the context is over.
func (t *Tracer) Close(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// teller says in the log when spans cannot be delivered, and when they can be again.
type teller struct {
	sdk.SpanExporter
	log    *slog.Logger
	failed bool // only ExportSpans, which is called by one goroutine at a time, looks at it
}

// ExportSpans sends spans. Its error has been told.
func (e *teller) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	switch err := e.SpanExporter.ExportSpans(ctx, spans); {
	case err != nil && !e.failed:
		e.failed = true
		e.log.Warn("traces cannot be delivered to the collector and are dropped until they can", "err", err)
	case err == nil && e.failed:
		e.failed = false
		e.log.Info("traces are delivered to the collector again")
	}
	return nil
}
