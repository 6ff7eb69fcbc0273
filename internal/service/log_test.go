package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"testing"
)

func TestLogLinesAreBunyans(t *testing.T) {
	var out bytes.Buffer
	var level slog.LevelVar
	level.Set(slog.LevelWarn)
	log := NewLogger(&out, LogConfig{Name: "eventgate-main", Level: &level})
	log.Info("not written")
	log.With("stream", "a.b").Error("refused", "err", errors.New("why"))
	level.Set(slog.LevelDebug - 4)
	log.Log(t.Context(), slog.LevelDebug-4, "fine")
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), out.Bytes())
	}
	var line struct {
		Name, Hostname, Msg, Time, LevelPath, Stream, Err string
		Pid, Level, V                                     int
	}
	if err := json.Unmarshal(lines[0], &line); err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	if line.Name != "eventgate-main" || line.Hostname != host || line.Pid != os.Getpid() || line.Level != 50 || line.Msg != "refused" ||
		line.LevelPath != "error" || line.Stream != "a.b" || line.Err != "why" || len(line.Time) != len("2026-01-02T03:04:05.678Z") {
		t.Errorf("the line is %s", lines[0])
	}
	if err := json.Unmarshal(lines[1], &line); err != nil || line.Level != 10 || line.LevelPath != "trace" {
		t.Errorf("the trace line is %s", lines[1])
	}
	out.Reset()
	NewLogger(&out, LogConfig{Name: "x", Level: slog.LevelInfo, NamedLevels: true}).Warn("w")
	if !bytes.Contains(out.Bytes(), []byte(`"level":"WARN"`)) {
		t.Errorf("the named level is missing: %s", out.Bytes())
	}
}
