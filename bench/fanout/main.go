// Fanout measures how many deliveries a second of the server's processor time makes, beside a limit program in the same run:
//
//	write     a loop that writes each frame of the same size to every connection
//	platform  eventplatform serve: the events come from a broker and go out as Server-Sent Events
//
// Server, clients and feeder are separate processes. The feeder is a broker that is produced to, one event at a time at a steady rate that neither program
// has trouble with, so that nobody gains by batching; the write loop is paced alike. The platform's figure includes fetching every event, which a single
// client makes visible and many hide.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
	"github.com/eventplatform/eventplatform/bench/internal/process"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fanout:", err)
		os.Exit(1)
	}
}

func run() error {
	duration := flag.Duration("duration", 5*time.Second, "how long each measurement lasts")
	rounds := flag.Int("rounds", 3, "how often each subject is measured")
	flag.Parse()
	switch flag.Arg(0) {
	case "limit": // the write loop, started by the measuring process
		return serveLimit(flag.Arg(1))
	case "clients": // the clients, likewise
		return consume(flag.Arg(1), flag.Arg(2), *duration)
	case "feed": // the feeder, likewise
		return feed(flag.Arg(1))
	}
	return compare(*duration, *rounds)
}

// A case is a number of clients and the events a second that each of them is sent: about 20,000 deliveries a second but for a single client.
var cases = []struct{ clients, rate int }{{1, 1000}, {100, 200}, {1000, 20}}

type result struct {
	perCPUSecond, p50, p99 []float64
	memory                 int64
}

func compare(duration time.Duration, rounds int) error {
	dir, err := os.MkdirTemp("", "bench-fanout-")
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
	fmt.Printf("frames of about %d bytes, medians of %d rounds of %s\n", frameBytes, rounds, duration)
	for _, c := range cases {
		write, platform := &result{}, &result{}
		for range rounds {
			if err := measureWrite(self, c.clients, c.rate, duration, write); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			if err := measurePlatform(self, program, c.clients, c.rate, duration, platform); err != nil {
				return fmt.Errorf("platform: %w", err)
			}
		}
		fmt.Printf("\n%4d clients, %4d events/s   deliveries per CPU second   of write        p50        p99   peak memory\n", c.clients, c.rate)
		limit := measure.Median(write.perCPUSecond)
		for _, line := range []struct {
			name string
			*result
		}{{"write", write}, {"platform", platform}} {
			rate := measure.Median(line.perCPUSecond)
			fmt.Printf("%-27s %25.0f %9.0f%% %10s %10s %10.0f MB\n", line.name, rate, 100*rate/limit,
				measure.Short(time.Duration(measure.Median(line.p50))), measure.Short(time.Duration(measure.Median(line.p99))), float64(line.memory)/1e6)
		}
	}
	return nil
}

func measureWrite(self string, clients, rate int, duration time.Duration, into *result) error {
	server, err := process.Start(self, "limit", strconv.Itoa(rate))
	if err != nil {
		return err
	}
	defer server.Stop()
	return measureOne(self, server, clients, duration, into)
}

func measurePlatform(self, program string, clients, rate int, duration time.Duration, into *result) error {
	feeder, err := process.Start(self, "feed", strconv.Itoa(rate))
	if err != nil {
		return err
	}
	defer feeder.Stop()
	broker := strings.TrimPrefix(feeder.URL, "http://")
	server, err := process.Start(program, "serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--kafka", broker)
	if err != nil {
		return err
	}
	defer server.Stop()
	return measureOne(self, server, clients, duration, into)
}

// measureOne connects the clients, and counts what is delivered while the server's processor time is counted.
func measureOne(self string, server *process.Process, clients int, duration time.Duration, into *result) error {
	consumer := exec.Command(self, "-duration", duration.String(), "clients", server.URL, strconv.Itoa(clients))
	consumer.Stderr = os.Stderr
	out, err := consumer.StdoutPipe()
	if err != nil {
		return err
	}
	if err := consumer.Start(); err != nil {
		return err
	}
	lines := json.NewDecoder(out)
	var counting bool // the clients' word that all are connected and the counting begins
	if err := lines.Decode(&counting); err != nil {
		return fmt.Errorf("clients: %w", err)
	}
	before, err := server.CPU()
	if err != nil {
		return err
	}
	var got consumed
	if err := lines.Decode(&got); err != nil {
		return fmt.Errorf("clients: %w", err)
	}
	after, err := server.CPU()
	if err != nil {
		return err
	}
	memory, err := server.PeakMemory()
	if err != nil {
		return err
	}
	if err := consumer.Wait(); err != nil {
		return err
	}
	into.perCPUSecond = append(into.perCPUSecond, float64(got.Deliveries)/(after-before).Seconds())
	into.p50 = append(into.p50, float64(got.P50))
	into.p99 = append(into.p99, float64(got.P99))
	into.memory = max(into.memory, memory)
	return nil
}
