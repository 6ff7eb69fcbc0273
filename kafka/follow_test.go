package kafka_test

import (
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/eventplatform/eventplatform/kafka"
)

// What retention deletes under a follower is announced, with where it continues.
func TestFollowerIsToldOfDeletedRecords(t *testing.T) {
	b := inMemory(t)
	p, l := connect(t, b.Addr())
	mustProduce(t, p, "gap", "0", "1", "2", "3")
	tp := kafka.TopicPartition{Topic: "gap"}
	if err := b.DeleteRecords("gap", 0, 3); err != nil {
		t.Fatal(err)
	}
	f := follow(t, l, tp, 1)
	if c := f.next(t); !isError(c.Err, kafka.ErrOffsetOutOfRange) || c.Next != 3 || c.Start != 3 || c.End != 4 {
		t.Errorf("%+v", c)
	}
	if got := f.values(t, 1); got[0] != "3" {
		t.Errorf("continued with %q", got)
	}
	if c, err := l.Read(testContext(t), tp, 0, 1000, 0); err != nil || !isError(c.Err, kafka.ErrOffsetOutOfRange) || c.Start != 3 || c.End != 4 {
		t.Errorf("%+v, %v", c, err)
	}
}

// A topic that is deleted and created again has other records at the same offsets: followers are told, and begin at its start.
func TestFollowerIsToldOfRecreatedTopic(t *testing.T) {
	t.Parallel()
	b := inMemory(t)
	p, l := connect(t, b.Addr())
	mustProduce(t, p, "again", "a", "b", "c")
	mustProduce(t, p, "bystander", "x")
	tp := kafka.TopicPartition{Topic: "again"}
	f := follow(t, l, tp, 0)
	f.values(t, 3)
	bystander := follow(t, l, kafka.TopicPartition{Topic: "bystander"}, 0)
	bystander.values(t, 1)

	if err := b.DeleteTopic("again"); err != nil {
		t.Fatal(err)
	}
	if c := f.next(t); !isError(c.Err, kafka.ErrUnknownPartition) {
		t.Fatalf("after the deletion %+v", c)
	}
	// The producer finds out as well, and creates it anew.
	for {
		if o := produce(t, p, "again", "d"); o[0].Err == nil {
			break
		} else if kindOf(o[0].Err) != "unknown_topic" {
			t.Fatalf("%v (%v)", o[0].Err, errors.Unwrap(o[0].Err))
		}
	}
	if c := f.next(t); !isError(c.Err, kafka.ErrRecreated) || c.Next != 0 {
		t.Fatalf("after the creation %+v", c)
	}
	if got := f.values(t, 1); got[0] != "d" {
		t.Errorf("continued with %q", got)
	}
	mustProduce(t, p, "bystander", "y")
	if got := bystander.values(t, 1); got[0] != "y" {
		t.Errorf("the other topic's follower got %q", got)
	}
}

// A partition that does not exist yet is followed as soon as it does.
func TestFollowerWaitsForTopic(t *testing.T) {
	b := inMemory(t)
	p, l := connect(t, b.Addr())
	f := follow(t, l, kafka.TopicPartition{Topic: "later"}, 0)
	if c := f.next(t); !isError(c.Err, kafka.ErrUnknownPartition) {
		t.Fatalf("%+v", c)
	}
	mustProduce(t, p, "later", "x")
	f.values(t, 1)
}

// Leaders move while records are produced, read and followed: nothing is lost or comes twice.
func TestLeadersMove(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.SeedTopics(2, "moving"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p, l := connect(t, c.ListenAddrs()...)
	var followers [2]*testFollower
	for i := range followers {
		followers[i] = follow(t, l, kafka.TopicPartition{Topic: "moving", Partition: int32(i)}, 0)
	}
	var ends [2]int64
	for move := range 6 {
		if err := c.MoveTopicPartition("moving", int32(move%2), int32(move%3)); err != nil {
			t.Fatal(err)
		}
		for _, o := range mustProduce(t, p, "moving", "a", "b", "c") {
			ends[o.Partition] = o.Offset + 1
		}
		for i, end := range ends {
			if end == 0 {
				continue
			}
			tp := kafka.TopicPartition{Topic: "moving", Partition: int32(i)}
			if got := readAll(t, l, tp); int64(len(got)) != end {
				t.Errorf("%d records of %d were read", len(got), end)
			}
			if leader, err := l.Leader(testContext(t), tp); err != nil || leader != c.LeaderFor("moving", int32(i)) {
				t.Errorf("leader %d, %v", leader, err)
			}
		}
	}
	for i, f := range followers {
		for n, r := range f.records(t, int(ends[i])) {
			if r.Offset != int64(n) {
				t.Errorf("record %d has offset %d", n, r.Offset)
			}
		}
	}
}

// After Close nothing is delivered, and nothing can be followed.
func TestLogCloses(t *testing.T) {
	b := inMemory(t)
	p, l := connect(t, b.Addr())
	mustProduce(t, p, "closes", "x")
	f := follow(t, l, kafka.TopicPartition{Topic: "closes"}, 0)
	f.values(t, 1)
	l.Close()
	mustProduce(t, p, "closes", "y")
	f.stop()
	l.Follow(kafka.TopicPartition{Topic: "closes"}, 0, func(kafka.Chunk) { t.Error("delivered after Close") })()
	if len(f.chunks) > 0 {
		t.Errorf("after Close %+v", <-f.chunks)
	}
}
