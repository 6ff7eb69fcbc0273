package check

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Prober serves checks to Prometheus: GET /probe?target=URL&module=NAME, as its blackbox exporter does.
type Prober struct {
	// Modules are the checks by name. They get the target and the request's other parameters; an error is one of these.
	Modules map[string]func(ctx context.Context, target string, q url.Values) (Result, error)
	// Allow are the servers that may be asked: http(s)://host:port, or with a path that the target's must begin with.
	Allow []string
	// Longest bounds a check, as Prometheus' own limit does, which it sends.
	Longest time.Duration

	places chan struct{}
}

// atOnce bounds the checks that run at the same time.
const atOnce = 16

// spare is how long before Prometheus stops waiting a check has to end.
const spare = 500 * time.Millisecond

// Handler serves /probe.
func (p *Prober) Handler() http.Handler {
	p.places = make(chan struct{}, atOnce)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /probe", p.probe)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "ask for /probe?module=NAME&target=URL; modules: "+strings.Join(slices.Sorted(maps.Keys(p.Modules)), ", "), http.StatusNotFound)
	})
	return mux
}

func (p *Prober) probe(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	name, target := q.Get("module"), q.Get("target")
	run, known := p.Modules[name]
	switch {
	case !known:
		http.Error(w, fmt.Sprintf("there is no module %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(p.Modules)), ", ")), http.StatusBadRequest)
		return
	case target != "" && !p.allowed(target):
		http.Error(w, "this target is not allowed: start with --allow and its server's URL", http.StatusForbidden)
		return
	}
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many checks at once", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), p.limit(r))
	defer cancel()
	began := time.Now()
	result, err := run(ctx, target, q)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_ = result.WriteMetrics(w, time.Since(began)) // who asked has gone
}

// limit is how long a check may take.
func (p *Prober) limit(r *http.Request) time.Duration {
	if s, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64); err == nil && s > 0 && s < p.Longest.Seconds() {
		d := time.Duration(s * float64(time.Second))
		return max(d-spare, d/2)
	}
	return p.Longest
}

// allowed reports whether a target is below one of the allowed servers.
func (p *Prober) allowed(target string) bool {
	t, err := url.Parse(target)
	if err != nil || t.User != nil {
		return false
	}
	return slices.ContainsFunc(p.Allow, func(allowed string) bool {
		a, err := url.Parse(allowed)
		if err != nil || a.Scheme != t.Scheme || !strings.EqualFold(a.Host, t.Host) {
			return false
		}
		base := strings.TrimSuffix(a.Path, "/")
		return base == "" || t.Path == base || strings.HasPrefix(t.Path, base+"/") && !strings.Contains(t.Path, "..")
	})
}
