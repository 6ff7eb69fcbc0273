package service

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A line is known by its level and its message. Of the lines of one kind the first burst of an interval are written, then every sampled one; a line that is
// written after others were left out says how many, in "suppressed". Debug and trace lines are written all: whoever wants these wants all of them, for a time.
const (
	burst         = 1000
	sampled       = 100
	burstInterval = 10 * time.Second
	// maxKinds bounds the kinds that are told apart. Messages are written in the program, so there are far fewer.
	maxKinds = 1000
)

// sampler leaves lines out where the same one repeats in a flood.
type sampler struct {
	slog.Handler
	floods *floods
}

func newSampler(h slog.Handler, suppressed func(level string)) sampler {
	return sampler{h, &floods{suppressed: suppressed, kinds: map[kind]*flood{}}}
}

// Handle writes a line, or leaves it out.
func (s sampler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelInfo {
		return s.Handler.Handle(ctx, r)
	}
	write, suppressed := s.floods.count(kind{r.Level, r.Message})
	if !write {
		return nil
	}
	if suppressed > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("suppressed", suppressed))
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs keeps the counts: attributes do not make another kind of line.
func (s sampler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return sampler{s.Handler.WithAttrs(attrs), s.floods}
}

// WithGroup keeps the counts.
func (s sampler) WithGroup(name string) slog.Handler {
	return sampler{s.Handler.WithGroup(name), s.floods}
}

type kind struct {
	level   slog.Level
	message string
}

// flood is what is known of the lines of one kind.
type flood struct {
	begun      time.Time // of the interval
	lines      int       // in it
	suppressed int       // since the last line that was written
}

type floods struct {
	suppressed func(level string)

	mu    sync.Mutex
	kinds map[kind]*flood
}

// count says whether a line is written, and how many of its kind were left out since the last one.
func (f *floods) count(k kind) (write bool, suppressed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := f.kinds[k]
	if known == nil {
		if len(f.kinds) >= maxKinds {
			k = kind{level: k.level} // one kind for all the rest
			known = f.kinds[k]
		}
		if known == nil {
			known = &flood{}
			f.kinds[k] = known
		}
	}
	now := time.Now()
	if now.Sub(known.begun) >= burstInterval {
		known.begun, known.lines = now, 0
	}
	known.lines++
	if known.lines > burst && known.lines%sampled != 0 {
		known.suppressed++
		if f.suppressed != nil {
			f.suppressed(levelName(k.level))
		}
		return false, 0
	}
	suppressed, known.suppressed = known.suppressed, 0
	return true, suppressed
}
