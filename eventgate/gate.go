package eventgate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Gate is the intake's core. It is safe for concurrent use.
type Gate struct {
	cfg      Config
	log      *slog.Logger
	observer Observer
	steps    []Step

	plan        *event.Plan
	schemaSlots []int
	streamSlots []int
	idSlot      int
	timeSlot    int
	targets     []target // what the built-in defaults fill in, for streams without settings of their own

	routes     routes
	runs       sync.Pool
	output     sync.Mutex
	hastyBytes atomic.Int64
	background sync.WaitGroup // batches that nobody waits for
	errors     *errorEvents
}

// New makes a gate. The error names the setting that cannot work.
func New(cfg Config) (*Gate, error) {
	if cfg.Schemas == nil {
		return nil, errors.New("eventgate: Config.Schemas is missing: without schemas nothing can be checked")
	}
	if cfg.Guaranteed == nil && cfg.Output == nil {
		return nil, errors.New("eventgate: neither Config.Guaranteed nor Config.Output is set: accepted events would go nowhere")
	}
	setDefaults(&cfg)
	g := &Gate{cfg: cfg, log: cfg.Logger, observer: cfg.Observer}
	if err := g.planFields(); err != nil {
		return nil, fmt.Errorf("eventgate: %w", err)
	}
	if err := g.chooseSteps(); err != nil {
		return nil, fmt.Errorf("eventgate: %w", err)
	}
	g.errors = newErrorEvents(g)
	g.routes.settled.Store(&routeMap{})
	g.routes.fresh = map[string]*route{}
	g.runs.New = func() any { return newRun(g) }
	return g, nil
}

func setDefaults(cfg *Config) {
	if len(cfg.SchemaURIFields) == 0 {
		cfg.SchemaURIFields = []string{"$schema"}
	}
	if cfg.Manner == Wikimedia {
		if len(cfg.StreamFields) == 0 {
			cfg.StreamFields = []string{"meta.stream"}
		}
		if cfg.HeaderFields == nil {
			cfg.HeaderFields = DefaultHeaderFields()
		}
		if cfg.Transforms == nil {
			cfg.Transforms = []string{DefaultsStep}
		}
	}
	cfg.IDField = orElse(cfg.IDField, "meta.id")
	cfg.TimeField = orElse(cfg.TimeField, "meta.dt")
	cfg.UserAgent = orElse(cfg.UserAgent, "eventgate")
	if cfg.Hasty == nil {
		cfg.Hasty = cfg.Guaranteed
	}
	if cfg.HastyMaxBytes == 0 {
		cfg.HastyMaxBytes = 64 << 20
	}
	if cfg.Observer == nil {
		cfg.Observer = unobserved{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
}

// DefaultHeaderFields are the fields that the Wikimedia manner fills from headers if nothing else is said.
func DefaultHeaderFields() []streamconfig.HeaderField {
	return []streamconfig.HeaderField{
		{Field: "meta.request_id", Header: "x-request-id"},
		{Field: "http.request_headers.user-agent", Header: "user-agent"},
	}
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// planFields makes the plan of the fields that are looked for in every event.
func (g *Gate) planFields() error {
	paths := slices.Concat(g.cfg.SchemaURIFields, g.cfg.StreamFields, []string{g.cfg.IDField, g.cfg.TimeField})
	paths = append(paths, targetPaths(g.cfg.HeaderFields)...)
	plan, err := event.NewPlan(paths...)
	if err != nil {
		return err
	}
	g.plan = plan
	for _, path := range g.cfg.SchemaURIFields {
		g.schemaSlots = append(g.schemaSlots, plan.Slot(path))
	}
	for _, path := range g.cfg.StreamFields {
		g.streamSlots = append(g.streamSlots, plan.Slot(path))
	}
	g.idSlot, g.timeSlot = plan.Slot(g.cfg.IDField), plan.Slot(g.cfg.TimeField)
	g.targets = g.targetsIn(plan, g.cfg.HeaderFields)
	return nil
}

// chooseSteps finds the configured transforms by name.
func (g *Gate) chooseSteps() error {
	known := maps.Clone(g.cfg.Steps)
	if known == nil {
		known = map[string]Step{}
	}
	known[DefaultsStep], known[EdgeUniquesStep], known[TestKitchenStep] = g.fillDefaults, g.completeExperiment, g.leaveOutDenied
	for _, name := range g.cfg.Transforms {
		step, ok := known[name]
		if !ok {
			return fmt.Errorf("unknown transform %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		g.steps = append(g.steps, step)
	}
	return nil
}

// Close produces the error events that are waiting, then waits until everything that was handed over without waiting has its outcome, or the
// context is over. No request may be in flight.
func (g *Gate) Close(ctx context.Context) error {
	if err := g.errors.close(ctx); err != nil {
		return fmt.Errorf("error events are still waiting to be produced: %w", err)
	}
	done := make(chan struct{})
	go func() {
		g.background.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("events that were handed over without waiting have no outcome yet: %w", ctx.Err())
	}
}

type unobserved struct{}

func (unobserved) Produced(string, string)                     {}
func (unobserved) Refused(string, string, string)              {}
func (unobserved) HastyLost(string, string, string)            {}
func (unobserved) Noted(Note, string, string)                  {}
func (unobserved) Answered(string, string, int, time.Duration) {}
