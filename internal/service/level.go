package service

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// LevelTrace is below debug, as service-runner has it; LevelFatal is above error.
const (
	LevelTrace = slog.LevelDebug - 4
	LevelFatal = slog.LevelError + 4
)

// LevelNames lists what ParseLevel takes, for messages.
const LevelNames = "trace, debug, info, warn, error, fatal"

// ParseLevel reads a log level as service-runner names it. A suffix such as in "warn/events" is left out.
func ParseLevel(name string) (slog.Level, bool) {
	name, _, _ = strings.Cut(strings.ToLower(name), "/")
	level, ok := map[string]slog.Level{
		"trace": LevelTrace, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError, "fatal": LevelFatal,
	}[name]
	return level, ok
}

// A change of the level ends after levelTime unless it says otherwise, after longestLevelTime at the latest.
const (
	levelTime        = 10 * time.Minute
	longestLevelTime = 24 * time.Hour
)

// Level is the least level that is logged. An operator may change it for a time, after which it returns: nobody has to remember to.
type Level struct {
	usual   slog.Level
	current atomic.Int64
	log     atomic.Pointer[slog.Logger] // tells of changes; set by NewLogger

	mu    sync.Mutex
	until time.Time   // zero: the level is the usual one
	timer *time.Timer // nil likewise
}

// NewLevel returns a level that is the usual one.
func NewLevel(usual slog.Level) *Level {
	l := &Level{usual: usual}
	l.current.Store(int64(usual))
	return l
}

// Level is for slog.
func (l *Level) Level() slog.Level { return slog.Level(l.current.Load()) }

// Change sets another level for a time. A change that is in force already ends with it.
func (l *Level) Change(to slog.Level, during time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
	until := time.Now().Add(during)
	l.until = until
	l.timer = time.AfterFunc(during, func() { l.restore(until) })
	l.set(to, "the log level is changed for a time", "until", until.UTC().Format(time.RFC3339))
}

// Restore returns to the usual level.
func (l *Level) Restore() { l.restore(time.Time{}) }

// restore ends the change that lasts until the given time, or any.
func (l *Level) restore(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer == nil || !until.IsZero() && !until.Equal(l.until) {
		return
	}
	l.timer.Stop()
	l.timer, l.until = nil, time.Time{}
	l.set(l.usual, "the log level is the usual one again")
}

// set changes the level and tells so while more is logged: before if it will be less, after if it is more.
func (l *Level) set(to slog.Level, text string, args ...any) {
	before := l.Level()
	l.current.Store(int64(min(before, to)))
	if log := l.log.Load(); log != nil {
		log.Log(context.Background(), max(slog.LevelWarn, l.Level()), text, append([]any{"before", levelName(before), "now", levelName(to)}, args...)...)
	}
	l.current.Store(int64(to))
}

// ServeHTTP is /loglevel of the admin port: GET shows the level, PUT ?level=debug&for=10m changes it for a time, DELETE ends that.
func (l *Level) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodDelete:
		l.Restore()
	case http.MethodPut: // not POST, which a page of another origin could have an operator's browser send
		if err := l.change(r); err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
	default:
		w.Header().Set("Allow", "GET, HEAD, PUT, DELETE")
		writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "GET shows the level, PUT ?level=debug&for=10m changes it, DELETE ends the change"})
		return
	}
	writeJSON(w, http.StatusOK, l.report())
}

func (l *Level) change(r *http.Request) error {
	query := r.URL.Query()
	level, ok := ParseLevel(query.Get("level"))
	if !ok {
		return fmt.Errorf("level is %q: it must be one of %s", query.Get("level"), LevelNames)
	}
	during := levelTime
	if text := query.Get("for"); text != "" {
		var err error
		if during, err = time.ParseDuration(text); err != nil || during <= 0 || during > longestLevelTime {
			return fmt.Errorf("for is %q: it must be a time such as 30s, 10m or 2h, at most 24h", text)
		}
	}
	l.Change(level, during)
	return nil
}

// levelReport is what GET /loglevel answers.
type levelReport struct {
	Level string `json:"level"`
	Usual string `json:"usual"`
	// Until is when the level returns to the usual one; absent if it is the usual one.
	Until *time.Time `json:"until,omitempty"`
}

func (l *Level) report() levelReport {
	l.mu.Lock()
	defer l.mu.Unlock()
	report := levelReport{Level: levelName(l.Level()), Usual: levelName(l.usual)}
	if l.timer != nil {
		until := l.until.UTC().Truncate(time.Second)
		report.Until = &until
	}
	return report
}

func levelName(l slog.Level) string {
	name, _ := bunyanLevel(l)
	return name
}
