package kafka

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicLimits are a topic's settings that decide whether a record is accepted. The brokers judge a whole batch by them, so that one bad record would
// take the records of others down with it: they are judged here, one by one.
type topicLimits struct {
	maxBytes  int32         // of a batch; 0 = not known
	maxAhead  time.Duration // how far a timestamp may lie ahead of now
	maxBehind time.Duration // how far back it may lie
	readAt    time.Time
}

const (
	anyTime = time.Duration(math.MaxInt64)
	// timestampSlack is how far this machine's clock may be behind the brokers'.
	timestampSlack = 2 * time.Second
	// limitsMaxAge is how long limits are believed although a broker refuses a record that they would let pass.
	limitsMaxAge = 10 * time.Second
	// batchOverhead and headerOverhead are the most that a batch's and a record's own fields, and a header's lengths, add to a record of one's own.
	batchOverhead  = 128
	headerOverhead = 10
)

// check judges one record of `size` bytes for a producer whose batches are at most maxBatch bytes.
func (l *topicLimits) check(topic string, r *Record, size int64, maxBatch int32) *DeliveryError {
	if bound := int64(l.batchBytes(maxBatch)) - batchOverhead - int64(len(r.Headers))*headerOverhead; size > bound {
		return l.tooLarge(topic, size, bound, maxBatch)
	}
	if r.Timestamp == 0 || l.maxAhead == anyTime && l.maxBehind == anyTime {
		return nil
	}
	return l.checkTimestamp(topic, r.Timestamp, time.Now())
}

// tooLarge says whose bound the record is past: the topic's, or that of a producer whose batches are at most maxBatch bytes.
func (l *topicLimits) tooLarge(topic string, size, bound int64, maxBatch int32) *DeliveryError {
	whose, setting := "this service", "message.max.bytes"
	if l.batchBytes(maxBatch) < maxBatch {
		whose, setting = "topic "+topic, "max.message.bytes"
	}
	return &DeliveryError{Kind: TooLarge, Topic: topic,
		Msg: fmt.Sprintf("the record of %d bytes is larger than %s accepts (%d, by its %s)", size, whose, bound, setting)}
}

func (l *topicLimits) checkTimestamp(topic string, ms int64, now time.Time) *DeliveryError {
	at := time.UnixMilli(ms)
	ahead := at.Sub(now)
	var bound string
	switch {
	case l.maxAhead != anyTime && ahead > l.maxAhead-timestampSlack:
		bound = l.maxAhead.String() + " ahead of"
	case l.maxBehind != anyTime && -ahead > l.maxBehind-timestampSlack:
		bound = l.maxBehind.String() + " behind"
	default:
		return nil
	}
	return &DeliveryError{Kind: BadTimestamp, Topic: topic,
		Msg: fmt.Sprintf("topic %s does not accept the timestamp %s: it is more than %s now", topic, at.UTC().Format(time.RFC3339Nano), bound)}
}

func (l *topicLimits) batchBytes(producer int32) int32 {
	if l.maxBytes > 0 {
		return min(l.maxBytes, producer)
	}
	return producer
}

// readLimits asks for the topic's limits. Brokers that do not tell (or a principal that may not ask) leave them open.
func (p *Producer) readLimits(topic string) *topicLimits {
	ctx, cancel := context.WithTimeout(p.ctx, p.deliveryTimeout)
	defer cancel()
	l := &topicLimits{maxAhead: anyTime, maxBehind: anyTime, readAt: time.Now()}
	configs, err := topicConfigs(ctx, p.client, topic)
	if err != nil {
		return l
	}
	maxBytes := configs["max.message.bytes"]
	if broker := configs["message.max.bytes"]; broker != "" {
		maxBytes = broker // only the embedded broker says so: the bound that holds, where it gives its default as the topic's
	}
	if n, err := strconv.ParseInt(maxBytes, 10, 32); err == nil && n >= minMessageBytes {
		l.maxBytes = int32(n)
	}
	if configs["message.timestamp.type"] == "LogAppendTime" {
		return l // the brokers set their own
	}
	both := millis(configs["message.timestamp.difference.max.ms"]) // before Kafka 3.6
	l.maxAhead = min(both, millis(configs["message.timestamp.after.max.ms"]))
	l.maxBehind = min(both, millis(configs["message.timestamp.before.max.ms"]))
	return l
}

// millis reads a number of milliseconds; what is absent, or too large for a Duration (the brokers' "any" is), is anyTime.
func millis(s string) time.Duration {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > int64(anyTime/time.Millisecond) {
		return anyTime
	}
	return time.Duration(n) * time.Millisecond
}

func topicConfigs(ctx context.Context, client *kgo.Client, topic string) (map[string]string, error) {
	return describeConfigs(ctx, client, kmsg.ConfigResourceTypeTopic, topic, "max.message.bytes", "message.max.bytes", "message.timestamp.type",
		"message.timestamp.difference.max.ms", "message.timestamp.after.max.ms", "message.timestamp.before.max.ms")
}

// describeConfigs asks for settings of a topic or a broker. Those that are not told are left out.
func describeConfigs(ctx context.Context, client *kgo.Client, kind kmsg.ConfigResourceType, name string, keys ...string) (map[string]string, error) {
	req := kmsg.NewPtrDescribeConfigsRequest()
	res := kmsg.NewDescribeConfigsRequestResource()
	res.ResourceType, res.ResourceName, res.ConfigNames = kind, name, keys
	req.Resources = append(req.Resources, res)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	configs := make(map[string]string)
	for _, r := range resp.Resources {
		for _, c := range r.Configs {
			if c.Value != nil {
				configs[c.Name] = *c.Value
			}
		}
	}
	return configs, nil
}
