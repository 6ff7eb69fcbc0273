package kafka_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/eventplatform/eventplatform/kafka"
)

// A record costs no allocation of ours: what remains is the client's own, which the same records given to it directly cost as well.
func TestAllocationsPerRecord(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	broker := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{
		Connection:   kafka.Connection{Brokers: []string{broker.Addr()}},
		CreateTopics: &kafka.TopicSpec{},
	})
	const n = 500
	value := make([]byte, 200)
	ctx := testContext(t)

	var b kafka.Batch
	ours := func() {
		b.Reset()
		for range n {
			b.Add(kafka.Record{Topic: "allocations", Value: value, Timestamp: 1_700_000_000_000})
		}
		p.Produce(&b)
		if err := b.Wait(ctx); err != nil {
			t.Error(err)
		}
		if b.Outcomes[n-1].Err != nil {
			t.Error(b.Outcomes[n-1].Err)
		}
	}
	ours()

	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addr()), kgo.AllowIdempotentProduceCancellation(), kgo.MaxBufferedRecords(100_000))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	records := make([]kgo.Record, n)
	done := make(chan error, n)
	promise := func(_ *kgo.Record, err error) { done <- err }
	theirs := func() {
		for i := range records {
			records[i] = kgo.Record{Topic: "allocations", Value: value}
			client.TryProduce(ctx, &records[i], promise)
		}
		for range records {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	theirs()

	own, all := testing.AllocsPerRun(20, theirs)/n, testing.AllocsPerRun(20, ours)/n
	t.Logf("allocations per record: %.3f, of which the client and the broker in this process %.3f", all, own)
	if all > own+0.1 {
		t.Errorf("a record costs %.3f allocations, %.3f in the client alone", all, own)
	}
}
