// Fanout measures what a stream costs the server, each time beside something that it can be measured by in the same run: a loop that writes each frame of
// the same size to every connection, a Kafka client alone, or the platform itself without what is in question. It prints one table of ratios.
//
// Server, clients and feeder are separate processes. The feeder is a broker that is produced to at a steady rate that neither program has trouble with, so
// that nobody gains by batching; the write loop is paced alike. The platform's figures include fetching every event.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
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
	rounds := flag.Int("rounds", 3, "how often each row is measured; medians are shown")
	events := flag.Int("events", 600_000, "how many events there are to catch up with")
	quick := flag.Bool("quick", false, "one short round: whether it works, not how well")
	only := flag.String("only", "", "names of rows with commas between them; default all")
	flag.Parse()
	switch flag.Arg(0) { // parts that the measuring process starts
	case "limit":
		return serveLimit(flag.Arg(1))
	case "clients":
		return consume(flag.Arg(1))
	case "feed":
		return feed(flag.Arg(1))
	case "bare":
		return consumeBare(flag.Arg(1), flag.Arg(2))
	case "all":
		return consumeAll(flag.Arg(1), flag.Arg(2))
	}
	b := &bench{duration: *duration, rounds: *rounds, events: *events}
	if *quick {
		b.duration, b.rounds, b.events = 2*time.Second, 1, min(*events, 30_000)
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	return b.run(chosen)
}

func choose(only string) (chosen []row, err error) {
	if only == "" {
		return rows, nil
	}
	for name := range strings.SplitSeq(only, ",") {
		before := len(chosen)
		var names []string
		for _, r := range rows {
			names = append(names, r.name)
			if r.name == name {
				chosen = append(chosen, r)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("there is no row %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	return chosen, nil
}

func (b *bench) run(rows []row) error {
	dir, err := os.MkdirTemp("", "bench-fanout-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if b.program, err = process.Build(dir); err != nil {
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	fmt.Printf("frames of about %d bytes; medians of %d rounds of %s\n\n", frameBytes, b.rounds, b.duration)
	fmt.Printf("%-9s %-80s %10s %10s %-15s %6s  %s\n", "row", "", "platform", "", "beside", "ratio", "goal")
	missed := 0
	for _, r := range rows {
		if err := enoughFiles(r.files); err != nil {
			fmt.Printf("%-9s %-80s not measured: %v\n", r.name, r.what, err)
			continue
		}
		ours, theirs, ratio, err := b.medians(r)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		verdict, ok := r.judge(ratio)
		if !ok {
			missed++
		}
		fmt.Printf("%-9s %-80s %10s %10s %-15s %6.2f  %s\n", r.name, r.what, r.show(ours), r.show(theirs), r.beside, ratio, verdict)
	}
	if missed > 0 {
		fmt.Printf("\n%d of %d rows missed their goals\n", missed, len(rows))
	}
	return nil
}

// medians measures a row as often as is asked for. The ratio is the median of the rounds' ratios: what disturbs a round disturbs both sides.
func (b *bench) medians(r row) (ours, theirs, ratio float64, err error) {
	var all [3][]float64
	for range b.rounds {
		o, t, err := r.measure(b)
		if err == nil && (o <= 0 || t <= 0) {
			err = errors.New("nothing came")
		}
		if err != nil {
			return 0, 0, 0, err
		}
		all[0], all[1], all[2] = append(all[0], o), append(all[1], t), append(all[2], o/t)
	}
	return measure.Median(all[0]), measure.Median(all[1]), measure.Median(all[2]), nil
}

func (r row) judge(ratio float64) (verdict string, ok bool) {
	ok = ratio >= r.atLeast && (r.atMost == 0 || ratio <= r.atMost)
	switch {
	case r.atLeast > 0 && r.atMost > 0:
		verdict = fmt.Sprintf("%.1f to %.1f", r.atLeast, r.atMost)
	case r.atMost > 0:
		verdict = fmt.Sprintf("at most %.1f", r.atMost)
	default:
		verdict = fmt.Sprintf("at least %.1f", r.atLeast)
	}
	if !ok {
		verdict += ", missed"
	}
	return verdict, ok
}

// enoughFiles raises the number of open files for this process and those that it starts.
func enoughFiles(connections int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	need := uint64(connections + 200)
	if limit.Cur >= need {
		return nil
	}
	if limit.Max < need {
		return fmt.Errorf("it needs %d open files and %d are allowed (ulimit -Hn)", need, limit.Max)
	}
	limit.Cur = limit.Max
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
