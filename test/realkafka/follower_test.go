package realkafka_test

import (
	"errors"
	"testing"

	"github.com/eventplatform/eventplatform/kafka"
)

func isError(err, target error) bool { return errors.Is(err, target) }

// testFollower collects what a follower delivers, and checks that offsets never repeat or go back.
type testFollower struct {
	chunks chan kafka.Chunk
	stop   func()
	after  int64
	left   []kafka.Record
}

func follow(t *testing.T, l *kafka.Log, tp kafka.TopicPartition, from int64) *testFollower {
	f := &testFollower{chunks: make(chan kafka.Chunk, 10_000), after: from - 1}
	f.stop = l.Follow(tp, from, func(c kafka.Chunk) { f.chunks <- c })
	t.Cleanup(f.stop)
	return f
}

func (f *testFollower) next(t *testing.T) kafka.Chunk {
	t.Helper()
	select {
	case c := <-f.chunks:
		if c.Err != nil {
			f.after = c.Next - 1
		}
		for _, r := range c.Records {
			if r.Offset <= f.after {
				t.Fatalf("offset %d after %d", r.Offset, f.after)
			}
			f.after = r.Offset
		}
		if len(c.Records) > 0 && c.Next != f.after+1 {
			t.Fatalf("next is %d after offset %d", c.Next, f.after)
		}
		return c
	case <-testContext(t).Done():
		t.Fatal("nothing was delivered")
		return kafka.Chunk{}
	}
}

// records waits for the next n records.
func (f *testFollower) records(t *testing.T, n int) []kafka.Record {
	t.Helper()
	for len(f.left) < n {
		c := f.next(t)
		if c.Err != nil {
			t.Fatal(c.Err)
		}
		f.left = append(f.left, c.Records...)
	}
	got := f.left[:n]
	f.left = f.left[n:]
	return got
}

func (f *testFollower) values(t *testing.T, n int) []string {
	t.Helper()
	var values []string
	for _, r := range f.records(t, n) {
		values = append(values, string(r.Value))
	}
	return values
}
