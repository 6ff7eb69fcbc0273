package kafka

import (
	"context"
	"errors"
	"time"
)

// ProducerConfig configures a [Producer]. Zero values mean the defaults that are named.
type ProducerConfig struct {
	Connection
	// Linger is how long a partition waits for more records before it sends. 0 sends at once; records that arrive while a request is on its way
	// travel together in the next one, so that throughput does not depend on it.
	Linger time.Duration
	// Compression is none, gzip, snappy, lz4 or zstd; "" = none.
	Compression string
	// MaxMessageBytes bounds one record batch as it is sent, and so one record; 0 = 1,000,012 (Kafka's own default).
	MaxMessageBytes int
	// MaxBufferedRecords and MaxBufferedBytes bound what waits for acknowledgement; past either the outcome is Overloaded. 0 = 100,000 and 64 MiB.
	MaxBufferedRecords int
	MaxBufferedBytes   int
	// DeliveryTimeout bounds the time from Produce to the outcome; 0 = 10 s. Within two seconds more every outcome is known.
	DeliveryTimeout time.Duration
	// LeaderAckOnly asks for the leader's acknowledgement alone (acks=1), without idempotence. A record may then be lost or doubled.
	LeaderAckOnly bool
	// CreateTopics, if set, is what a topic that does not exist is created with, before its first record is sent; its Name is not used.
	CreateTopics *TopicSpec
}

// Producer sends records. It is safe for concurrent use.
type Producer struct{}

// NewProducer starts a producer. It fails on a configuration that cannot work, not on a broker that cannot be reached: see Ping.
func NewProducer(cfg ProducerConfig) (*Producer, error) { return nil, errors.New("not built yet") }

// Produce sends the batch's records and returns at once; outcomes arrive in the batch. It never waits for memory or for brokers.
func (p *Producer) Produce(b *Batch) {}

// Stalled says whether a partition of the topic has waited longer than the delivery timeout for an acknowledgement, and for how long.
func (p *Producer) Stalled(topic string) (time.Duration, bool) { return 0, false }

// Ping asks any broker for an answer. Its error is one line that says what was tried and what to look at.
func (p *Producer) Ping(ctx context.Context) error { return nil }

// Flush waits until everything that was given to Produce has its outcome, or the context is over.
func (p *Producer) Flush(ctx context.Context) error { return nil }

// Close flushes until the context is over, then ends everything; what has no outcome by then gets one.
func (p *Producer) Close(ctx context.Context) error { return nil }

type slot struct{}
