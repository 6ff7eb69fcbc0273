package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// In a flood a sample is written which says how much was left out; another kind of line and a later interval are not affected.
func TestFloodsAreSampled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		left := map[string]int{}
		log := NewLogger(&out, LogConfig{Name: "x", Level: LevelTrace, Suppressed: func(level string) { left[level]++ }})
		const lines = burst + 10*sampled
		for i := range lines {
			log.With("n", i).Warn("refused", "reason", i)
		}
		log.Warn("something else")
		for i := range lines {
			log.Debug("asked for", "n", i)
		}
		written := strings.Count(out.String(), `"refused"`)
		if want := burst + 10; written != want {
			t.Errorf("%d lines of %d are written, want %d", written, lines, want)
		}
		if left["warn"] != lines-written || len(left) != 1 {
			t.Errorf("left out are %v", left)
		}
		told := 0
		for line := range strings.Lines(out.String()) {
			var l struct{ Suppressed int }
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			told += l.Suppressed
		}
		if told != lines-written {
			t.Errorf("the lines tell of %d that were left out, want %d", told, lines-written)
		}
		if !strings.Contains(out.String(), "something else") || strings.Count(out.String(), "asked for") != lines {
			t.Error("lines that are no flood, or debug lines, are left out")
		}
		<-time.After(burstInterval)
		out.Reset()
		log.Warn("refused")
		if !strings.Contains(out.String(), "refused") {
			t.Error("after the interval the line is still left out")
		}
	})
}

// Whatever is logged, the kinds that are told apart are bounded.
func TestKindsOfLinesAreBounded(t *testing.T) {
	var out bytes.Buffer
	s := newSampler(slog.NewJSONHandler(&out, nil), nil)
	log := slog.New(s)
	for i := range 2 * maxKinds {
		log.Info(fmt.Sprint("line ", i))
	}
	if n := len(s.floods.kinds); n > maxKinds+1 {
		t.Errorf("%d kinds are known", n)
	}
	if n := strings.Count(out.String(), "\n"); n != 2*maxKinds {
		t.Errorf("%d lines are written", n)
	}
}
