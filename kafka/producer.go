package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ProducerConfig configures a [Producer]. Zero values mean the defaults that are named.
type ProducerConfig struct {
	Connection
	// Linger is how long a partition waits for more records before it sends. 0 sends at once, which is quickest: records that arrive while five requests
	// are on their way travel together in the next one. With hundreds of requests at once a millisecond halves the CPU time a record takes; with
	// fewer it only makes them wait.
	Linger time.Duration
	// Compression is none, gzip, snappy, lz4 or zstd; "" = none.
	Compression string
	// MaxMessageBytes bounds one record batch before compression, and so one record; 0 = 1,000,092, with which a record's key, value and headers may
	// have 999,964 bytes, as with librdkafka's default. A topic's max.message.bytes is respected as well.
	MaxMessageBytes int
	// MaxBufferedRecords and MaxBufferedBytes bound what waits for acknowledgement; past either the outcome is Overloaded. One topic gets at most half of
	// both. 0 = 100,000 and 64 MiB.
	MaxBufferedRecords int
	MaxBufferedBytes   int
	// DeliveryTimeout bounds the time from Produce to the outcome; 0 = 10 s. What is on its way then may still be written: its outcome is Timeout, and it
	// counts against the bounds of what waits until the request is over, a quarter of the timeout later at most.
	DeliveryTimeout time.Duration
	// LeaderAckOnly asks for the leader's acknowledgement alone (acks=1), without idempotence. A record may then be lost or doubled.
	LeaderAckOnly bool
	// Partitioner is how a key chooses its partition: "murmur2", as Java clients do, or "crc32", as librdkafka does by default; "" = murmur2. Records
	// without a key go to one partition until its batch is full, then to another.
	Partitioner string
	// CreateTopics, if set, is what a topic that does not exist is created with, before its first record is sent; its Name is not used.
	CreateTopics *TopicSpec
	// SpecifyTopic, if set, changes a copy of CreateTopics for one topic. It must be quick and leave the original's Configs alone.
	SpecifyTopic func(topic string, spec *TopicSpec)
	// AskForTopics has the brokers asked for a topic that does not exist, before its first record is sent: whether and how they create it is their own
	// policy (auto.create.topics.enable, num.partitions, default.replication.factor). Without it and CreateTopics such records fail as UnknownTopic.
	AskForTopics bool
	// Delivered, if set, is called when the last outcome of a batch is known, before those who wait for it hear; took is the time since Produce. It runs
	// on the goroutine that completed the batch, must be quick, and must not keep the batch.
	Delivered func(b *Batch, took time.Duration)
}

// Producer sends records. It is safe for concurrent use.
//
// What happens to a topic is its own affair: one that is looked up, created, or whose leader hangs holds up no other. A topic that did not
// acknowledge anything for the delivery timeout is stalled: until it acknowledges again, one record at a time is sent to find out, and the
// others fail at once as Unavailable.
type Producer struct {
	client          *kgo.Client
	conn            Connection
	log             *slog.Logger
	deliveryTimeout time.Duration
	maxMessage      int32
	maxRecords      int64 // of all topics that are being looked up
	maxBytes        int64
	topicRecords    int64 // of one topic
	topicBytes      int64
	create          *TopicSpec // nil: topics are not created by request
	specify         func(topic string, spec *TopicSpec)
	askForTopics    bool
	delivered       func(*Batch, time.Duration)

	known      atomic.Pointer[map[string]*topicState] // copied on write
	batchBytes sync.Map                               // topic → int32, for the client; set before the client first hears of the topic
	reviews    chan *topicState
	deadlines  *deadlines
	expirer    *expirer

	mu          sync.Mutex
	closed      bool
	lookups     map[string]*lookup
	heldRecords int64 // in lookups
	heldBytes   int64

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
	running chan struct{} // bounds concurrent lookups
}

const (
	defaultMaxMessageBytes = 1_000_000 - 36 + batchOverhead // librdkafka counts 36 bytes for a record's own fields
	defaultMaxRecords      = 100_000
	defaultMaxBytes        = 64 << 20
	defaultDeliveryTimeout = 10 * time.Second
	minMessageBytes        = 1024
	maxReviews             = 256
	minDeliveryTimeout     = 500 * time.Millisecond // the client's own bounds of a request are 100 ms
)

// NewProducer starts a producer. It fails on a configuration that cannot work, not on a broker that cannot be reached: see Ping.
func NewProducer(cfg ProducerConfig) (*Producer, error) {
	p := &Producer{
		conn:            cfg.Connection,
		log:             cfg.Logger,
		deliveryTimeout: orDefault(cfg.DeliveryTimeout, defaultDeliveryTimeout),
		lookups:         make(map[string]*lookup),
		running:         make(chan struct{}, maxLookups),
		reviews:         make(chan *topicState, maxReviews),
		create:          cfg.CreateTopics,
		specify:         cfg.SpecifyTopic,
		askForTopics:    cfg.AskForTopics,
		delivered:       cfg.Delivered,
	}
	maxMessage := orDefault(cfg.MaxMessageBytes, defaultMaxMessageBytes)
	p.maxRecords = int64(orDefault(cfg.MaxBufferedRecords, defaultMaxRecords))
	p.maxBytes = int64(orDefault(cfg.MaxBufferedBytes, defaultMaxBytes))
	switch {
	case p.deliveryTimeout < minDeliveryTimeout:
		return nil, fmt.Errorf("delivery timeout %v: it is at least %v", p.deliveryTimeout, minDeliveryTimeout)
	case maxMessage < minMessageBytes || maxMessage > math.MaxInt32/4:
		return nil, fmt.Errorf("largest message %d bytes: it is at least %d and at most %d", maxMessage, minMessageBytes, math.MaxInt32/4)
	case p.maxBytes < 2*int64(maxMessage):
		return nil, fmt.Errorf("a buffer of %d bytes is less than two of the largest messages (%d bytes)", p.maxBytes, maxMessage)
	case cfg.AskForTopics && cfg.CreateTopics != nil:
		return nil, errors.New("topics are either created as CreateTopics says or asked for (AskForTopics), not both")
	case cfg.Linger < 0 || cfg.Linger > p.deliveryTimeout/2:
		return nil, fmt.Errorf("linger %v: it is at most half of the delivery timeout (%v)", cfg.Linger, p.deliveryTimeout)
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	p.maxMessage = int32(maxMessage)
	p.topicRecords, p.topicBytes = max(p.maxRecords/2, 1), p.maxBytes/2

	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	own, err := p.options(cfg)
	if err != nil {
		return nil, err
	}
	if p.client, err = kgo.NewClient(append(opts, own...)...); err != nil {
		return nil, fmt.Errorf("kafka producer: %w", err)
	}
	p.known.Store(&map[string]*topicState{})
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.deadlines, p.expirer = newDeadlines(p.ctx, p.deliveryTimeout), newExpirer(p.deliveryTimeout)
	p.tasks.Go(p.reviewer)
	return p, nil
}

func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// options bounds what the client waits for; callers do not wait for it, see [expirer]. A broker that hangs with its sockets open answers nothing: a request
// is given up after the request timeout and the overhead (half of the delivery timeout together), and its records fail at their deadline only if in-flight
// records may be cancelled.
func (p *Producer) options(cfg ProducerConfig) ([]kgo.Opt, error) {
	codec, err := compression(cfg.Compression)
	if err != nil {
		return nil, err
	}
	partitioner, err := partitioner(cfg.Partitioner)
	if err != nil {
		return nil, err
	}
	opts := []kgo.Opt{
		kgo.ProducerLinger(cfg.Linger),
		kgo.ProducerBatchCompression(codec),
		kgo.ProducerBatchMaxBytesFn(p.topicBatchBytes),
		kgo.BrokerMaxWriteBytes(max(100<<20, 2*p.maxMessage)),
		kgo.RecordPartitioner(partitioner),
		kgo.MaxBufferedRecords(int(p.maxRecords)),
		kgo.MaxBufferedBytes(int(p.maxBytes)),
		kgo.ProduceRequestTimeout(min(p.deliveryTimeout*3/10, 10*time.Second)),
		kgo.RequestTimeoutOverhead(min(p.deliveryTimeout*2/10, requestTimeout)),
		kgo.RetryTimeout(p.deliveryTimeout),
	}
	if cfg.LeaderAckOnly {
		return append(opts, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()), nil
	}
	return append(opts, kgo.RequiredAcks(kgo.AllISRAcks()), kgo.AllowIdempotentProduceCancellation()), nil
}

// topicBatchBytes is asked by the client once for a partition, when it first learns of it: after the topic was looked up here.
func (p *Producer) topicBatchBytes(topic string) int32 {
	if n, ok := p.batchBytes.Load(topic); ok {
		return n.(int32)
	}
	return p.maxMessage
}

// Produce sends the batch's records and returns at once; outcomes arrive in the batch. It never waits for memory or for brokers.
// Records of one topic are sent in the order given.
func (p *Producer) Produce(b *Batch) {
	b.makeSlots()
	b.delivered, b.begun = p.delivered, time.Now()
	b.Begin()
	if !b.hold() { // it is empty
		return
	}
	known, ctx := *p.known.Load(), p.deadlines.from(b.begun)
	for i, n := 0, len(b.Records); i < n; i++ {
		if t := known[b.Records[i].Topic]; t != nil {
			p.send(ctx, t, b, i)
		} else {
			p.hold(b, i)
		}
	}
	p.expirer.add(b) // now that no slot is written any more but by a lookup
	b.done()
}

// send gives one record to the client.
func (p *Producer) send(ctx context.Context, t *topicState, b *Batch, i int) {
	s := b.slot(i, t)
	if err := t.admit(&b.Records[i], s.size); err != nil {
		b.refuse(i, err)
		return
	}
	if s.state.Swap(sent) == settled { // its time was over just when its lookup was
		t.release(s.size)
		b.refuse(i, unansweredLookup(t.name, context.DeadlineExceeded))
		return
	}
	p.client.TryProduce(ctx, &s.record, acknowledged)
}

// Stalled says whether the topic has not acknowledged anything for longer than the delivery timeout although it was asked to, and for how long.
func (p *Producer) Stalled(topic string) (time.Duration, bool) {
	t := (*p.known.Load())[topic]
	if t == nil {
		return 0, false
	}
	since := t.stalledSince.Load()
	if since == 0 {
		return 0, false
	}
	return time.Since(time.Unix(0, since)), true
}

// Buffered is how many records, and how many bytes of them, wait for their outcome, for metrics.
func (p *Producer) Buffered() (records, bytes int64) {
	p.mu.Lock()
	records, bytes = p.heldRecords, p.heldBytes
	p.mu.Unlock()
	return records + p.client.BufferedProduceRecords(), bytes + p.client.BufferedProduceBytes()
}

// Ping asks any broker for an answer. Its error is an *[UnreachableError]: one line that says what was tried and what to look at.
func (p *Producer) Ping(ctx context.Context) error { return p.conn.ping(ctx, p.client) }

// Flush waits until everything that was given to Produce has its outcome, or the context is over.
func (p *Producer) Flush(ctx context.Context) error {
	for _, done := range p.pendingLookups() {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return p.client.Flush(ctx)
}

// Close flushes until the context is over, then ends everything. What has no outcome by then fails; what is produced later fails as Closed. Its
// error says that something was not flushed.
func (p *Producer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.setKnown("", nil) // what is not known is looked up, and lookups are refused from here on
	p.mu.Unlock()
	err := p.Flush(ctx)
	p.cancel()
	p.tasks.Wait()
	p.client.Close()
	return err
}
