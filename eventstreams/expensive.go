package eventstreams

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/internal/filter"
	"github.com/eventplatform/eventplatform/kafkasse"
)

// measured is a compiled filter that knows how long it takes. Filters are evaluated where a partition's events are taken in, so that one that takes long
// would hold up everybody who reads that partition.
type measured struct {
	*filter.Filter
	spent, events atomic.Int64 // ns and number of evaluations
	refused       atomic.Int64 // until when it is not served, ns since the epoch

	mu                       sync.Mutex
	views                    map[string]bool // keys of the views that have it
	seenSpent, seenEvaluated int64           // at the last look
}

// What makes a filter too expensive: it takes more than a tenth of a processor, and more than a fifth of a millisecond an event. The second keeps clients
// that catch up with an ordinary filter, at tens of thousands of events a second, out of it.
const (
	lookEvery     = 10 * time.Second
	mostShare     = 0.1 // of a processor
	mostOfAnEvent = 200 * time.Microsecond
	refusedFor    = 10 * time.Minute
	maxViews      = 1_000
)

// Keep says whether an event is delivered.
func (m *measured) Keep(topic string, timestamp int64, event []byte) bool {
	began := time.Now()
	kept := m.Filter.Keep(topic, timestamp, event)
	m.spent.Add(int64(time.Since(began)))
	m.events.Add(1)
	return kept
}

// usedBy remembers a view.
func (m *measured) usedBy(view string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.views == nil || len(m.views) >= maxViews {
		m.views = map[string]bool{}
	}
	m.views[view] = true
}

// look says whether the filter has been too expensive since the last look, a time ago.
func (m *measured) look(since time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	spent, events := m.spent.Load()-m.seenSpent, m.events.Load()-m.seenEvaluated
	m.seenSpent += spent
	m.seenEvaluated += events
	return events > 0 && float64(spent) > mostShare*float64(since) && time.Duration(spent/events) > mostOfAnEvent
}

// has says whether a view has the filter.
func (m *measured) has(view string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.views[view]
}

// all are the filters that are kept.
func (f *filters) all() (list []*measured) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, g := range []map[string]*measured{f.compiled.young, f.compiled.old} {
		for _, m := range g {
			list = append(list, m)
		}
	}
	return list
}

// watchFilters ends the streams of filters that are too expensive, and refuses these for a while.
func (s *Server) watchFilters(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.refuseExpensive(lookEvery)
		}
	}
}

func (s *Server) refuseExpensive(since time.Duration) {
	for _, m := range s.filters.all() {
		if !m.look(since) {
			continue
		}
		m.refused.Store(time.Now().Add(refusedFor).UnixNano())
		cut := s.streams.Cut(func(c kafkasse.ClientInfo) bool { return c.View != "" && m.has(c.View) })
		s.log.Warn("a filter takes too much time and is not served for a while", "filter", m.Expression(), "minutes", refusedFor.Minutes(), "cut", cut)
	}
}
