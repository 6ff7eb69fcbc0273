package schema

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// steady is how long after its last failure a repository that answers counts as back: one that answers by turns is not told of by turns.
const steady = 10 * time.Second

// watched is a repository whose outages are told to the operator, whoever meets them: once when one begins, once when it is over.
type watched struct {
	base
	log  *slog.Logger
	left int // repositories from this one on

	mu     sync.Mutex
	since  time.Time // when the outage began; zero if there is none
	failed time.Time // when it failed last
	hung   time.Time // when it let time run out last
}

// part is the part of a lookup's time that this repository may take: an even one of what is left for it and those after it.
func (w *watched) part(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(end)/time.Duration(w.left))
}

func (w *watched) read(ctx context.Context, file, etag string) (document, error) {
	if err := ctx.Err(); err != nil { // it cannot be blamed for that
		return document{}, &unreachableError{w.name(), file, err}
	}
	doc, err := w.base.read(ctx, file, etag)
	unreachable, silent := errors.AsType[*unreachableError](err)
	switch {
	case !silent:
		w.answered()
	case !errors.Is(err, context.Canceled): // nobody waits any more
		w.silent(unreachable)
	}
	return doc, err
}

func (w *watched) silent(err *unreachableError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = time.Now()
	if errors.Is(err, context.DeadlineExceeded) {
		w.hung = w.failed
	}
	if w.since.IsZero() {
		w.since = w.failed
		w.log.Warn("a schema repository does not answer; schemas read before stay in use, others of it cannot be had", "repository", w.name(), "err", err)
	}
}

func (w *watched) answered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since.IsZero() || time.Since(w.failed) < steady {
		return
	}
	w.log.Info("a schema repository answers again", "repository", w.name(), "silent_for", time.Since(w.since).Round(time.Second).String())
	w.since = time.Time{}
}

// out reports whether there is an outage.
func (w *watched) out() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.since.IsZero()
}

// hungSince reports whether the repository let time run out since then: asking it for more would cost as much each time.
func (w *watched) hungSince(then time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.hung.IsZero() && !w.hung.Before(then)
}
