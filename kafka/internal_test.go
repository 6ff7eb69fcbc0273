package kafka

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"
)

func TestLimits(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	hour := &topicLimits{maxAhead: time.Hour, maxBehind: anyTime}
	for _, test := range []struct {
		limits *topicLimits
		at     time.Time
		ok     bool
	}{
		{hour, now, true},
		{hour, now.Add(-100 * 365 * 24 * time.Hour), true},
		{hour, now.Add(59 * time.Minute), true},
		{hour, now.Add(time.Hour), false},
		{hour, now.Add(time.Hour - timestampSlack/2), false}, // the broker's clock may be behind
		{&topicLimits{maxAhead: anyTime, maxBehind: time.Hour}, now.Add(-2 * time.Hour), false},
		{&topicLimits{maxAhead: anyTime, maxBehind: time.Hour}, now.Add(2 * time.Hour), true},
	} {
		err := test.limits.checkTimestamp("t", test.at.UnixMilli(), now)
		if (err == nil) != test.ok {
			t.Errorf("%v at %v: %v", test.limits, test.at.Sub(now), err)
		}
		if err != nil && (err.Kind != BadTimestamp || !strings.Contains(err.Msg, "1h0m0s")) {
			t.Errorf("%+v", err)
		}
	}
	small := &topicLimits{maxBytes: 2000, maxAhead: anyTime, maxBehind: anyTime}
	if err := small.check("t", &Record{}, 1800, 1_000_000); err != nil {
		t.Error(err)
	}
	if err := small.check("t", &Record{}, 1900, 1_000_000); err == nil || err.Kind != TooLarge ||
		err.Msg != "the record of 1900 bytes is larger than topic t accepts (1872, by its max.message.bytes)" {
		t.Error(err)
	}
	if err := small.check("t", &Record{Headers: make([]Header, 20)}, 1800, 1_000_000); err == nil {
		t.Error("headers are free")
	}
	if err := (&topicLimits{}).check("t", &Record{}, 5000, 4000); err == nil ||
		err.Msg != "the record of 5000 bytes is larger than this service accepts (3872, by its message.max.bytes)" {
		t.Errorf("larger than the producer's own bound: %v", err)
	}
	for s, want := range map[string]time.Duration{"": anyTime, "x": anyTime, "-1": anyTime, "9223372036854775807": anyTime, "3600000": time.Hour} {
		if got := millis(s); got != want {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancel(t.Context())
		defer cancel()
		d := newDeadlines(parent, 10*time.Second)
		first := d.from(time.Now())
		if d.from(time.Now()) != first {
			t.Error("records of one moment have two deadlines")
		}
		<-time.After(d.step)
		second := d.from(time.Now())
		if second == first {
			t.Error("records of another moment have the first one's deadline")
		}
		<-time.After(10*time.Second - time.Millisecond)
		if first.Err() != nil {
			t.Error("too early")
		}
		<-time.After(time.Millisecond)
		synctest.Wait()
		if first.Err() == nil || second.Err() != nil {
			t.Errorf("%v, %v", first.Err(), second.Err())
		}
		cancel()
		if second.Err() == nil {
			t.Error("the parent's end is not theirs")
		}
	})
}

func TestClientLogRepetitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := newClientLogger(slog.New(slog.NewTextHandler(&out, nil)))
		if l.Level() != kgo.LogLevelWarn {
			t.Errorf("level %v", l.Level())
		}
		for range 100 {
			l.Log(kgo.LogLevelWarn, "unable to dial", "broker", 1)
			l.Log(kgo.LogLevelInfo, "of no interest")
		}
		<-time.After(logInterval)
		l.Log(kgo.LogLevelError, "unable to dial")
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "kafka: unable to dial") || !strings.Contains(lines[1], "repeated=99") || !strings.Contains(lines[1], "ERROR") {
			t.Errorf("%q", lines)
		}
		for i := range 3 * logKinds {
			l.Log(kgo.LogLevelWarn, strings.Repeat("x", i))
		}
		if len(l.kinds) > logKinds {
			t.Errorf("%d kinds are kept", len(l.kinds))
		}
	})
}

// CheckTopicName accepts what Kafka's rule accepts and nothing else.
func TestTopicNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9._-]{0,260}`), rapid.String(), rapid.SampledFrom([]string{".", "..", "..."})).Draw(t, "name")
		legal := name != "" && name != "." && name != ".." && len(name) <= 249 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == "" &&
			!strings.ContainsFunc(name, func(r rune) bool { return r > 127 || !topicByte(byte(r)) })
		if err := CheckTopicName(name); (err == nil) != legal {
			t.Errorf("%q: %v", name, err)
		} else if err != nil && (len(err.Error()) > 2000 || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q", err)
		}
	})
}

func TestNearest(t *testing.T) {
	for wrong, want := range map[string]string{"kitten": "sitting", "": "a", "SITTIN": "sitting"} {
		if got := nearest(wrong, []string{"sitting", "a"}); got != want {
			t.Errorf("%q: %q", wrong, got)
		}
	}
	if d := distance("kitten", "sitting"); d != 3 {
		t.Errorf("distance %d", d)
	}
}

// librdkafka's and Java's choices of a partition, from their own tests.
func TestPartitioners(t *testing.T) {
	for name, want := range map[string]map[string]int{
		// Java: toPositive(murmur2(key)) % 1000
		"murmur2": {"21": (-973932308 & 0x7fffffff) % 1000, "foobar": (-790332482 & 0x7fffffff) % 1000, "a-little-bit-long-string": (-985981536 & 0x7fffffff) % 1000},
		// CRC-32 of "123456789" is 0xcbf43926.
		"crc32": {"123456789": 0xcbf43926 % 1000, "": 0},
	} {
		p, err := partitioner(name)
		if err != nil {
			t.Fatal(err)
		}
		for key, partition := range want {
			if got := p.ForTopic("t").Partition(&kgo.Record{Key: []byte(key)}, 1000); got != partition {
				t.Errorf("%s(%q) = %d, want %d", name, key, got, partition)
			}
		}
	}
	if _, err := partitioner("random"); err == nil {
		t.Error("random was accepted")
	}
}
