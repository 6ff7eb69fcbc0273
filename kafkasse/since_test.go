package kafkasse

import (
	"math"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

func TestParseTime(t *testing.T) {
	at := func(s string) int64 {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixMilli()
	}
	for s, want := range map[string]int64{
		"1700000002000":                 1700000002000,
		" 1700000002000 ":               1700000002000,
		"1700000002":                    1700000002,
		"-1":                            -1,
		" ":                             0,
		"1e3":                           1000,
		"1.9":                           1,
		"0x18bcfe56fd0":                 0x18bcfe56fd0,
		"Infinity":                      maxTime,
		"99999999999999999999":          maxTime,
		"2023":                          2023,
		"2023-11":                       at("2023-11-01T00:00:00Z"),
		"2023-11-14":                    at("2023-11-14T00:00:00Z"),
		"2023-11-14T22:13":              at("2023-11-14T22:13:00Z"),
		"2023-11-14T22:13:22Z":          at("2023-11-14T22:13:22Z"),
		"2023-11-14t22:13:22z":          at("2023-11-14T22:13:22Z"),
		"2023-11-14T22:13:22.123456Z":   at("2023-11-14T22:13:22.123Z"),
		"2023-11-14T23:13:26+01:00":     at("2023-11-14T22:13:26Z"),
		"2023-11-14T20:13:26-0200":      at("2023-11-14T22:13:26Z"),
		"2023-11-14 22:13:27":           at("2023-11-14T22:13:27Z"),
		"+002023-11-14T22:13:22Z":       at("2023-11-14T22:13:22Z"),
		"2023-11-14T24:00:00Z":          at("2023-11-15T00:00:00Z"),
		"Tue, 14 Nov 2023 22:13:27 GMT": at("2023-11-14T22:13:27Z"),
		"14 Nov 2023 23:13:27 +0100":    at("2023-11-14T22:13:27Z"),
		"Nov 15 2023":                   at("2023-11-15T00:00:00Z"),
		"November 15, 2023 10:05 pm":    at("2023-11-15T22:05:00Z"),
		"15 November 2023":              at("2023-11-15T00:00:00Z"),
		"11/15/2023":                    at("2023-11-15T00:00:00Z"),
		"2023/11/15 01:02:03":           at("2023-11-15T01:02:03Z"),
		"Tue Nov 14 2023 23:13:27 GMT+0100 (Central European Standard Time)": at("2023-11-14T22:13:27Z"),
	} {
		if got, ok := ParseTime(s); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"garbage", "<b>", "yesterday", "latest", "2023-13-01T00:00:00Z", "2023-11-14T23:13:26 01:00", "20231114T221322Z",
		"1700000005000,1700000000000", "[object Object]", "0xzz", "1_000", "nan", "2023-11-14T25:00:00Z", "-000000-01-01T00:00:00Z", "12:30", "(", ":"} {
		if got, ok := ParseTime(s); ok {
			t.Errorf("%q is %d", s, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"1700000002000", "2023-11-14T22:13:22.1+01:00", "Tue, 14 Nov 2023 22:13:27 GMT", "Nov 15 2023 (x", "1/2/3 4:5 pm"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ms, ok := ParseTime(s); ok && (ms > math.MaxInt64/2 || ms < math.MinInt64/2) {
			t.Errorf("%q is %d", s, ms)
		}
	})
}

// A record that is written between the two questions to Kafka, for the bounds and for the offset of a time, is not skipped.
func TestSinceBeforeTheFirstRecord(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "a"}
	b := kafka.Bounds{TopicPartition: tp, Start: 300, End: 300}
	const endAfterwards = 301
	p := place{own: make([]position, 1)}
	if err := (&Server{}).settle(t.Context(), 0, plan{kind: planTime, time: 5}, b, endAfterwards, &p); err != nil || p.own[0].next != b.End {
		t.Errorf("the client starts at %d, not at %d (%v)", p.own[0].next, b.End, err)
	}
}
