package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
	"github.com/eventplatform/eventplatform/bench/internal/process"
	"github.com/eventplatform/eventplatform/cmd/eventplatform/builtin"
)

// workshop has what the subjects are made of.
type workshop struct {
	options
	dir, program, self string
	config             string // of the intake that runs alone
	streams            string
}

// subject is a server that is measured.
type subject struct {
	name  string
	limit string // the subject that it is held against
	// start starts it, to produce to the broker at this address; one that has a broker in its own process lets others in there.
	start     func(w *workshop, broker, data string) (*process.Process, error)
	ownBroker bool
}

var subjects = []subject{
	{name: "fasthttp", limit: "fasthttp", start: func(w *workshop, broker, _ string) (*process.Process, error) {
		return process.Start(w.self, "fasthttp", broker)
	}},
	{name: "intake", limit: "fasthttp", start: func(w *workshop, broker, _ string) (*process.Process, error) {
		return process.Start(w.program, "eventgate", "-c", w.config, "--listen", "127.0.0.1:0", "--kafka", broker, "--streams", w.streams)
	}},
	{name: "nethttp", limit: "nethttp", ownBroker: true, start: func(w *workshop, broker, data string) (*process.Process, error) {
		return process.Start(w.self, "nethttp", broker, data)
	}},
	{name: "serve", limit: "nethttp", ownBroker: true, start: func(w *workshop, broker, data string) (*process.Process, error) {
		return process.Start(w.program, "serve", "--listen", "127.0.0.1:0", "--kafka-listen", broker, "--log-level", "error", "--data-dir", data)
	}},
}

type result struct {
	perCPUSecond        []float64
	p50, p99, p99AtHalf []float64
	memory              int64
}

func compare(o options) error {
	dir, err := os.MkdirTemp("", "bench-intake-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w := &workshop{options: o, dir: dir}
	if err := w.open(); err != nil {
		return err
	}
	fmt.Printf("%d connections, events of %d bytes, medians of %d rounds of %s\n", o.connections, eventBytes, o.rounds, o.duration)
	for _, batch := range []int{1, 50} {
		results := map[string]*result{}
		for round := range o.rounds {
			for _, s := range subjects {
				if results[s.name] == nil {
					results[s.name] = &result{}
				}
				data := filepath.Join(dir, fmt.Sprintf("%s-%d-%d", s.name, batch, round))
				if err := w.measure(s, data, batch, results[s.name]); err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
			}
		}
		fmt.Printf("\n%-9s events per CPU second  of its limit        p50        p99  p99 at half load  peak memory\n", fmt.Sprintf("%d a POST", batch))
		for _, s := range subjects {
			r := results[s.name]
			fmt.Printf("%-9s %21.0f %12.0f%% %10s %10s %17s %9.0f MB\n", s.name, measure.Median(r.perCPUSecond), 100*r.share(results[s.limit]),
				short(r.p50), short(r.p99), short(r.p99AtHalf), float64(r.memory)/1e6)
		}
	}
	return w.memory()
}

// share is the median of the rounds' ratios to those of another subject: what disturbs a round disturbs both.
func (r *result) share(limit *result) float64 {
	ratios := make([]float64, len(r.perCPUSecond))
	for i := range ratios {
		ratios[i] = r.perCPUSecond[i] / limit.perCPUSecond[i]
	}
	return measure.Median(ratios)
}

func short(times []float64) string { return measure.Short(time.Duration(measure.Median(times))) }

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

// measure runs a subject at full load, and then at half of what it took.
func (w *workshop) measure(s subject, data string, batch int, into *result) (err error) {
	run, err := w.start(s, data)
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	defer func() { err = errors.Join(err, run.stop()) }()
	server := run.server
	load := func(duration time.Duration, rate float64) (generated, error) {
		return w.load("-duration", duration.String(), "-rate", strconv.FormatFloat(rate, 'f', -1, 64), "load", server.URL, strconv.Itoa(batch))
	}
	if _, err := load(w.duration/4, 0); err != nil { // warm-up
		return err
	}
	before, err := server.CPU()
	if err != nil {
		return err
	}
	full, err := load(w.duration, 0)
	if err != nil {
		return err
	}
	after, err := server.CPU()
	if err != nil {
		return err
	}
	half, err := load(w.duration, float64(full.Events)/full.Took.Seconds()/2)
	if err != nil {
		return err
	}
	memory, err := server.PeakMemory()
	if err != nil {
		return err
	}
	into.perCPUSecond = append(into.perCPUSecond, float64(full.Events)/(after-before).Seconds())
	into.p50, into.p99 = append(into.p50, float64(full.P50)), append(into.p99, float64(full.P99))
	into.p99AtHalf = append(into.p99AtHalf, float64(half.P99))
	into.memory = max(into.memory, memory)
	return nil
}

// running is a subject with its broker.
type running struct {
	server, broker *process.Process
	endTrim        context.CancelFunc
	trimmed        chan error
}

// start starts a subject and the broker that it writes to, whose records are deleted all the time.
func (w *workshop) start(s subject, data string) (*running, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	r := &running{trimmed: make(chan error, 1)}
	if !s.ownBroker {
		if r.broker, err = process.Start(w.self, "broker", addr, filepath.Join(data, "broker")); err != nil {
			return nil, err
		}
	}
	if r.server, err = s.start(w, addr, filepath.Join(data, "own")); err != nil {
		if r.broker != nil {
			r.broker.Stop()
		}
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.endTrim = cancel
	go func() { r.trimmed <- trim(ctx, addr) }()
	return r, nil
}

// stop ends both, and returns what went wrong with the deleting.
func (r *running) stop() error {
	r.endTrim()
	err := <-r.trimmed
	r.server.Stop()
	if r.broker != nil {
		r.broker.Stop()
	}
	return err
}

// freeAddr is a port that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// load runs the load generator.
func (w *workshop) load(args ...string) (generated, error) {
	var g generated
	cmd := exec.Command(w.self, append([]string{"-connections", strconv.Itoa(w.connections)}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return g, fmt.Errorf("load generator: %w", err)
	}
	return g, json.Unmarshal(out, &g)
}

// memory looks at the intake's after many events, and after as many refused ones that each name another stream.
func (w *workshop) memory() (err error) {
	data := filepath.Join(w.dir, "memory")
	run, err := w.start(subjects[1], data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.stop()) }()
	server := run.server
	accepted := 0
	for accepted < w.events {
		g, err := w.load("-duration", "1s", "load", server.URL, "50")
		if err != nil {
			return err
		}
		accepted += g.Events
	}
	before, err := server.Memory()
	if err != nil {
		return err
	}
	refused := 0
	for range 3 { // what is left by a third of them shows in the second and third
		g, err := w.load("-events", strconv.Itoa(w.events/3), "refuse", server.URL)
		if err != nil {
			return err
		}
		refused += g.Events
		after, err := server.Memory()
		if err != nil {
			return err
		}
		fmt.Printf("\nintake: resident %.0f MB after %d events, %.0f MB after %d more that were refused, each of another stream", float64(before)/1e6, accepted, float64(after)/1e6, refused)
	}
	peak, err := server.PeakMemory()
	fmt.Printf("; at most %.0f MB\n", float64(peak)/1e6)
	return err
}
