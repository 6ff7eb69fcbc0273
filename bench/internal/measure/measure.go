// Package measure turns samples into the figures that benchmarks print.
package measure

import (
	"fmt"
	"slices"
	"time"
)

// Percentile returns the smallest sample that at least the given share (0 to 1) of the samples do not exceed; 0 without samples. It sorts them.
func Percentile(samples []time.Duration, share float64) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	slices.Sort(samples)
	return samples[min(len(samples)-1, int(share*float64(len(samples))))]
}

// Median returns the middle one of the values; 0 without values.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Short writes a duration with two or three digits.
func Short(d time.Duration) string {
	switch {
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	default:
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
}
