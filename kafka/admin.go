package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TopicSpec says how a topic is created.
type TopicSpec struct {
	Name string
	// Partitions and Replicas: 0 = the brokers' default.
	Partitions int32
	Replicas   int16
	// Configs are topic configurations as Kafka names them, such as retention.bytes.
	Configs map[string]string
}

// CreateError says why a topic could not be created.
type CreateError struct {
	Topic string
	Msg   string // the brokers' own words, may be empty
	cause error
}

func (e *CreateError) Error() string {
	if e.Msg == "" {
		return fmt.Sprintf("topic %s could not be created: %v", e.Topic, e.cause)
	}
	return fmt.Sprintf("topic %s could not be created: %v: %s", e.Topic, e.cause, e.Msg)
}

// Unwrap returns the brokers' error.
func (e *CreateError) Unwrap() error { return e.cause }

// reason is what senders may know of it: the name of the brokers' error and, where that speaks of numbers only, their words. What a policy or a setting
// is about is the log's.
func (e *CreateError) reason() string {
	var verdict *kerr.Error
	if !errors.As(e.cause, &verdict) || verdict == kerr.UnknownTopicOrPartition {
		return ""
	}
	if words := e.Msg; words != "" && (verdict == kerr.InvalidReplicationFactor || verdict == kerr.InvalidPartitions) {
		return ": " + verdict.Message + ": " + words
	}
	return ": " + verdict.Message
}

// EnsureTopics creates those of the topics that do not exist; existing ones are left as they are. When it returns, every one of them has a leader.
func (l *Log) EnsureTopics(ctx context.Context, specs []TopicSpec) error {
	if len(specs) == 0 {
		return nil
	}
	names := make([]string, len(specs))
	for i, s := range specs {
		if err := CheckTopicName(s.Name); err != nil {
			return err
		}
		names[i] = s.Name
	}
	found, err := describeTopics(ctx, l.client, names)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(specs), func(s TopicSpec) bool { _, ok := found[s.Name]; return ok })
	if len(missing) == 0 {
		return nil
	}
	return createTopics(ctx, l.client, missing)
}

// Topics lists the names of the cluster's topics, without Kafka's internal ones, sorted.
func (l *Log) Topics(ctx context.Context) ([]string, error) {
	found, err := describeTopics(ctx, l.client, nil)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, t topicMeta) bool { return t.internal })
	return slices.Sorted(maps.Keys(found)), nil
}

const (
	createTimeout = 5 * time.Second // what the controller may take
	leaderPoll    = 20 * time.Millisecond
)

// createTopics creates topics and waits until each has a leader. One that exists already (someone else was faster) is fine.
func createTopics(ctx context.Context, client *kgo.Client, specs []TopicSpec) error {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(createTimeout.Milliseconds())
	names := make([]string, 0, len(specs))
	for _, s := range specs {
		t := kmsg.NewCreateTopicsRequestTopic()
		t.Topic = s.Name
		t.NumPartitions, t.ReplicationFactor = -1, -1
		if s.Partitions > 0 {
			t.NumPartitions = s.Partitions
		}
		if s.Replicas > 0 {
			t.ReplicationFactor = s.Replicas
		}
		for _, k := range slices.Sorted(maps.Keys(s.Configs)) {
			c := kmsg.NewCreateTopicsRequestTopicConfig()
			c.Name, c.Value = k, kmsg.StringPtr(s.Configs[k])
			t.Configs = append(t.Configs, c)
		}
		req.Topics = append(req.Topics, t)
		names = append(names, s.Name)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, t := range resp.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			e := &CreateError{Topic: t.Topic, cause: err}
			if t.ErrorMessage != nil {
				e.Msg = *t.ErrorMessage
			}
			return e
		}
	}
	return waitForLeaders(ctx, client, names)
}

// waitForLeaders polls until the brokers agree on the new topics: they learn of them one after the other.
func waitForLeaders(ctx context.Context, client *kgo.Client, names []string) error {
	for {
		found, err := describeTopics(ctx, client, names)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(names, func(name string) bool { return !found[name].led() }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("a new topic has no leader yet: %w", ctx.Err())
		case <-time.After(leaderPoll):
		}
	}
}

// topicMeta is what the brokers say of one topic.
type topicMeta struct {
	id         [16]byte // zero before Kafka 2.8
	internal   bool
	partitions []int32 // leaders by partition; -1 = none at the moment
}

func (t topicMeta) has(partition int32) bool {
	return partition >= 0 && int(partition) < len(t.partitions)
}

func (t topicMeta) led() bool { return len(t.partitions) > 0 && !slices.Contains(t.partitions, -1) }

// describeTopics asks for topics by name, or for all with nil. Those that do not exist are left out, and never created.
func describeTopics(ctx context.Context, client *kgo.Client, names []string) (map[string]topicMeta, error) {
	resp, err := requestTopics(ctx, client, names, false)
	if err != nil {
		return nil, err
	}
	return metaOf(resp)
}

// requestTopics asks for topics by name, or for all with nil. With create, brokers whose policy that is create those that do not exist.
func requestTopics(ctx context.Context, client *kgo.Client, names []string, create bool) (*kmsg.MetadataResponse, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.AllowAutoTopicCreation = create
	if names != nil {
		req.Topics = []kmsg.MetadataRequestTopic{}
	}
	for _, name := range names {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(name)
		req.Topics = append(req.Topics, t)
	}
	return req.RequestWith(ctx, client)
}

func metaOf(resp *kmsg.MetadataResponse) (map[string]topicMeta, error) {
	found := make(map[string]topicMeta, len(resp.Topics))
	for _, t := range resp.Topics {
		err := kerr.ErrorForCode(t.ErrorCode)
		if errors.Is(partitionError(err), ErrUnknownPartition) {
			continue
		}
		if err != nil && !errors.Is(err, kerr.LeaderNotAvailable) {
			return nil, err
		}
		if t.Topic == nil {
			continue
		}
		meta := topicMeta{id: t.TopicID, internal: t.IsInternal, partitions: make([]int32, len(t.Partitions))}
		for _, p := range t.Partitions {
			if int(p.Partition) >= len(meta.partitions) || p.Partition < 0 {
				return nil, fmt.Errorf("the brokers name partition %d of topic %s, which has %d", p.Partition, *t.Topic, len(t.Partitions))
			}
			meta.partitions[p.Partition] = p.Leader
			if errors.Is(kerr.ErrorForCode(p.ErrorCode), kerr.LeaderNotAvailable) {
				meta.partitions[p.Partition] = -1
			}
		}
		found[*t.Topic] = meta
	}
	return found, nil
}

// Brokers lists the ids of the brokers that are members of the cluster now.
func (l *Log) Brokers(ctx context.Context) ([]int32, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{} // none; nil would be all
	resp, err := req.RequestWith(ctx, l.client)
	if err != nil {
		return nil, err
	}
	ids := make([]int32, len(resp.Brokers))
	for i, b := range resp.Brokers {
		ids[i] = b.NodeID
	}
	slices.Sort(ids)
	return ids, nil
}

// Leader returns the id of the broker that leads the partition now.
func (l *Log) Leader(ctx context.Context, tp TopicPartition) (int32, error) {
	found, err := l.meta.get(ctx, l.client, []string{tp.Topic}, 0)
	if err != nil {
		return 0, err
	}
	meta, ok := found[tp.Topic]
	if !ok || !meta.has(tp.Partition) {
		return 0, ErrUnknownPartition
	}
	if meta.partitions[tp.Partition] < 0 {
		return 0, errNoLeader
	}
	return meta.partitions[tp.Partition], nil
}
