package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
)

func TestLinesInTheElasticCommonSchema(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, LogConfig{Name: "eventgate-main", Level: slog.LevelInfo, Format: ECS})
	log.With("stream", "a.b").Error("events were not accepted", "err", errors.New("why"), "remote", "192.0.2.1", "ip", "192.0.2.1:5", "status", 400)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"log.level": "error", "message": "events were not accepted", "service.name": "eventgate-main", "error.message": "why", "client.ip": "192.0.2.1", "client.address": "192.0.2.1:5",
		"http.response.status_code": 400.0, "labels.stream": "a.b", "ecs.version": ecsVersion,
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	for _, name := range []string{"@timestamp", "host.name", "process.pid"} {
		if line[name] == nil {
			t.Errorf("there is no %s: %s", name, &out)
		}
	}
	for _, name := range []string{"time", "level", "msg", "stream", "levelPath"} {
		if line[name] != nil {
			t.Errorf("there is a %s: %s", name, &out)
		}
	}
}
