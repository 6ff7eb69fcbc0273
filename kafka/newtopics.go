package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// creationPatience is how long, at most, brokers that were asked for a topic may take until they have it: their first answer is always that there is none.
const creationPatience = 5 * time.Second

// errAutoCreationOff says that asking will never help.
var errAutoCreationOff = errors.New("auto.create.topics.enable is off")

// obtain has a topic that does not exist made, in the way that the producer was configured with.
func (p *Producer) obtain(ctx context.Context, topic string) error {
	switch {
	case p.create != nil:
		spec := *p.create
		spec.Name = topic
		if p.specify != nil {
			p.specify(topic, &spec)
		}
		return createTopics(ctx, p.client, []TopicSpec{spec})
	case p.askForTopics:
		return askForTopic(ctx, p.client, topic, min(creationPatience, p.deliveryTimeout/2))
	}
	return &DeliveryError{Kind: UnknownTopic, Topic: topic, Msg: fmt.Sprintf("topic %s does not exist", topic)}
}

// askForTopic asks the brokers for a topic as clients do that expect topics to be created by that, and waits until it has leaders. Whether they create it,
// with how many partitions and replicas, is the brokers' policy. They never say that they will not: it is read from their configuration where this
// client may, and else known from their not having it after some time.
func askForTopic(ctx context.Context, client *kgo.Client, topic string, patience time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for answers := 0; ; answers++ {
		resp, err := requestTopics(bounded, client, []string{topic}, true)
		if err != nil && answers > 0 && ctx.Err() == nil && bounded.Err() != nil {
			return notCreated(topic, patience)
		}
		if err != nil {
			return err
		}
		found, err := metaOf(resp)
		if err != nil {
			return &CreateError{Topic: topic, cause: err}
		}
		if _, ok := found[topic]; ok {
			return waitForLeaders(ctx, client, []string{topic})
		}
		if answers == 0 && autoCreationOff(bounded, client, resp.Brokers) {
			return &CreateError{Topic: topic, cause: errAutoCreationOff}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-bounded.Done():
			return notCreated(topic, patience)
		case <-time.After(leaderPoll):
		}
	}
}

func notCreated(topic string, patience time.Duration) *CreateError {
	return &CreateError{Topic: topic, cause: kerr.UnknownTopicOrPartition, Msg: fmt.Sprintf("the brokers were asked for it and do not have it after %v", patience)}
}

// autoCreationOff reports whether a broker says that it creates no topics by being asked for them. One that does not tell may create them.
func autoCreationOff(ctx context.Context, client *kgo.Client, brokers []kmsg.MetadataResponseBroker) bool {
	if len(brokers) == 0 {
		return false
	}
	configs, err := describeConfigs(ctx, client, kmsg.ConfigResourceTypeBroker, strconv.Itoa(int(brokers[0].NodeID)), "auto.create.topics.enable")
	return err == nil && configs["auto.create.topics.enable"] == "false"
}
