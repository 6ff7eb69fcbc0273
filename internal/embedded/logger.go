package embedded

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kfake"
)

// logger passes on what the broker complains of; what it says of single requests is dropped.
type logger struct{ to *slog.Logger }

func (l *logger) Logf(level kfake.LogLevel, format string, args ...any) {
	if l.to == nil {
		return
	}
	var at slog.Level
	switch level {
	case kfake.LogLevelError:
		at = slog.LevelError
	case kfake.LogLevelWarn:
		at = slog.LevelWarn
	default:
		return
	}
	l.to.Log(context.Background(), at, "broker: "+fmt.Sprintf(format, args...))
}
