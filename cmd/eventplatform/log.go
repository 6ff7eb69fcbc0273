package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// newLogger writes one JSON object a line.
func newLogger(out io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log-level: %w", err)
	}
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: l})), nil
}

// duration is a flag's time, such as 10s.
type duration time.Duration

// UnmarshalText reads Go's form of durations.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}
