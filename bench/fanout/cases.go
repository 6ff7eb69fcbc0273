package main

import (
	"fmt"
	"time"
)

// A row is one comparison: what the platform does beside what it is measured by, in the same run.
type row struct {
	name, what string
	// files is how many connections one process has open.
	files int
	// measure returns both values.
	measure func(b *bench) (ours, theirs float64, err error)
	show    func(float64) string
	// beside says what theirs is.
	beside string
	// The goal of ours / theirs.
	atLeast, atMost float64
}

// Numbers of clients and events a second are such that 20,000 deliveries a second come to be, which neither program has trouble with; 50,000 with ten
// thousand clients.
var rows = []row{
	{name: "100", what: "100 clients, 200 events/s: deliveries per CPU second", files: 100, beside: "write loop", show: count, atLeast: 0.8,
		measure: func(b *bench) (float64, float64, error) {
			theirs, err := b.write(crowd{Count: 100}, 200)
			if err != nil {
				return 0, 0, err
			}
			ours, err := b.platform(crowd{Count: 100}, feeding{Rate: 200, Batch: 1})
			return ours.perCPUSecond, theirs.perCPUSecond, err
		}},
	{name: "batch", what: "100 clients, 10 events ready at a time, 200 events/s: deliveries per CPU second", files: 100, beside: "write loop", show: count, atLeast: 2,
		measure: func(b *bench) (float64, float64, error) {
			theirs, err := b.write(crowd{Count: 100}, 200)
			if err != nil {
				return 0, 0, err
			}
			ours, err := b.platform(crowd{Count: 100}, feeding{Rate: 200, Batch: 10})
			return ours.perCPUSecond, theirs.perCPUSecond, err
		}},
	{name: "catchup", what: "one client, everything from the beginning: events per CPU second", beside: "franz-go alone", show: count, atLeast: 0.5,
		measure: func(b *bench) (float64, float64, error) {
			ours, theirs, err := b.catchUp()
			return ours.perCPUSecond, theirs.perCPUSecond, err
		}},
	{name: "elapsed", what: "the same: events per second, the processors shared with the broker and the client", beside: "franz-go alone", show: count, atLeast: 0.5,
		measure: func(b *bench) (float64, float64, error) {
			ours, theirs, err := b.catchUp()
			return ours.perSecond, theirs.perSecond, err
		}},
	{name: "10k", what: "10,000 clients, 5 events/s: 99th percentile of sending to reading", files: 10_000, beside: "write loop", show: short, atMost: 1.3,
		measure: func(b *bench) (float64, float64, error) {
			theirs, err := b.write(crowd{Count: 10_000}, 5)
			if err != nil {
				return 0, 0, err
			}
			ours, err := b.platform(crowd{Count: 10_000}, feeding{Rate: 5, Batch: 1})
			return ours.p99, theirs.p99, err
		}},
	{name: "stalled", what: "1,000 clients and 100 stalled ones, 20 events/s: 99th percentile", files: 1100, beside: "without them", show: short, atMost: 1.2,
		measure: func(b *bench) (float64, float64, error) {
			f := feeding{Before: 4000, Rate: 20, Batch: 1}
			theirs, err := b.platform(crowd{Count: 1000}, f)
			if err != nil {
				return 0, 0, err
			}
			ours, err := b.platform(crowd{Count: 1000, Stalled: 100}, f)
			return ours.p99, theirs.p99, err
		}},
	{name: "compress", what: "1,000 clients of gzip: processor time of compressing an event", beside: "10 clients", show: short, atLeast: 0.8, atMost: 1.2,
		measure: func(b *bench) (float64, float64, error) {
			theirs, err := compressing(10, b.duration)
			if err != nil {
				return 0, 0, err
			}
			ours, err := compressing(1000, 2*b.duration) // compression is a small part of what is done
			return ours.Seconds(), theirs.Seconds(), err
		}},
	{name: "idle", what: "8,000 idle clients: resident memory of one", files: 8000, beside: "goal", show: size, atMost: 1,
		measure: func(b *bench) (float64, float64, error) {
			ours, err := b.platform(crowd{Count: 8000, Idle: true}, feeding{})
			return ours.memory / 8000, 8 << 10, err
		}},
}

func count(v float64) string { return fmt.Sprintf("%.0f", v) }
func size(v float64) string  { return fmt.Sprintf("%.1f KiB", v/1024) }

func short(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d >= 10*time.Millisecond {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%d µs", d.Microseconds())
}
