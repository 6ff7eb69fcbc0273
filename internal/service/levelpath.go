package service

import (
	"context"
	"log/slog"
	"time"
)

// withLevelPath adds levelPath, which operators' filters look at.
type withLevelPath struct{ slog.Handler }

// Handle writes one line.
func (h withLevelPath) Handle(ctx context.Context, r slog.Record) error {
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	name, _ := bunyanLevel(r.Level)
	r = r.Clone()
	r.AddAttrs(slog.String("levelPath", name))
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the addition.
func (h withLevelPath) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withLevelPath{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the addition.
func (h withLevelPath) WithGroup(name string) slog.Handler {
	return withLevelPath{h.Handler.WithGroup(name)}
}
