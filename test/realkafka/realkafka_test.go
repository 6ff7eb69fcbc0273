package realkafka_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/test/realkafka"
)

func TestMain(m *testing.M) { os.Exit(realkafka.Main(m)) }

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func connect(t *testing.T, c *realkafka.Cluster, timeout time.Duration, spec kafka.TopicSpec) (*kafka.Producer, *kafka.Log) {
	t.Helper()
	conn := kafka.Connection{Brokers: c.Addrs()}
	p, err := kafka.NewProducer(kafka.ProducerConfig{Connection: conn, DeliveryTimeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	l, err := kafka.NewLog(kafka.LogConfig{Connection: conn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		p.Close(ended)
		l.Close()
	})
	if err := l.EnsureTopics(testContext(t), []kafka.TopicSpec{spec}); err != nil {
		t.Fatal(err)
	}
	for _, addr := range c.Addrs() {
		awaitTopic(t, addr, spec.Name)
	}
	return p, l
}

// awaitTopic waits until a broker knows a topic: one that was away for a while learns of new ones last, and a producer that asks it is told that there is none.
func awaitTopic(t *testing.T, addr, topic string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	question := kmsg.NewPtrMetadataRequest()
	asked := kmsg.NewMetadataRequestTopic()
	asked.Topic = &topic
	question.Topics = append(question.Topics, asked)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for ctx := testContext(t); ; {
		answer, err := question.RequestWith(ctx, client.SeedBrokers()[0])
		if err == nil && len(answer.Topics) == 1 && answer.Topics[0].ErrorCode == 0 {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("broker %s does not know topic %s: %v", addr, topic, err)
		}
	}
}

func TestOneBroker(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Apache Kafka")
	}
	c := realkafka.Shared(t)
	p, l := connect(t, c, 20*time.Second, kafka.TopicSpec{Name: "one"})
	var b kafka.Batch
	b.Add(kafka.Record{Topic: "one", Value: []byte("x")})
	p.Produce(&b)
	if err := b.Wait(testContext(t)); err != nil || b.Outcomes[0].Err != nil {
		t.Fatal(err, b.Outcomes)
	}
	got, err := l.Read(testContext(t), kafka.TopicPartition{Topic: "one"}, 0, 1000, 0)
	if err != nil || len(got.Records) != 1 || string(got.Records[0].Value) != "x" {
		t.Errorf("%+v, %v", got, err)
	}
	if leader := c.Leader(t, "one", 0); leader != 0 {
		t.Errorf("led by broker %d", leader)
	}
}

func TestThreeBrokers(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three brokers")
	}
	c := realkafka.Start(t, 3)
	t.Run("leader frozen", func(t *testing.T) { leaderFrozen(t, c) })
	t.Run("leader killed", func(t *testing.T) { leaderKilled(t, c) })
}

// The leader of a partition hangs with its connections open. Every record has its outcome in bounded time; what was acknowledged is there, and
// another broker leads.
func leaderFrozen(t *testing.T, c *realkafka.Cluster) {
	const timeout = 6 * time.Second
	p, l := connect(t, c, timeout, kafka.TopicSpec{Name: "frozen", Partitions: 1, Replicas: 3})
	tp := kafka.TopicPartition{Topic: "frozen"}
	leader := c.Leader(t, "frozen", 0)
	acked := make(map[int64]string)
	var slowest time.Duration
	var failed int
	for i := range 40 {
		if i == 20 {
			c.Freeze(t, leader)
			defer c.Thaw(t, leader)
		}
		value := fmt.Sprint(i)
		b := kafka.Batch{Records: []kafka.Record{{Topic: "frozen", Value: []byte(value)}}}
		start := time.Now()
		p.Produce(&b)
		if err := b.Wait(testContext(t)); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(start))
		if o := b.Outcomes[0]; o.Err == nil {
			acked[o.Offset] = value
		} else if failed++; !isUnavailable(o.Err) { // also before it is frozen, on a machine with much else to do
			t.Errorf("%v (%v)", o.Err, errors.Unwrap(o.Err))
		}
	}
	t.Logf("%d acknowledged, %d not, the slowest after %v", len(acked), failed, slowest)
	if len(acked)+failed != 40 || len(acked) < 30 {
		t.Errorf("%d acknowledged, %d not", len(acked), failed)
	}
	for offset, value := range acked {
		// A new leader shows a record when its followers have told it that they have it.
		chunk, err := readAgain(t, l, tp, offset)
		if err != nil || len(chunk.Records) == 0 || string(chunk.Records[0].Value) != value {
			t.Fatalf("offset %d: acknowledged %q, found %+v, %v", offset, value, chunk, err)
		}
	}
}

// readAgain reads until the brokers agree on who leads: until then some say that they do not know the partition.
func readAgain(t *testing.T, l *kafka.Log, tp kafka.TopicPartition, offset int64) (kafka.Chunk, error) {
	ctx := testContext(t)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		chunk, err := l.Read(ctx, tp, offset, 1<<20, time.Second)
		if err = errors.Join(err, chunk.Err); err == nil && len(chunk.Records) > 0 {
			return chunk, nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return chunk, fmt.Errorf("no record at offset %d: %w", offset, errors.Join(ctx.Err(), err))
		}
	}
}

func isUnavailable(err error) bool {
	var e *kafka.DeliveryError
	return errors.As(err, &e) && (e.Kind == kafka.Timeout || e.Kind == kafka.Unavailable)
}

// The leader of a partition is killed under load. Every record is acknowledged, and every one is there, also for those who followed.
func leaderKilled(t *testing.T, c *realkafka.Cluster) {
	p, l := connect(t, c, time.Minute,
		kafka.TopicSpec{Name: "load", Partitions: 1, Replicas: 3, Configs: map[string]string{"min.insync.replicas": "2"}})
	tp := kafka.TopicPartition{Topic: "load"}

	var mu sync.Mutex
	var followed []kafka.Record
	stop := l.Follow(tp, 0, func(chunk kafka.Chunk) {
		mu.Lock()
		defer mu.Unlock()
		followed = append(followed, chunk.Records...)
		if chunk.Err != nil {
			t.Logf("the follower was told: %v", chunk.Err)
		}
	})
	defer stop()

	killAt := make(chan struct{}, 1)
	go func() {
		<-killAt
		c.Kill(c.Leader(t, "load", 0))
	}()
	acked := load(t, p, 4000, func(n int) {
		if n == 1000 {
			killAt <- struct{}{}
		}
	})

	read := make(map[int64]string)
	for next := int64(0); next < int64(len(acked)); {
		chunk, err := readAgain(t, l, tp, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range chunk.Records {
			read[r.Offset] = string(r.Value)
		}
		next = chunk.Next
	}
	for offset, value := range acked {
		if read[offset] != value {
			t.Fatalf("offset %d: acknowledged %q, found %q", offset, value, read[offset])
		}
	}
	t.Logf("%d acknowledged, %d there", len(acked), len(read))

	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ctx := testContext(t); ; {
		mu.Lock()
		n := len(followed)
		mu.Unlock()
		if n >= len(acked) {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the follower got %d of %d", n, len(acked))
		}
	}
	stop()
	for i, r := range followed {
		if r.Offset != int64(i) || string(r.Value) != read[r.Offset] {
			t.Fatalf("followed record %d has offset %d: %q", i, r.Offset, r.Value)
		}
	}
}

// load produces n records one after the other on a few goroutines; every one has to be acknowledged. It returns them by offset.
func load(t *testing.T, p *kafka.Producer, n int, progress func(int)) map[int64]string {
	acked := make(map[int64]string)
	var mu sync.Mutex
	var tasks sync.WaitGroup
	const senders = 8
	for g := range senders {
		tasks.Go(func() {
			var b kafka.Batch
			for i := range n / senders {
				b.Reset()
				value := fmt.Sprintf("%d-%d", g, i)
				b.Add(kafka.Record{Topic: "load", Value: []byte(value)})
				p.Produce(&b)
				if err := b.Wait(testContext(t)); err != nil {
					t.Error(err)
					return
				}
				o := b.Outcomes[0]
				if o.Err != nil {
					t.Errorf("%v (%v)", o.Err, errors.Unwrap(o.Err))
					return
				}
				mu.Lock()
				acked[o.Offset] = value
				progress(len(acked))
				mu.Unlock()
			}
		})
	}
	tasks.Wait()
	if len(acked) != n {
		t.Fatalf("%d of %d were acknowledged, at distinct offsets", len(acked), n)
	}
	return acked
}
