package eventstreams

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Config configures the service. Zero values mean the defaults that are named.
type Config struct {
	// Streams gives the declarations as they are now.
	Streams func() *streamconfig.Config
	// Settings are what can change while the service runs.
	Settings

	// Schemas describes the streams' events in the OpenAPI document; nil = without schemas.
	Schemas *schema.Repositories
	// SchemaLatestVersion is the version of a stream's schema that the OpenAPI document shows when the stream does not say; "" = latest.
	SchemaLatestVersion string

	// Kafka configures the streaming; Log is required. Transform is set: it redacts.
	Kafka kafkasse.Config

	// Name, Version, Description and Home are what /_info tells; "" = eventstreams, unknown and two sentences of ours.
	Name, Version, Description, Home string
	// CORS is the origin that browsers may read from; "" = "*", "false" = none of these headers.
	CORS string
	// CSP is the content security policy; "" = the reference's, "false" = none of the security headers.
	CSP string
	// UI, if set, serves the page: it gets requests with the path below /v2/ui, and / leads there.
	UI http.Handler

	// Logger gets who connects and who goes; nil = slog.Default().
	Logger *slog.Logger
}

// Server is the service.
type Server struct {
	cfg     Config
	log     *slog.Logger
	streams *kafkasse.Server
	limit   limiter
	inUse   atomic.Pointer[inUse]
	denials denials
	filters filters
	running sync.WaitGroup // watchFilters
	stop    context.CancelFunc

	catalogue atomic.Pointer[catalogue]
	document  documentCache
	page      documentCache
}

// New makes the service. It does not ask Kafka for anything yet. It must be ended with Shutdown.
func New(cfg Config) (*Server, error) {
	defaults(&cfg.Name, "eventstreams")
	defaults(&cfg.Version, "unknown")
	defaults(&cfg.Description, "Events of a platform's streams over HTTP, as Server-Sent Events and as JSON lines")
	defaults(&cfg.Home, "https://github.com/eventplatform/eventplatform")
	defaults(&cfg.SchemaLatestVersion, "latest")
	defaults(&cfg.CORS, "*")
	defaults(&cfg.CSP, "default-src 'self'; object-src 'none'; media-src *; img-src *; style-src *; frame-ancestors 'self'")
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Kafka.Logger == nil {
		cfg.Kafka.Logger = cfg.Logger
	}
	s := &Server{cfg: cfg, log: cfg.Logger}
	s.filters.turn = make(chan struct{}, 1)
	s.cfg.Kafka.Transform = s.transform
	var err error
	if s.streams, err = kafkasse.New(s.cfg.Kafka); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.running.Go(func() { s.watchFilters(ctx) })
	if err := s.Reload(cfg.Settings); err != nil {
		_ = s.Shutdown(ctx) // nothing is open
		return nil, err
	}
	return s, nil
}

func defaults(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// Names lists the streams and aliases that are served now, sorted. It must not be changed.
func (s *Server) Names() []string { return s.current().names }

// Clients is the number of open streams.
func (s *Server) Clients() int { return s.streams.Clients() }

// ClientList lists the open streams: see [kafkasse.Server.ClientList].
func (s *Server) ClientList() []kafkasse.ClientInfo { return s.streams.ClientList() }

// Cut ends open streams: see [kafkasse.Server.Cut].
func (s *Server) Cut(which func(kafkasse.ClientInfo) bool) int { return s.streams.Cut(which) }

// Shutdown ends the open streams: see [kafkasse.Server.Shutdown].
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	s.running.Wait()
	return s.streams.Shutdown(ctx)
}
