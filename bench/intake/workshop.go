package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/process"
	"github.com/eventplatform/eventplatform/cmd/eventplatform/builtin"
)

// workshop has what the subjects are made of.
type workshop struct {
	options
	dir, program, self string
	config             string // of the intake that runs alone
	streams            string
	answer             string // what the limit programs answer: see answerOf
}

// open builds the program and writes its files.
func (w *workshop) open() (err error) {
	if w.self, err = os.Executable(); err != nil {
		return err
	}
	if w.program, err = process.Build(w.dir); err != nil {
		return err
	}
	schemas := filepath.Join(w.dir, "schemas")
	if err := os.CopyFS(schemas, builtin.Schemas()); err != nil {
		return err
	}
	w.streams = filepath.Join(w.dir, "streams.yaml")
	if err := os.WriteFile(w.streams, builtin.Streams(), 0o600); err != nil {
		return err
	}
	w.config = filepath.Join(w.dir, "config.yaml")
	return os.WriteFile(w.config, fmt.Appendf(nil, `logging: {level: info}
services:
  - name: intake
    conf:
      eventgate_factory_module: eventgate-wikimedia.js
      max_body_size: 10mb
      schema_base_uris: [%q]
      schema_precache_uris: [/mediawiki/recentchange/1.0.0]
      trusted_proxies: []
      kafka: {conf: {linger.ms: %d, message.max.bytes: 4194304}}
`, schemas, linger.Milliseconds()), 0o600)
}

// load posts for so long, as much as is taken or at a rate.
func (w *workshop) load(url string, batch int, duration time.Duration, rate float64) (generated, error) {
	return w.generate("-duration", duration.String(), "-rate", strconv.FormatFloat(rate, 'f', -1, 64), "load", url, strconv.Itoa(batch))
}

// generate runs the load generator.
func (w *workshop) generate(args ...string) (generated, error) {
	var g generated
	cmd := exec.Command(w.self, append([]string{"-connections", strconv.Itoa(w.connections)}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return g, fmt.Errorf("load generator: %w", err)
	}
	return g, json.Unmarshal(out, &g)
}
