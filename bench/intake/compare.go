package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
)

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
