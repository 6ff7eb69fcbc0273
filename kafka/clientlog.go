package kafka

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	logInterval = 10 * time.Second // at most one line of a kind in this time
	logKinds    = 256              // the client's messages are constants; this only bounds what it might do
)

// clientLogger hands the client's log lines to slog: errors and warnings at their level, what it calls informational as debug. A broker that
// is away makes the client repeat itself; a repeated message is written once in ten seconds, with how often it was left out.
type clientLogger struct {
	to *slog.Logger

	mu    sync.Mutex
	kinds map[string]*logKind
}

type logKind struct {
	last    time.Time
	skipped int
}

func newClientLogger(to *slog.Logger) *clientLogger {
	return &clientLogger{to: to, kinds: make(map[string]*logKind)}
}

func (l *clientLogger) Level() kgo.LogLevel {
	if l.to.Enabled(context.Background(), slog.LevelDebug) {
		return kgo.LogLevelInfo
	}
	return kgo.LogLevelWarn
}

func (l *clientLogger) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	at := slog.LevelDebug
	switch level {
	case kgo.LogLevelError:
		at = slog.LevelError
	case kgo.LogLevelWarn:
		at = slog.LevelWarn
	}
	skipped, ok := l.admit(msg, time.Now())
	if !ok {
		return
	}
	if skipped > 0 {
		keyvals = append(keyvals, "repeated", skipped)
	}
	l.to.Log(context.Background(), at, "kafka: "+msg, keyvals...)
}

func (l *clientLogger) admit(msg string, now time.Time) (skipped int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kinds[msg]
	if k == nil {
		if len(l.kinds) >= logKinds {
			clear(l.kinds)
		}
		l.kinds[msg] = &logKind{last: now}
		return 0, true
	}
	if now.Sub(k.last) < logInterval {
		k.skipped++
		return 0, false
	}
	skipped, k.skipped, k.last = k.skipped, 0, now
	return skipped, true
}
