package service

import (
	"io"
	"log/slog"
	"os"
)

// ecsVersion is the version of the Elastic Common Schema that lines follow.
const ecsVersion = "8.11.0"

// ecsNames are what the schema calls members of our lines. What is not here is a label, which the schema leaves to everyone.
var ecsNames = map[string]string{
	"err":        "error.message",
	"error":      "error.message",
	"cause":      "error.message",
	"remote":     "client.ip",
	"ip":         "client.address", // which may have a port
	"address":    "client.address",
	"status":     "http.response.status_code",
	"method":     "http.request.method",
	"request_id": "http.request.id",
	"referer":    "http.request.referrer",
	"user_agent": "user_agent.original",
	"uri":        "url.original",
	"trace_id":   "trace.id",
	"span_id":    "span.id",
	"version":    "service.version",
}

// newECS writes lines in the members of the Elastic Common Schema, with dots in their names, as its loggers do.
func newECS(out io.Writer, c LogConfig, host string) slog.Handler {
	h := slog.NewJSONHandler(out, &slog.HandlerOptions{
		Level: c.Level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) > 0 {
				return a
			}
			switch a.Key {
			case slog.TimeKey:
				return slog.String("@timestamp", a.Value.Time().UTC().Format(logTime))
			case slog.LevelKey:
				level, _ := a.Value.Any().(slog.Level)
				return slog.String("log.level", levelName(level))
			case slog.MessageKey:
				return slog.String("message", a.Value.String())
			case "ecs.version", "service.name", "host.name", "process.pid":
				return a
			}
			if name, ok := ecsNames[a.Key]; ok {
				a.Key = name
			} else {
				a.Key = "labels." + a.Key
			}
			return a
		},
	})
	return h.WithAttrs([]slog.Attr{
		slog.String("ecs.version", ecsVersion), slog.String("service.name", c.Name), slog.String("host.name", host), slog.Int("process.pid", os.Getpid()),
	})
}
