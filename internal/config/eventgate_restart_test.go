package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Whoever changes a file is told, with its line, what a reload does not take over, and of nothing else.
func TestWhatNeedsARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	load := func(text string) *EventGate {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, report := LoadEventGate(file, Overrides{})
		if err := report.Err(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	const before = `num_workers: 1
logging: {level: info}
services:
  - name: intake
    conf:
      port: 1
      cors: '*'
      schema_base_uris: [/a, /b]
      stream_field: a
      kafka:
        conf:
          bootstrap.servers: k
          compression.codec: snappy
`
	started := load(before)
	if notes := load(before).NeedRestart(started); len(notes) > 0 {
		t.Errorf("nothing has changed, and %v", notes)
	}
	got := []string{}
	for _, note := range load(`num_workers: 2
logging: {level: warn}
services:
  - name: intake
    conf:
      port: 2
      cors: false
      schema_base_uris: [/a]
      stream_field: [a, b]
      test_events: []
      topic_creation: never
      kafka:
        conf:
          bootstrap.servers: k
          queue.buffering.max.ms: 3
`).NeedRestart(started) {
		got = append(got, fmt.Sprintf("%d %s %.7s", note.Line, note.Key, note.Text))
	}
	want := []string{
		"2 logging.level has cha", "6 services[0].conf.port has cha", "8 services[0].conf.schema_base_uris has cha", "11 services[0].conf.topic_creation is new,",
		"15 services[0].conf.kafka.conf.queue.buffering.max.ms is new,", "14 services[0].conf.kafka.conf.compression.codec is gone",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%q\nwant\n%q", got, want)
	}
}
