// Intake measures how many events a second of the server's processor time accepts, beside limit programs of the same shape in the same run:
//
//	http      reads the body into a pooled buffer and answers 201
//	produce   the same, and produces every event to an embedded broker in its own process (acks=all, idempotent), unread
//	platform  eventplatform serve: finds schema and stream, fills fields in, validates, produces
//
// Servers and load generator are separate processes; every subject gets the same bytes over the same number of connections. Figures are medians over
// rounds in which the subjects take turns, so that a machine whose speed drifts drifts for all of them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
	"github.com/eventplatform/eventplatform/bench/internal/process"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "intake:", err)
		os.Exit(1)
	}
}

func run() error {
	duration := flag.Duration("duration", 4*time.Second, "how long each measurement lasts")
	rounds := flag.Int("rounds", 3, "how often each subject is measured")
	connections := flag.Int("connections", 16, "connections that post at the same time")
	flag.Parse()
	switch flag.Arg(0) {
	case "limit": // a limit program, started by the measuring process
		return serveLimit(flag.Arg(1) == "produce", flag.Arg(2))
	case "load": // the load generator, likewise
		return generate(flag.Arg(1), flag.Arg(2), *connections, *duration)
	}
	return compare(*duration, *rounds, *connections)
}

type subject struct {
	name  string
	start func(dir string) (*process.Process, error)
}

type result struct {
	perCPUSecond []float64
	p50, p99     []float64
	memory       int64
}

func compare(duration time.Duration, rounds, connections int) error {
	dir, err := os.MkdirTemp("", "bench-intake-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := process.Build(dir)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	subjects := []subject{
		{"http", func(data string) (*process.Process, error) { return process.Start(self, "limit", "http", data) }},
		{"produce", func(data string) (*process.Process, error) { return process.Start(self, "limit", "produce", data) }},
		{"platform", func(data string) (*process.Process, error) {
			return process.Start(program, "serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir", data)
		}},
	}
	fmt.Printf("%d connections, events of %d bytes, medians of %d rounds of %s\n", connections, eventBytes, rounds, duration)
	for _, batch := range []int{1, 50} {
		results := map[string]*result{}
		for round := range rounds {
			for _, s := range subjects {
				if results[s.name] == nil {
					results[s.name] = &result{}
				}
				data := fmt.Sprintf("%s/%s-%d-%d", dir, s.name, batch, round)
				if err := measureOne(s, data, self, batch, connections, duration, results[s.name]); err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
				os.RemoveAll(data)
			}
		}
		fmt.Printf("\n%d a POST     events per CPU second   of http   of produce        p50        p99   peak memory\n", batch)
		httpRate, produceRate := measure.Median(results["http"].perCPUSecond), measure.Median(results["produce"].perCPUSecond)
		for _, s := range subjects {
			r := results[s.name]
			rate := measure.Median(r.perCPUSecond)
			fmt.Printf("%-12s %22.0f %8.0f%% %11.0f%% %10s %10s %10.0f MB\n", s.name, rate, 100*rate/httpRate, 100*rate/produceRate,
				measure.Short(time.Duration(measure.Median(r.p50))), measure.Short(time.Duration(measure.Median(r.p99))), float64(r.memory)/1e6)
		}
	}
	return nil
}

func measureOne(s subject, data, self string, batch, connections int, duration time.Duration, into *result) error {
	server, err := s.start(data)
	if err != nil {
		return err
	}
	defer server.Stop()
	if _, err := load(self, server.URL, batch, connections, duration/4); err != nil { // warm-up
		return err
	}
	before, err := server.CPU()
	if err != nil {
		return err
	}
	got, err := load(self, server.URL, batch, connections, duration)
	if err != nil {
		return err
	}
	after, err := server.CPU()
	if err != nil {
		return err
	}
	memory, err := server.PeakMemory()
	if err != nil {
		return err
	}
	into.perCPUSecond = append(into.perCPUSecond, float64(got.Events)/(after-before).Seconds())
	into.p50 = append(into.p50, float64(got.P50))
	into.p99 = append(into.p99, float64(got.P99))
	into.memory = max(into.memory, memory)
	return nil
}

func load(self, url string, batch, connections int, duration time.Duration) (generated, error) {
	var g generated
	cmd := exec.Command(self, "-connections", strconv.Itoa(connections), "-duration", duration.String(), "load", url, strconv.Itoa(batch))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return g, fmt.Errorf("load generator: %w", err)
	}
	return g, json.Unmarshal(out, &g)
}
