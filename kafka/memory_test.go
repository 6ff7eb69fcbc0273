package kafka_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/eventplatform/eventplatform/kafka"
)

// batches produces so many batches of a hundred records each, compressed in turn by every codec, and returns the records' values.
func batches(t *testing.T, addr, topic string, n int) (values []string) {
	t.Helper()
	codecs := []kgo.CompressionCodec{kgo.NoCompression(), kgo.SnappyCompression(), kgo.GzipCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}
	for b := range n {
		client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.DefaultProduceTopic(topic), kgo.ProducerBatchCompression(codecs[b%len(codecs)]))
		if err != nil {
			t.Fatal(err)
		}
		var records []*kgo.Record
		for i := range 100 {
			value := fmt.Sprintf("%d.%d %s", b, i, strings.Repeat("clear ", b*i%97))
			values = append(values, value)
			records = append(records, &kgo.Record{Value: []byte(value), Headers: []kgo.RecordHeader{{Key: "n", Value: []byte(value)}}})
		}
		if err := client.ProduceSync(testContext(t), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		client.Close()
	}
	return values
}

// Reads that use the memory of earlier ones bring what they would have brought without, also several at a time.
func TestRecycledReads(t *testing.T) {
	broker := inMemory(t)
	if err := broker.CreateTopic("recycled", 1); err != nil {
		t.Fatal(err)
	}
	values := batches(t, broker.Addr(), "recycled", 20)
	log := newLog(t, []string{broker.Addr()})
	ctx := testContext(t)
	var readers sync.WaitGroup
	for r := range 4 {
		readers.Go(func() {
			for from := int64(r); from < int64(len(values)); {
				chunk, err := log.Read(ctx, kafka.TopicPartition{Topic: "recycled"}, from, 1000*(r+1), 0)
				if err != nil || chunk.Err != nil || len(chunk.Records) == 0 {
					t.Errorf("at %d: %v, %v, %d records", from, err, chunk.Err, len(chunk.Records))
					return
				}
				for _, rec := range chunk.Records {
					want := values[rec.Offset]
					if string(rec.Value) != want || len(rec.Headers) != 1 || string(rec.Headers[0].Value) != want {
						t.Errorf("record %d is %q, %v", rec.Offset, rec.Value, rec.Headers)
						return
					}
				}
				from = chunk.Next
				chunk.Recycle()
				if chunk.Recycle(); chunk.Records != nil {
					t.Error("a recycled chunk has records")
				}
			}
		})
	}
	readers.Wait()
}

// What a recycled read allocates does not grow with the records.
func TestAllocationsPerRead(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	broker := inMemory(t)
	p, log := connect(t, broker.Addr())
	values := make([]string, 2000)
	for i := range values {
		values[i] = strings.Repeat("clear ", 20)
	}
	mustProduce(t, p, "few", values[:10]...)
	mustProduce(t, p, "many", values...)
	ctx := testContext(t)
	allocations := func(topic string) float64 {
		return testing.AllocsPerRun(50, func() {
			chunk, err := log.Read(ctx, kafka.TopicPartition{Topic: topic}, 0, 1<<20, 0)
			if err != nil || chunk.Err != nil || len(chunk.Records) == 0 {
				t.Fatalf("%v, %v, %d records", err, chunk.Err, len(chunk.Records))
			}
			chunk.Recycle()
		})
	}
	few, many := allocations("few"), allocations("many")
	t.Logf("10 records: %.0f allocations, 2000 records: %.0f, the broker's included", few, many)
	if many > few+100 {
		t.Errorf("10 records cost %.0f allocations, 2000 records %.0f", few, many)
	}
}
