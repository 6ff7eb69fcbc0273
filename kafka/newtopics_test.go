package kafka_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/eventplatform/eventplatform/kafka"
)

// A producer that leaves new topics to the brokers' policy never sends CreateTopics, and says so when the policy is to have none.
func TestAskForTopics(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		opts   []kfake.Opt
		tells  string // what the broker says auto.create.topics.enable is
		kind   string
		answer string
		bound  time.Duration // of the delivery; half of it is waited for what does not come
	}{
		{"created", []kfake.Opt{kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(3)}, "", "", "", 30 * time.Second},
		{"the brokers say they do not", nil, "false", "unknown_topic", "topic new does not exist, and Kafka's brokers create none by being written to", 30 * time.Second},
		{"the brokers say they do and do not", nil, "true", "unknown_topic", "topic new does not exist and could not be created", briefly},
		{"the brokers do not tell", nil, "", "unknown_topic", "topic new does not exist and could not be created", briefly},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := kfake.NewCluster(append(test.opts, kfake.NumBrokers(1))...)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			var created atomic.Int64
			c.ControlKey(int16(kmsg.CreateTopics), func(kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				created.Add(1)
				return nil, nil, false
			})
			c.ControlKey(int16(kmsg.DescribeConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				req := r.(*kmsg.DescribeConfigsRequest)
				if req.Resources[0].ResourceType != kmsg.ConfigResourceTypeBroker || test.tells == "" {
					return nil, nil, false
				}
				resp := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
				resp.Resources = []kmsg.DescribeConfigsResponseResource{{
					ResourceType: kmsg.ConfigResourceTypeBroker, ResourceName: req.Resources[0].ResourceName,
					Configs: []kmsg.DescribeConfigsResponseResourceConfig{{Name: "auto.create.topics.enable", Value: &test.tells}},
				}}
				return resp, nil, true
			})
			p := newProducer(t, kafka.ProducerConfig{
				Connection: kafka.Connection{Brokers: c.ListenAddrs()}, AskForTopics: true, DeliveryTimeout: test.bound,
			})
			for range 2 {
				o := produce(t, p, "new", "x")[0]
				if test.kind == "" && o.Err != nil || test.kind != "" && (kindOf(o.Err) != test.kind || o.Err.Error() != test.answer) {
					t.Errorf("%v (%v)", o.Err, errors.Unwrap(o.Err))
				}
			}
			if n := created.Load(); n > 0 {
				t.Errorf("%d CreateTopics requests were sent", n)
			}
			want := 0
			if test.kind == "" {
				want = 3
			}
			if tps, err := newLog(t, c.ListenAddrs()).Partitions(testContext(t), []string{"new"}); err != nil || len(tps) != want {
				t.Errorf("the topic has partitions %v (%v), want %d", tps, err, want)
			}
		})
	}
}

// Access rules that forbid asking for a topic are told as that, not as Kafka's silence.
func TestTopicThatMayNotBeSeen(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := r.(*kmsg.MetadataRequest)
		if len(req.Topics) == 0 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic, topic.ErrorCode = req.Topics[0].Topic, kerr.TopicAuthorizationFailed.Code
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
	for _, cfg := range []kafka.ProducerConfig{{}, {AskForTopics: true}, {CreateTopics: &kafka.TopicSpec{}}} {
		cfg.Brokers = c.ListenAddrs()
		o := produce(t, newProducer(t, cfg), "secret", "x")[0]
		if kindOf(o.Err) != "other" || o.Err.Error() != "this service may not write to topic secret" {
			t.Errorf("%v (%v)", o.Err, errors.Unwrap(o.Err))
		}
	}
}

func TestTopicsAreCreatedAsSpecified(t *testing.T) {
	b := inMemory(t)
	p := newProducer(t, kafka.ProducerConfig{
		Connection: kafka.Connection{Brokers: []string{b.Addr()}}, CreateTopics: &kafka.TopicSpec{Partitions: 2},
		SpecifyTopic: func(topic string, spec *kafka.TopicSpec) {
			if topic == "own" {
				spec.Partitions = 5
			}
		},
	})
	mustProduce(t, p, "own", "x")
	mustProduce(t, p, "other", "x")
	for topic, want := range map[string]int{"own": 5, "other": 2} {
		if tps, err := newLog(t, []string{b.Addr()}).Partitions(testContext(t), []string{topic}); err != nil || len(tps) != want {
			t.Errorf("%s: %v, %v", topic, tps, err)
		}
	}
	if _, err := kafka.NewProducer(kafka.ProducerConfig{
		Connection: kafka.Connection{Brokers: []string{b.Addr()}}, CreateTopics: &kafka.TopicSpec{}, AskForTopics: true,
	}); err == nil {
		t.Error("topics are both created and asked for")
	}
}

// Why the brokers do not create a topic is told to senders where it is harmless, and always to the log.
func TestWhyTopicIsNotCreated(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var verdict atomic.Pointer[kerr.Error]
	c.ControlKey(int16(kmsg.CreateTopics), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := r.(*kmsg.CreateTopicsRequest)
		resp := req.ResponseKind().(*kmsg.CreateTopicsResponse)
		topic := kmsg.NewCreateTopicsResponseTopic()
		topic.Topic, topic.ErrorCode, topic.ErrorMessage = req.Topics[0].Topic, verdict.Load().Code, kmsg.StringPtr("9 of 1")
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
	for _, test := range []struct {
		verdict *kerr.Error
		answer  string
	}{
		{kerr.InvalidReplicationFactor, ": INVALID_REPLICATION_FACTOR: 9 of 1"},
		{kerr.InvalidPartitions, ": INVALID_PARTITIONS: 9 of 1"},
		{kerr.PolicyViolation, ": POLICY_VIOLATION"},
	} {
		verdict.Store(test.verdict)
		p := newProducer(t, kafka.ProducerConfig{Connection: kafka.Connection{Brokers: c.ListenAddrs()}, CreateTopics: &kafka.TopicSpec{}})
		o := produce(t, p, "new", "x")[0]
		if kindOf(o.Err) != "unknown_topic" || o.Err.Error() != "topic new does not exist and could not be created"+test.answer {
			t.Errorf("%v", o.Err)
		}
		var line strings.Builder
		slog.New(slog.NewTextHandler(&line, nil)).Error("refused", "cause", o.Err)
		if !strings.Contains(line.String(), test.verdict.Error()+": 9 of 1") {
			t.Errorf("%s", line.String())
		}
	}
}
