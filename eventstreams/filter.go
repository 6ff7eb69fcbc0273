package eventstreams

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/internal/filter"
)

// filters compiles what clients want to see, and keeps what it takes: the types of streams' events, and compiled filters.
type filters struct {
	turn   chan struct{} // one is compiled at a time: anybody can ask for that work
	failed atomic.Int64

	mu       sync.Mutex
	types    generations[*typesOf]
	compiled generations[*measured]
}

// typesOf are the types of some streams' events, as their schemas were.
type typesOf struct {
	*filter.Types
	catalogue *catalogue
	made      time.Time
	sources   [sha256.Size]byte
}

const (
	// maxTypes and maxCompiled bound what is kept, twice.
	maxTypes    = 100
	maxCompiled = 500
	// maxFilters bounds how many filters one stream may have.
	maxFilters = 10
	// compilePatience is how long a client waits for its turn.
	compilePatience = 5 * time.Second
)

var errBusy = errors.New("filters of other clients are being compiled; try again")

// generations keep what was asked for lately: when the young one is full it becomes the old one, and what was old is forgotten.
type generations[V any] struct{ young, old map[string]V }

func (g *generations[V]) get(key string, most int) (V, bool) {
	if v, ok := g.young[key]; ok {
		return v, true
	}
	v, ok := g.old[key]
	if ok {
		g.put(key, v, most)
	}
	return v, ok
}

func (g *generations[V]) put(key string, v V, most int) {
	if g.young == nil || len(g.young) >= most {
		g.young, g.old = make(map[string]V), g.young
	}
	g.young[key] = v
}

// CheckFilter says what is wrong with a filter for events of streams, without any event: nil if nothing is. What is wrong with the expression is a
// *filter.Error, which has the place and the nearest field. Names of streams are those that clients use.
func (s *Server) CheckFilter(ctx context.Context, streams []string, expression string) error {
	entries, unknown := s.current().find(streams)
	if len(unknown) > 0 {
		return fmt.Errorf("unknown streams: %s", strings.Join(unknown, ", "))
	}
	_, err := s.filters.compile(ctx, s, entries, expression)
	return err
}

// FilterFields lists what a filter for streams can name, for completion.
func (s *Server) FilterFields(ctx context.Context, streams []string) ([]filter.Field, error) {
	entries, unknown := s.current().find(streams)
	if len(unknown) > 0 {
		return nil, fmt.Errorf("unknown streams: %s", strings.Join(unknown, ", "))
	}
	types, err := s.filters.typesFor(ctx, s, entries)
	if err != nil {
		return nil, err
	}
	return types.Fields(), nil
}

// FilterFailures is how often the evaluation of an event failed for another reason than a field that is missing or of another type, such as a division by
// zero or too much work. Such an event counts as one that the filter does not keep.
func (s *Server) FilterFailures() int64 { return s.filters.failed.Load() }

// typesFor are the types of the streams' events. A stream whose schema is not to be found has events with any fields.
func (f *filters) typesFor(ctx context.Context, s *Server, entries []*entry) (*typesOf, error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b *entry) int { return strings.Compare(a.name, b.name) })
	var names strings.Builder
	for _, e := range entries {
		names.WriteString(e.name + "\x00")
	}
	key, c := names.String(), s.current()
	f.mu.Lock()
	known, ok := f.types.get(key, maxTypes)
	f.mu.Unlock()
	if ok && known.catalogue == c && time.Since(known.made) < documentAge {
		return known, nil
	}
	fresh := &typesOf{catalogue: c, made: time.Now()}
	sum, schemas := sha256.New(), make([]filter.Schema, 0, len(entries))
	for _, e := range entries {
		schema := filter.Schema{Name: e.name, Source: s.schemaSource(ctx, e)}
		_, _ = fmt.Fprintf(sum, "%s\x00%d\x00%s", schema.Name, len(schema.Source), schema.Source) // a hash takes everything
		schemas = append(schemas, schema)
	}
	sum.Sum(fresh.sources[:0])
	if ok && known.sources == fresh.sources {
		fresh.Types = known.Types
	} else {
		var err error
		if fresh.Types, err = filter.NewTypes(func() { f.failed.Add(1) }, schemas...); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	f.types.put(key, fresh, maxTypes)
	f.mu.Unlock()
	return fresh, nil
}

// compile makes a filter for streams, or finds it.
func (f *filters) compile(ctx context.Context, s *Server, entries []*entry, expression string) (*measured, error) {
	types, err := f.typesFor(ctx, s, entries)
	if err != nil {
		return nil, err
	}
	key := string(types.sources[:]) + expression
	f.mu.Lock()
	known, ok := f.compiled.get(key, maxCompiled)
	f.mu.Unlock()
	if ok {
		return known, nil
	}
	patience := time.NewTimer(compilePatience)
	defer patience.Stop()
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-patience.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	compiled, err := types.Compile(expression)
	if err != nil {
		return nil, err
	}
	fresh := &measured{Filter: compiled}
	f.mu.Lock()
	f.compiled.put(key, fresh, maxCompiled)
	f.mu.Unlock()
	return fresh, nil
}

// compileAll makes the filters of a request; an event must pass all of them.
func (s *Server) compileAll(ctx context.Context, entries []*entry, expressions []string) (list []*measured, fault *problem) {
	for _, expression := range expressions {
		if expression == "" {
			continue
		}
		if len(list) == maxFilters {
			return nil, &problem{status: http.StatusBadRequest, kind: "bad_request", title: "Invalid filter", detail: fmt.Sprintf("there are more than %d filters: join them with &&", maxFilters)}
		}
		one, err := s.filters.compile(ctx, s, entries, expression)
		var wrong *filter.Error
		switch {
		case errors.As(err, &wrong):
			fault := &problem{status: http.StatusBadRequest, kind: "bad_request", title: "Invalid filter", detail: wrong.Error(),
				more: object{{"line", wrong.Line}, {"column", wrong.Column}}}
			if wrong.Nearest != "" {
				fault.more = append(fault.more, member{"nearest", wrong.Nearest})
			}
			return nil, fault
		case err != nil:
			if ctx.Err() == nil {
				s.log.Warn("a filter could not be compiled", "error", err)
			}
			return nil, &problem{status: http.StatusServiceUnavailable, kind: "unavailable", title: "Service Unavailable", detail: "The filter could not be compiled now; try again."}
		}
		if left := time.Until(time.Unix(0, one.refused.Load())); left > 0 {
			return nil, &problem{status: http.StatusTooManyRequests, kind: "too_many_requests", title: "Filter Too Expensive", after: left,
				detail: "This filter takes too much time for each event and is not served for a while. Make it cheaper: compare fields, and look into lists and patterns last."}
		}
		list = append(list, one)
	}
	return list, nil
}
