package metrics

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// maxSeries bounds the series of one family. What the rooms give is bounded by the configuration; this holds if the configuration is a thousand
// streams times a hundred schemas, or if a caller of the rooms does not keep to it.
const maxSeries = 10_000

// other is the label value past the bound.
const other = "other"

// series finds the series of a family by its labels without allocating, which the family itself cannot. Labels are an array of strings.
type series[L comparable, S any] struct {
	make  func(L) S
	spill L
	limit int
	known atomic.Pointer[map[L]S]
	lock  sync.Mutex
}

func newSeries[L comparable, S any](spill L, create func(L) S) *series[L, S] {
	s := &series[L, S]{make: create, spill: spill, limit: maxSeries}
	s.known.Store(&map[L]S{})
	return s
}

// get returns the series with the labels.
func (s *series[L, S]) get(labels L) S {
	if found, ok := (*s.known.Load())[labels]; ok {
		return found
	}
	return s.add(labels)
}

func (s *series[L, S]) add(labels L) S {
	s.lock.Lock()
	defer s.lock.Unlock()
	known := *s.known.Load()
	if found, ok := known[labels]; ok {
		return found
	}
	if len(known) >= s.limit {
		if found, ok := known[s.spill]; ok {
			return found
		}
		labels = s.spill
	}
	next := maps.Clone(known)
	next[labels] = s.make(labels)
	s.known.Store(&next)
	return next[labels]
}

// counters1, counters2 and counters3 make families of counters with so many labels.
func counters1(reg prometheus.Registerer, name, help, label string) *series[string, prometheus.Counter] {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	reg.MustRegister(vec)
	return newSeries(other, func(l string) prometheus.Counter { return vec.WithLabelValues(l) })
}

func counters2(reg prometheus.Registerer, name, help string, labels [2]string) *series[[2]string, prometheus.Counter] {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels[:])
	reg.MustRegister(vec)
	return newSeries([2]string{other, other}, func(l [2]string) prometheus.Counter { return vec.WithLabelValues(l[0], l[1]) })
}

func counters3(reg prometheus.Registerer, name, help string, labels [3]string) *series[[3]string, prometheus.Counter] {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels[:])
	reg.MustRegister(vec)
	return newSeries([3]string{other, other, other}, func(l [3]string) prometheus.Counter { return vec.WithLabelValues(l[0], l[1], l[2]) })
}

func counter(reg prometheus.Registerer, name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	reg.MustRegister(c)
	return c
}
