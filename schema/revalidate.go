package schema

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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
	start := time.Now()
	fresh := map[string]*Schema{}
	for key, old := range *r.found.Load() {
		if r.ctx.Err() != nil {
			return
		}
		ref, err := parseURI(key)
		if err != nil || r.hungSince(old.Base, start) {
			continue
		}
		if s, changed := r.again(ref, old); changed {
			fresh[key] = s
		}
	}
	r.replace(fresh)
}

// replace puts schemas in the place of those in the cache.
func (r *Repositories) replace(fresh map[string]*Schema) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := maps.Clone(*r.found.Load())
	for key, s := range fresh {
		if _, still := next[key]; still {
			next[key] = s
		}
	}
	r.found.Store(&next)
}

// again reads a cached schema again and says what to use instead, if anything.
func (r *Repositories) again(ref reference, old *Schema) (*Schema, bool) {
	ctx, cancel := context.WithTimeout(r.ctx, r.config.Timeout)
	defer cancel()
	if !ref.moving() && r.unchanged(ctx, old) {
		return nil, false
	}
	s, err := r.findAgain(ctx, ref, old)
	switch {
	case err != nil, s.URI == old.URI && s.digest == old.digest:
		return nil, false
	case s.URI != old.URI: // "latest" is another version now
		return s, true
	}
	r.report(s, old, r.config.TakeChanges)
	return s, r.config.TakeChanges
}

// findAgain looks for a schema that is in use. While its repository does not answer no other stands in: "latest" would go back to what that one has.
func (r *Repositories) findAgain(ctx context.Context, ref reference, old *Schema) (*Schema, error) {
	s, err := r.find(ctx, ref)
	if err == nil && s.Base != old.Base {
		for _, b := range r.bases {
			if b.name() == old.Base && b.out() {
				return nil, &UnavailableError{URI: ref.uri, Cause: fmt.Errorf("schema repository %s does not answer; %s, which has it too, is not taken instead", old.Base, s.Base)}
			}
		}
	}
	return s, err
}

// unchanged asks the repository that a schema came from by its ETag, which costs it no answer's body.
func (r *Repositories) unchanged(ctx context.Context, old *Schema) bool {
	for _, b := range r.bases {
		if b.name() != old.Base || old.etag == "" || !strings.HasPrefix(old.File, old.Base) {
			continue
		}
		file := strings.TrimLeft(strings.TrimPrefix(old.File, strings.TrimRight(old.Base, "/")), "/")
		_, err := b.read(ctx, file, old.etag)
		return err != nil && !errors.Is(err, fs.ErrNotExist)
	}
	return false
}

func (r *Repositories) hungSince(base string, then time.Time) bool {
	for _, b := range r.bases {
		if b.name() == base && b.hungSince(then) {
			return true
		}
	}
	return false
}

// change is what was told of a version: its text, and whether that is used.
type change struct {
	digest [sha256.Size]byte
	used   bool
}

// report tells once that a version changed, and once that its new text is used.
func (r *Repositories) report(s, old *Schema, used bool) {
	r.mu.Lock()
	before, now := r.changed[s.URI], change{s.digest, used}
	r.changed[s.URI] = now
	r.mu.Unlock()
	if before == now {
		return
	}
	r.config.Logger.Warn("a schema's version changed, though versions are immutable",
		"schema", s.URI, "file", s.File, "was_file", old.File, "new_text_used", used)
	if r.config.Observer != nil && before.digest != s.digest {
		r.config.Observer.SchemaChanged(s.URI)
	}
}
