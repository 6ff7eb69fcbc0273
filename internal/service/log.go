package service

import (
	"io"
	"log/slog"
	"os"
	"strings"
)

// LogFormat names the members of a line.
type LogFormat string

// The formats.
const (
	// Bunyan is what the Node.js services write: name, hostname, pid, level, msg, time, v, levelPath, and the line's own.
	Bunyan LogFormat = "bunyan"
	// ECS is the Elastic Common Schema: @timestamp, log.level, message, service.name and so on; what the schema has no name for is a label.
	ECS LogFormat = "ecs"
)

// LogConfig configures a logger.
type LogConfig struct {
	// Name is the service's name.
	Name string
	// Level is the least level that is written. A *Level can be changed while the service runs, and tells so in the log.
	Level slog.Leveler
	// Format is Bunyan if it is "".
	Format LogFormat
	// NamedLevels writes Bunyan's levels as names ("INFO") instead of numbers (30).
	NamedLevels bool
	// Suppressed, if set, hears of each line that is left out in a flood; level is its name.
	Suppressed func(level string)
}

// NewLogger writes one JSON object a line. Of lines that repeat too often a sample is written: see burst.
func NewLogger(out io.Writer, c LogConfig) *slog.Logger {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	var h slog.Handler
	if c.Format == ECS {
		h = newECS(out, c, host)
	} else {
		h = newBunyan(out, c, host)
	}
	log := slog.New(newSampler(h, c.Suppressed))
	if level, ok := c.Level.(*Level); ok {
		level.log.Store(log)
	}
	return log
}

// newBunyan writes lines as bunyan does.
func newBunyan(out io.Writer, c LogConfig, host string) slog.Handler {
	h := slog.NewJSONHandler(out, &slog.HandlerOptions{
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
				return slog.String("time", a.Value.Time().UTC().Format(logTime))
			}
			return a
		},
	})
	return withLevelPath{h.WithAttrs([]slog.Attr{
		slog.String("name", c.Name), slog.String("hostname", host), slog.Int("pid", os.Getpid()), slog.Int("v", 0),
	})}
}

// logTime is how both formats write times, in UTC.
const logTime = "2006-01-02T15:04:05.000Z"

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
	case l < LevelFatal:
		return "error", 50
	}
	return "fatal", 60
}
