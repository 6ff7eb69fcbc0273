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
	"slices"
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
	answer             string // what the limit programs answer: see answerOf
}

// subject is a server that is measured, together with the program that does the same without looking at the events.
type subject struct {
	name string
	// start starts it, to produce to the broker at this address; one that has a broker in its own process lets others in there.
	start     func(w *workshop, broker, data string) (*process.Process, error)
	ownBroker bool
}

// pairs are the limit programs, each followed by what is held against it.
var pairs = [][2]subject{
	{
		{name: "fasthttp", start: func(w *workshop, broker, _ string) (*process.Process, error) {
			return process.Start(w.self, "fasthttp", broker, w.answer)
		}},
		{name: "intake", start: func(w *workshop, broker, _ string) (*process.Process, error) {
			return process.Start(w.program, "eventgate", "-c", w.config, "--listen", "127.0.0.1:0", "--kafka", broker, "--streams", w.streams)
		}},
	},
	{
		{name: "nethttp", ownBroker: true, start: func(w *workshop, broker, data string) (*process.Process, error) {
			return process.Start(w.self, "nethttp", broker, data, w.answer)
		}},
		{name: "serve", ownBroker: true, start: func(w *workshop, broker, data string) (*process.Process, error) {
			return process.Start(w.program, "serve", "--listen", "127.0.0.1:0", "--kafka-listen", broker, "--log-level", "error", "--data-dir", data)
		}},
	},
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
		fmt.Printf("\n%-9s events per CPU second  of its limit        p50        p99  p99 at half load  peak memory\n", fmt.Sprintf("%d a POST", batch))
		for _, p := range pairs {
			var limit, own result
			for round := range o.rounds {
				data := filepath.Join(dir, fmt.Sprintf("%s-%d-%d", p[1].name, batch, round))
				if err := w.measurePair(p, data, batch, &limit, &own); err != nil {
					return fmt.Errorf("%s and %s: %w", p[0].name, p[1].name, err)
				}
			}
			limit.print(p[0].name, &limit)
			own.print(p[1].name, &limit)
		}
	}
	return w.memory()
}

func (r *result) print(name string, limit *result) {
	fmt.Printf("%-9s %21.0f %12.0f%% %10s %10s %17s %9.0f MB\n", name, measure.Median(r.perCPUSecond), 100*r.share(limit),
		short(r.p50), short(r.p99), short(r.p99AtHalf), float64(r.memory)/1e6)
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

// measurePair runs a subject and its limit program for a round. They take turns many times a second, so that a machine that is slow for a second is slow
// for both.
func (w *workshop) measurePair(p [2]subject, data string, batch int, limit, own *result) (err error) {
	second, err := w.start(p[1], data+"-own")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, second.stop()) }()
	if w.answer, err = answerOf(second.server.URL); err != nil {
		return err
	}
	first, err := w.start(p[0], data+"-limit")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, first.stop()) }()

	turns := []*turn{{running: first, into: limit}, {running: second, into: own}}
	for _, t := range turns {
		if err := t.warmUp(w, batch); err != nil {
			return err
		}
	}
	for left := w.duration; left > 0; left -= turnTime {
		for _, t := range turns {
			if err := t.take(w, batch); err != nil {
				return err
			}
		}
		slices.Reverse(turns)
	}
	for _, t := range turns {
		if err := t.end(w, batch); err != nil {
			return err
		}
	}
	return nil
}

// turnTime is how long a subject is under load before it is the other's turn.
const turnTime = 250 * time.Millisecond

// turn is what a subject did in a round.
type turn struct {
	*running
	into *result

	events   int
	before   time.Duration // of processor time, until the first turn; what it takes while others have theirs is next to nothing
	took     time.Duration
	p50, p99 []float64
}

func (t *turn) warmUp(w *workshop, batch int) (err error) {
	if _, err := w.load(t.server.URL, batch, w.duration/4, 0); err != nil {
		return err
	}
	t.before, err = t.server.CPU()
	return err
}

// take has the subject take as much as it can for a moment.
func (t *turn) take(w *workshop, batch int) error {
	full, err := w.load(t.server.URL, batch, turnTime, 0)
	if err != nil {
		return err
	}
	t.events, t.took = t.events+full.Events, t.took+full.Took
	t.p50, t.p99 = append(t.p50, float64(full.P50)), append(t.p99, float64(full.P99))
	return nil
}

// end has it take half of that for a while, and adds what the round showed to the result.
func (t *turn) end(w *workshop, batch int) error {
	after, err := t.server.CPU()
	if err != nil {
		return err
	}
	half, err := w.load(t.server.URL, batch, w.duration, float64(t.events)/t.took.Seconds()/2)
	if err != nil {
		return err
	}
	memory, err := t.server.PeakMemory()
	if err != nil {
		return err
	}
	r := t.into
	r.perCPUSecond = append(r.perCPUSecond, float64(t.events)/(after-t.before).Seconds())
	r.p50, r.p99 = append(r.p50, measure.Median(t.p50)), append(r.p99, measure.Median(t.p99))
	r.p99AtHalf = append(r.p99AtHalf, float64(half.P99))
	r.memory = max(r.memory, memory)
	return nil
}

// running is a subject with its broker.
type running struct {
	server, broker *process.Process
	data           string // the folder of what it writes
	endTrim        context.CancelFunc
	trimmed        chan error
}

// start starts a subject and the broker that it writes to, whose records are deleted all the time.
func (w *workshop) start(s subject, data string) (*running, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	r := &running{data: data, trimmed: make(chan error, 1)}
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

// stop ends both and removes what they wrote. It returns what went wrong with the deleting of records.
func (r *running) stop() error {
	r.endTrim()
	err := <-r.trimmed
	r.server.Stop()
	if r.broker != nil {
		r.broker.Stop()
	}
	return errors.Join(err, os.RemoveAll(r.data))
}

// freeAddr is a port that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
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

// memory looks at the intake's after many events, and after as many refused ones that each name another stream.
func (w *workshop) memory() (err error) {
	data := filepath.Join(w.dir, "memory")
	run, err := w.start(pairs[0][1], data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.stop()) }()
	server := run.server
	accepted := 0
	for accepted < w.events {
		g, err := w.load(server.URL, 50, time.Second, 0)
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
		g, err := w.generate("-events", strconv.Itoa(w.events/3), "refuse", server.URL)
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
