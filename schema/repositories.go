package schema

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// maxLoads bounds how many schemas are looked for at the same time.
const maxLoads = 16

// Repositories finds schemas. Its methods may be called from any goroutine.
type Repositories struct {
	config Config
	bases  []*watched

	// found is the cache: read without a lock, replaced whole when something is added. A lookup of a byte slice in a map allocates nothing.
	found atomic.Pointer[map[string]*Schema]

	mu      sync.Mutex
	missing map[string]miss
	loading map[string]*loading
	changed map[string]change // what was told last of a version
	slots   chan struct{}

	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// miss is the remembered answer for a schema that was not found.
type miss struct {
	err   error
	until time.Time
}

// loading is a schema that is being looked for: all who ask for it wait for one.
type loading struct {
	done   chan struct{}
	schema *Schema
	err    error
}

// New opens the repositories. A folder that does not exist is an error with its remedy; an HTTP repository is not asked before it is needed.
// Close must be called in the end.
func New(c Config) (*Repositories, error) {
	r := &Repositories{
		config:  c.withDefaults(),
		missing: map[string]miss{},
		loading: map[string]*loading{},
		changed: map[string]change{},
		slots:   make(chan struct{}, maxLoads),
	}
	r.found.Store(&map[string]*Schema{})
	for _, location := range c.Bases {
		b, err := openBase(&r.config, location)
		if err != nil {
			return nil, err
		}
		r.bases = append(r.bases, &watched{base: b, log: r.config.Logger})
	}
	if c.Embedded != nil {
		r.bases = append(r.bases, &watched{base: newFSBase(c.Embedded, r.config.MaxBytes), log: r.config.Logger})
	}
	for i, b := range r.bases {
		b.left = len(r.bases) - i
	}
	if len(r.bases) == 0 {
		return nil, errors.New("no schema repository is configured: give a folder or a URL")
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	if r.config.Revalidate > 0 {
		r.done.Go(r.revalidateForEver)
	}
	return r, nil
}

// Close ends what runs in the background. Lookups that wait are answered with an error.
func (r *Repositories) Close() {
	r.cancel()
	r.done.Wait()
}

// LookupBytes returns a schema that is cached, without allocating. The bytes are the text of the URI, not kept.
func (r *Repositories) LookupBytes(uri []byte) (*Schema, bool) {
	s, ok := (*r.found.Load())[string(uri)]
	return s, ok
}

// Lookup returns the schema that a $schema value names. Errors are *InvalidURIError, *NotFoundError, *BrokenError or *UnavailableError, or ctx's.
func (r *Repositories) Lookup(ctx context.Context, uri string) (*Schema, error) {
	if s, ok := (*r.found.Load())[uri]; ok {
		return s, nil
	}
	ref, err := parseURI(uri)
	if err != nil {
		return nil, err
	}
	key := ref.uri + ref.ext
	r.mu.Lock()
	if s, ok := (*r.found.Load())[key]; ok {
		r.mu.Unlock()
		return s, nil
	}
	if m, ok := r.missing[key]; ok && time.Now().Before(m.until) {
		r.mu.Unlock()
		return nil, m.err
	}
	l, ok := r.loading[key]
	if !ok {
		if r.ctx.Err() != nil {
			r.mu.Unlock()
			return nil, &UnavailableError{URI: uri, Cause: errors.New("the repositories are closed")}
		}
		l = &loading{done: make(chan struct{})}
		r.loading[key] = l
		r.done.Go(func() { r.load(key, ref, l) })
	}
	r.mu.Unlock()
	select {
	case <-l.done:
		return l.schema, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// load looks for a schema and tells all who wait. It runs on its own, so that one who stops waiting does not take the answer from the others.
func (r *Repositories) load(key string, ref reference, l *loading) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(r.ctx, r.config.Timeout)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		l.schema, l.err = r.find(ctx, ref)
		<-r.slots
	case <-ctx.Done():
		l.err = &UnavailableError{URI: ref.uri, Cause: fmt.Errorf("%d others are looked up and do not end: %w", maxLoads, ctx.Err())}
	}
	r.mu.Lock()
	delete(r.loading, key)
	if l.err == nil {
		delete(r.missing, key)
		r.keep(key, l.schema)
	} else {
		r.remember(key, l.err)
	}
	r.mu.Unlock()
	close(l.done)
	if r.config.Observer != nil {
		r.config.Observer.SchemaLoaded(ref.uri, time.Since(start), l.err)
	}
	var broken *BrokenError
	if errors.As(l.err, &broken) {
		r.config.Logger.Warn("schema cannot be used", "schema", ref.uri, "file", broken.File, "reason", broken.Cause)
	}
}

// keep adds a schema to the cache. Above the bound any other makes place: no more than that is needed where real repositories hold a few hundred.
func (r *Repositories) keep(key string, s *Schema) {
	old := *r.found.Load()
	next := make(map[string]*Schema, len(old)+1)
	room := r.config.MaxSchemas - 1
	for k, v := range old {
		if len(next) >= room {
			break
		}
		next[k] = v
	}
	next[key] = s
	r.found.Store(&next)
}

// remember keeps a failure for a while. A repository that does not answer is asked again sooner than one that says no.
func (r *Repositories) remember(key string, err error) {
	ttl := r.config.NegativeTTL
	var unavailable *UnavailableError
	if errors.As(err, &unavailable) {
		ttl = min(ttl, time.Second)
	}
	if len(r.missing) >= r.config.MaxSchemas {
		clear(r.missing)
	}
	r.missing[key] = miss{err, time.Now().Add(ttl)}
}

// Latest returns the newest version of a title.
func (r *Repositories) Latest(ctx context.Context, title string) (*Schema, error) {
	return r.Lookup(ctx, "/"+title+"/latest")
}

// Precache reads schemas before the first event needs them. It returns the errors of those that are found nowhere as missing; a schema that is
// found but cannot be used, or a URI that no event may name, is an error.
func (r *Repositories) Precache(ctx context.Context, uris []string) (missing []error, err error) {
	errs := make([]error, len(uris))
	var all sync.WaitGroup
	for i, uri := range uris {
		all.Go(func() { _, errs[i] = r.Lookup(ctx, uri) })
	}
	all.Wait()
	for _, err := range errs {
		var notFound *NotFoundError
		var unavailable *UnavailableError
		var broken *BrokenError
		switch {
		case err == nil:
		case errors.As(err, &notFound), errors.As(err, &unavailable):
			missing = append(missing, err)
		case errors.As(err, &broken):
			return missing, fmt.Errorf("%s: %w", broken.File, err)
		default:
			return missing, err
		}
	}
	return missing, nil
}

// Unloaded returns how many of some URIs are not in the cache.
func (r *Repositories) Unloaded(uris []string) int {
	n := 0
	for _, uri := range uris {
		ref, err := parseURI(uri)
		if _, ok := (*r.found.Load())[ref.uri+ref.ext]; err != nil || !ok {
			n++
		}
	}
	return n
}

// Cached returns how many names are in the cache.
func (r *Repositories) Cached() int { return len(*r.found.Load()) }

// Revision says which state of a repository is in use.
type Revision struct {
	Base     string // as configured, without credentials; "embedded" for the embedded one
	Revision string // a git commit, or "sha256:…": over names, sizes and times of the files, of an HTTP repository over the schemas read from it
}

// Revisions returns the revision that each repository is at now, in order. It reads the folders: not for a hot path.
func (r *Repositories) Revisions() []Revision {
	revisions := make([]Revision, len(r.bases))
	for i, b := range r.bases {
		revisions[i] = Revision{b.name(), b.revision()}
		if revisions[i].Revision == "" {
			revisions[i].Revision = r.digestOf(b.name())
		}
	}
	return revisions
}

// digestOf is over all that was read from a repository; "" if nothing was.
func (r *Repositories) digestOf(base string) string {
	read := map[string]*Schema{}
	for _, s := range *r.found.Load() {
		if s.Base == base {
			read[s.URI] = s
		}
	}
	if len(read) == 0 {
		return ""
	}
	h := sha256.New()
	for _, uri := range slices.Sorted(maps.Keys(read)) {
		fmt.Fprintf(h, "%s %x\n", uri, read[uri].digest)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)[:12])
}

// Locations are the repositories as they were configured, without the embedded one.
func (r *Repositories) Locations() []string { return r.config.Bases }
