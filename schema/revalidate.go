package schema

import (
	"errors"
	"io/fs"
	"maps"
	"strings"
	"time"
)

// revalidateForEver asks the repositories from time to time whether what is cached is still what they have.
func (r *Repositories) revalidateForEver() {
	tick := time.NewTicker(r.config.Revalidate)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.Revalidate()
		case <-r.ctx.Done():
			return
		}
	}
}

// Revalidate asks the repositories now whether what is cached is still what they have. What cannot be asked stays as it is. A version whose text is
// another than it was is reported, and taken only if the configuration says so; "latest" and "current" are looked up again.
func (r *Repositories) Revalidate() {
	fresh := map[string]*Schema{}
	for key, old := range *r.found.Load() {
		if r.ctx.Err() != nil {
			return
		}
		ref, err := parseURI(key)
		if err != nil {
			continue
		}
		if s, changed := r.again(ref, old); changed {
			fresh[key] = s
		}
	}
	r.replace(fresh)
}

// Reset makes all schemas be read again, in the background, whatever the configuration says of changes: somebody asked for it. One that is nowhere any
// more is forgotten; one whose repository does not answer, or that is broken now, stays as it is: asking must not make an outage worse.
func (r *Repositories) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.missing)
	clear(r.changed)
	if r.ctx.Err() == nil {
		r.done.Go(r.readAgain)
	}
}

func (r *Repositories) readAgain() {
	fresh := map[string]*Schema{}
	for key, old := range *r.found.Load() {
		if r.ctx.Err() != nil {
			return
		}
		ref, err := parseURI(key)
		if err != nil {
			continue
		}
		s, err := r.find(r.ctx, ref)
		var notFound *NotFoundError
		switch {
		case errors.As(err, &notFound):
			fresh[key] = nil
		case err != nil:
			r.config.Logger.Warn("a schema cannot be read again, the one read before stays in use", "schema", key, "error", err)
		case s.digest != old.digest:
			fresh[key] = s
		}
	}
	r.replace(fresh)
}

// replace puts schemas in the place of those in the cache; nil takes one out.
func (r *Repositories) replace(fresh map[string]*Schema) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := maps.Clone(*r.found.Load())
	for key, s := range fresh {
		if _, still := next[key]; !still {
			continue
		}
		if s == nil {
			delete(next, key)
		} else {
			next[key] = s
		}
	}
	r.found.Store(&next)
}

// again reads a cached schema again and says what to use instead, if anything.
func (r *Repositories) again(ref reference, old *Schema) (*Schema, bool) {
	if ref.moving() {
		s, err := r.find(r.ctx, ref)
		if err != nil || s.URI == old.URI && s.digest == old.digest {
			return nil, false
		}
		return s, true
	}
	if r.unchanged(ref, old) {
		return nil, false
	}
	s, err := r.find(r.ctx, ref)
	if err != nil || s.digest == old.digest {
		return nil, false
	}
	r.report(s, old)
	return s, r.config.TakeChanges
}

// unchanged asks the repository that a schema came from by its ETag, which costs it no answer's body.
func (r *Repositories) unchanged(ref reference, old *Schema) bool {
	for _, b := range r.bases {
		if b.name() != old.Base || old.etag == "" || !strings.HasPrefix(old.File, old.Base) {
			continue
		}
		file := strings.TrimLeft(strings.TrimPrefix(old.File, strings.TrimRight(old.Base, "/")), "/")
		_, err := b.read(r.ctx, file, old.etag)
		return err != nil && !errors.Is(err, fs.ErrNotExist)
	}
	return false
}

// report tells once that a version changed.
func (r *Repositories) report(s, old *Schema) {
	r.mu.Lock()
	told := r.changed[s.URI]
	r.changed[s.URI] = true
	r.mu.Unlock()
	if told && !r.config.TakeChanges {
		return
	}
	r.config.Logger.Warn("a schema's version changed, though versions are immutable",
		"schema", s.URI, "file", s.File, "was_file", old.File, "new_text_used", r.config.TakeChanges)
	if r.config.Observer != nil {
		r.config.Observer.SchemaChanged(s.URI)
	}
}
