package service

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
)

// LogConfig configures a logger that writes lines as the Node.js services do.
type LogConfig struct {
	// Name is the service's name.
	Name string
	// Level is the least level that is written; it may change while the service runs.
	Level slog.Leveler
	// NamedLevels writes levels as names ("INFO") instead of numbers (30).
	NamedLevels bool
}

// NewLogger writes one JSON object a line with bunyan's members: name, hostname, pid, level, msg, time, v, and the line's own.
func NewLogger(out io.Writer, c LogConfig) *slog.Logger {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	var h slog.Handler = slog.NewJSONHandler(out, &slog.HandlerOptions{
		Level: c.Level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) > 0 {
				return a
			}
			switch a.Key {
			case slog.LevelKey:
				level, _ := a.Value.Any().(slog.Level)
				name, number := bunyanLevel(level)
				if c.NamedLevels {
					return slog.String("level", strings.ToUpper(name))
				}
				return slog.Int("level", number)
			case slog.TimeKey:
				return slog.String("time", a.Value.Time().UTC().Format("2006-01-02T15:04:05.000Z"))
			}
			return a
		},
	})
	h = h.WithAttrs([]slog.Attr{slog.String("name", c.Name), slog.String("hostname", host), slog.Int("pid", os.Getpid()), slog.Int("v", 0)})
	return slog.New(withLevelPath{h})
}

// bunyanLevel is a level as bunyan names and numbers it.
func bunyanLevel(l slog.Level) (name string, number int) {
	switch {
	case l < slog.LevelDebug:
		return "trace", 10
	case l < slog.LevelInfo:
		return "debug", 20
	case l < slog.LevelWarn:
		return "info", 30
	case l < slog.LevelError:
		return "warn", 40
	case l < slog.LevelError+4:
		return "error", 50
	}
	return "fatal", 60
}

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
