package eventstreams

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Config configures the service.
type Config struct {
	// Streams gives the declarations as they are now.
	Streams func() *streamconfig.Config
	// Schemas describes the streams' events in the OpenAPI document; nil = without schemas.
	Schemas *schema.Repositories
	// Kafka configures the streaming; Log is required. Transform is set from RedactedPages.
	Kafka kafkasse.Config

	// Name and Version are what /_info tells; Description and Home likewise.
	Name, Version, Description, Home string
	// AllowedStreams, if not empty, are the only streams served.
	AllowedStreams []string
	// SchemaLatestVersion is the version of a stream's schema that the OpenAPI document shows when the stream does not say; "" = latest.
	SchemaLatestVersion string
	// RedactedPages lists pages per domain whose events lose what tells the editor.
	RedactedPages map[string][]string
	// ClientIPConnectionLimit is how many streams one client address (X-Client-IP) may have open in this process; 0 = no limit.
	ClientIPConnectionLimit int
	// CORS is the allowed origin; "" = "*", "false" = no CORS headers.
	CORS string
	// CSP is the content security policy; "" = the reference's, "false" = none of the security headers.
	CSP string
	// UI, if set, serves the page below /v2/ui/, and / leads there.
	UI http.Handler

	// Logger gets who connects and who goes; nil = slog.Default().
	Logger *slog.Logger
}

// Server is the service.
type Server struct {
	cfg     Config
	streams *kafkasse.Server
}

// New makes the service. It does not ask Kafka for anything yet.
func New(cfg Config) (*Server, error) {
	s, err := kafkasse.New(cfg.Kafka)
	if err != nil {
		return nil, err
	}
	return &Server{cfg: cfg, streams: s}, nil
}

// Handler serves the whole surface: /v2/stream/…, /?spec, /_info and the rest. Only paths it knows are answered with something other than 404, so it
// can also be mounted below another handler for single paths.
func (s *Server) Handler() http.Handler { return http.NotFoundHandler() }

// Shutdown ends the open streams: see [kafkasse.Server.Shutdown].
func (s *Server) Shutdown(ctx context.Context) error { return s.streams.Shutdown(ctx) }
