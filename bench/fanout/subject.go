package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/process"
)

// bench is what all cases share.
type bench struct {
	self, program string // this program and the platform's
	duration      time.Duration
	rounds        int
	events        int // to catch up with
}

// figures are what one measurement of a server brings.
type figures struct {
	perCPUSecond float64 // deliveries
	p99          float64 // seconds from sending to reading
	memory       float64 // resident bytes that came with the clients
	peak         float64 // the largest resident set, in bytes
}

// write measures the limit program.
func (b *bench) write(c crowd, rate int) (figures, error) {
	server, err := process.Start(b.self, "limit", strconv.Itoa(rate))
	if err != nil {
		return figures{}, fmt.Errorf("the write loop: %w", err)
	}
	defer server.Stop()
	f, err := b.crowd(server, c)
	if err != nil {
		err = fmt.Errorf("the write loop: %w", err)
	}
	return f, err
}

// platform measures the platform, fed by a broker of its own.
func (b *bench) platform(c crowd, f feeding) (got figures, err error) {
	err = b.withPlatform(f, func(server *process.Process, _ string) error {
		got, err = b.crowd(server, c)
		return err
	})
	if err != nil {
		err = fmt.Errorf("platform: %w", err)
	}
	return got, err
}

// withPlatform runs the platform on a fed broker for as long as use takes.
func (b *bench) withPlatform(f feeding, use func(server *process.Process, broker string) error) error {
	spec, err := json.Marshal(f)
	if err != nil {
		return err
	}
	feeder, err := process.Start(b.self, "feed", string(spec))
	if err != nil {
		return err
	}
	defer feeder.Stop()
	broker := strings.TrimPrefix(feeder.URL, "http://")
	server, err := process.Start(b.program, "serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--kafka", broker)
	if err != nil {
		return err
	}
	defer server.Stop()
	return use(server, broker)
}

// crowd connects the clients, and counts what is delivered while the server's processor time is counted.
func (b *bench) crowd(server *process.Process, c crowd) (f figures, err error) {
	c.URL, c.Seconds = server.URL, b.duration.Seconds()
	spec, err := json.Marshal(c)
	if err != nil {
		return f, err
	}
	alone, err := server.PeakMemory()
	if err != nil {
		return f, err
	}
	clients := exec.Command(b.self, "clients", string(spec))
	clients.Stderr = os.Stderr
	out, err := clients.StdoutPipe()
	if err != nil {
		return f, err
	}
	if err := clients.Start(); err != nil {
		return f, err
	}
	defer func() {
		_ = clients.Process.Kill() // it has ended, unless something went wrong
		_ = clients.Wait()
	}()
	lines := json.NewDecoder(out)
	var counting bool // the clients' word that all are connected and the counting begins
	if err := lines.Decode(&counting); err != nil {
		return f, fmt.Errorf("clients: %w", err)
	}
	before, err := server.CPU()
	if err != nil {
		return f, err
	}
	var got consumed
	if err := lines.Decode(&got); err != nil {
		return f, fmt.Errorf("clients: %w", err)
	}
	after, err := server.CPU()
	if err != nil {
		return f, err
	}
	peak, err := server.PeakMemory()
	if err != nil {
		return f, err
	}
	f.perCPUSecond = float64(got.Deliveries) / max(after-before, 10*time.Millisecond).Seconds()
	f.p99, f.peak, f.memory = got.P99.Seconds(), float64(peak), float64(peak-alone)
	return f, nil
}

// timed has a program of ours read everything and returns how long that took, and its processor time.
func (b *bench) timed(kind, from string) (took, cpu time.Duration, err error) {
	reader := exec.Command(b.self, kind, from, strconv.Itoa(b.events))
	out, err := reader.Output()
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", kind, err)
	}
	var told caughtUp
	if err := json.Unmarshal(out, &told); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", kind, err)
	}
	return time.Duration(told.Seconds * float64(time.Second)), reader.ProcessState.UserTime() + reader.ProcessState.SystemTime(), nil
}
