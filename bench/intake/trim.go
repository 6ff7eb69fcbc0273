package main

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// trimInterval is how often a broker's records are deleted.
const trimInterval = 100 * time.Millisecond

// trim deletes what a broker has, again and again until the context is over: a run writes gigabytes, and on a virtual machine memory that is touched for
// the first time, here by the files' cache, costs several times what the subjects do with it. So it is the same memory all the time.
func trim(ctx context.Context, broker string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		return err
	}
	defer client.Close()
	tick := time.NewTicker(trimInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := deleteAll(ctx, client); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

func deleteAll(ctx context.Context, client *kgo.Client) error {
	ask := kmsg.NewPtrMetadataRequest()
	ask.Topics = nil // all
	topics, err := ask.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	deletion := kmsg.NewPtrDeleteRecordsRequest()
	for _, t := range topics.Topics {
		topic := kmsg.NewDeleteRecordsRequestTopic()
		topic.Topic = *t.Topic
		for _, p := range t.Partitions {
			topic.Partitions = append(topic.Partitions, kmsg.DeleteRecordsRequestTopicPartition{Partition: p.Partition, Offset: -1})
		}
		deletion.Topics = append(deletion.Topics, topic)
	}
	answer, err := deletion.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			err = errors.Join(err, kerr.ErrorForCode(p.ErrorCode))
		}
	}
	return err
}
