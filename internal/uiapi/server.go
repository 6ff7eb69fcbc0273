package uiapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Prefix is what the paths of the API begin with.
const Prefix = "/ui/api/"

// Log is what is asked of Kafka; *kafka.Log has it.
type Log interface {
	Partitions(ctx context.Context, topics []string) ([]kafka.TopicPartition, error)
	Bounds(ctx context.Context, tps []kafka.TopicPartition) ([]kafka.Bounds, error)
	OffsetsForTime(ctx context.Context, q []kafka.TimeQuery) ([]int64, error)
	Read(ctx context.Context, tp kafka.TopicPartition, from int64, maxBytes int, maxWait time.Duration) (kafka.Chunk, error)
	ClusterID(ctx context.Context) (string, error)
}

// Config says what there is to tell. What is nil is hidden from the page.
type Config struct {
	// Name and Version are the program's.
	Name, Version string
	// Streams gives the declarations as they are now. Required.
	Streams func() *streamconfig.Config
	// Allowed, if not empty, are the only streams that can be followed here.
	Allowed []string
	// Log is where the streams are. Required.
	Log Log
	// Schemas are the repositories.
	Schemas *schema.Repositories
	// Intake answers POST /v1/events: the intake of this process, or a proxy of another.
	Intake http.Handler
	// Filters checks filters. Nil: the page offers none.
	Filters Filters
	// Health says how the services are. Nil: there is no such page.
	Health *Health
	// Open says which of the operators' pages everyone may see.
	Open Open
	// Double remembers what is refused, and answers accepted and refused. The intake's requests must then go through [Server.Watch].
	Double bool
	// Logger gets what goes wrong; nil = nothing is logged.
	Logger *slog.Logger
}

// Open says what everyone may see and do that is else for the admin port.
type Open struct{ Errors, Health, Send bool }

// Server answers the page. It must be ended with Close.
type Server struct {
	cfg     Config
	log     *slog.Logger
	rates   *sampler
	refused refusals
	marks   marks
	errors  errorCache
	list    schemaList
}

// New makes a server. It asks Kafka for nothing before somebody looks.
func New(c Config) *Server {
	s := &Server{cfg: c, log: c.Logger}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.rates = newSampler(s)
	s.marks.since = time.Now()
	return s
}

// Close ends what runs in the background.
func (s *Server) Close() { s.rates.close() }

// viewer is who looks.
type viewer struct {
	admin bool
	open  Open
}

// Handler answers everyone; AdminHandler answers on the admin port, where nothing is hidden.
func (s *Server) Handler() http.Handler { return s.handler(viewer{open: s.cfg.Open}) }

// AdminHandler answers operators: it must not be reachable for others.
func (s *Server) AdminHandler() http.Handler {
	return s.handler(viewer{admin: true, open: Open{Errors: true, Health: true, Send: true}})
}

func (s *Server) handler(v viewer) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, there bool, serve func(r *http.Request, v viewer) (any, error)) {
		if there {
			mux.Handle(pattern, answering{s, v, serve})
		}
	}
	c := &s.cfg
	handle("GET /ui/api/about", true, s.about)
	handle("GET /ui/api/streams", true, s.catalogue)
	handle("GET /ui/api/schemas", c.Schemas != nil, s.schemas)
	handle("GET /ui/api/schema", c.Schemas != nil, s.schema)
	handle("GET /ui/api/schema/diff", c.Schemas != nil, s.diff)
	handle("GET /ui/api/fields", c.Schemas != nil, s.fields)
	handle("GET /ui/api/example", c.Schemas != nil, s.example)
	handle("GET /ui/api/filter", c.Filters != nil, s.filter)
	handle("POST /ui/api/try", c.Intake != nil, s.try)
	handle("POST /ui/api/send", c.Intake != nil && v.open.Send, s.send)
	handle("GET /ui/api/errors", v.open.Errors, s.summary)
	handle("GET /ui/api/health", c.Health != nil && v.open.Health, s.health)
	handle("GET /ui/api/accepted", c.Double, s.accepted)
	handle("GET /ui/api/refused", c.Double && v.open.Errors, s.refusedOnes)
	handle("DELETE /ui/api/accepted", c.Double && v.open.Errors, s.reset)
	handle("DELETE /ui/api/refused", c.Double && v.open.Errors, s.reset)
	if c.Schemas != nil {
		mux.HandleFunc("GET /ui/api/schema.json", s.document(false))
		mux.HandleFunc("GET /ui/api/schema.yaml", s.document(true))
	}
	mux.HandleFunc("/ui/api/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, http.StatusNotFound, "There is nothing at "+r.Method+" "+r.URL.Path+" here; it may be hidden, or on the admin port only.")
	})
	return http.NewCrossOriginProtection().Handler(mux)
}
