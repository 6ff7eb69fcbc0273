package schema

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// reloads is how many schemas a reload reads at a time: a server is not to be flooded.
const reloads = 4

// Reload reads all schemas again and takes what it reads, whatever the configuration says of changes: somebody asked for it. It returns when all are
// read. One that cannot be read, or is nowhere any more, stays in use as it was: asking must not make an outage worse, and an empty folder or a server's
// 404 may be one. The error tells of those.
func (r *Repositories) Reload(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	r.mu.Lock()
	clear(r.missing)
	r.mu.Unlock()

	var (
		start  = time.Now()
		cached = *r.found.Load()
		places = make(chan struct{}, reloads)
		group  sync.WaitGroup
		mu     sync.Mutex
		fresh  = map[string]*Schema{}
		failed []string
	)
	for key, old := range cached {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			s, err := r.readAgain(ctx, key, old, start)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				failed = append(failed, key)
			case s.URI != old.URI || s.digest != old.digest:
				fresh[key] = s
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for key, s := range fresh {
		if old := cached[key]; s.URI == old.URI {
			r.report(s, old, true)
		}
	}
	r.replace(fresh)
	if len(failed) == 0 {
		return nil
	}
	slices.Sort(failed)
	names := strings.Join(failed[:min(len(failed), 10)], ", ")
	if len(failed) > 10 {
		names += ", …"
	}
	return fmt.Errorf("%d of %d schemas could not be read again and stay as they were: %s", len(failed), len(cached), names)
}

// readAgain reads a schema that is in use, and says what to do if that fails.
func (r *Repositories) readAgain(ctx context.Context, key string, old *Schema, start time.Time) (*Schema, error) {
	if r.hungSince(old.Base, start) {
		return nil, errors.New("its repository does not answer") // which was told
	}
	ref, err := parseURI(key)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	s, err := r.findAgain(bounded, ref, old)
	if err == nil || ctx.Err() != nil {
		return s, err
	}
	if _, gone := errors.AsType[*NotFoundError](err); gone {
		r.config.Logger.Warn("a schema in use is in no repository any more; it stays in use. Put it back: a published version must stay, removing it does not withdraw it. "+
			"A restart forgets it", "schema", key, "was_file", old.File)
	} else {
		r.config.Logger.Warn("a schema cannot be read again; what was read before stays in use. When its repository is mended, reload again",
			"schema", key, "was_file", old.File, "err", err)
	}
	return nil, err
}
