package eventgate

import (
	"context"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

// Through a broker and back: topic, key, value and time of what is read are what the answer says.
func TestThroughABroker(t *testing.T) {
	ctx := t.Context()
	broker, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	producer, err := kafka.NewProducer(kafka.ProducerConfig{Connection: kafka.Connection{Brokers: []string{broker.Addr()}},
		CreateTopics: &kafka.TopicSpec{Partitions: 1, Replicas: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close(context.Background())
	log, err := kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: []string{broker.Addr()}}})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()

	now := time.Now().UTC().Truncate(time.Millisecond)
	sent := `{"$schema":"/click/1.0.0","meta":{"stream":"keyed","id":"i","dt":"` + now.Format("2006-01-02T15:04:05.000Z") + `"},"page":{"id":7,"title":"Tea"},"http":{}}`
	g := wikimedia(t, producer, func(c *Config) { c.Now, c.Transforms = time.Now, []string{} })
	wantStatus(t, post(g, "["+sent+`,{"$schema":"/no/1.0.0"}]`), 207, "1 out of 2 events were accepted, but 1 failed (1 invalid and 0 errored).")
	wantStatus(t, post(g, sent, hasty), 202, "1 events hastily received.")
	if err := g.Close(ctx); err != nil {
		t.Fatal(err)
	}
	chunk, err := log.Read(ctx, kafka.TopicPartition{Topic: "dc1.keyed"}, 0, 1<<20, time.Second)
	if err != nil || len(chunk.Records) != 2 {
		t.Fatalf("read %d records: %v %v", len(chunk.Records), err, chunk.Err)
	}
	for _, r := range chunk.Records {
		if string(r.Value) != sent || string(r.Key) != `{"page":{"id":7},"t":"Tea"}` || r.Timestamp != now.UnixMilli() {
			t.Errorf("read %s %s at %d", r.Key, r.Value, r.Timestamp)
		}
	}
}
