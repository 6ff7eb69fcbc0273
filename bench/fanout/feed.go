package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// topic is that of the built-in stream that the clients read.
const topic = "datacenter1.mediawiki.recentchange"

// feed runs a broker, prints its address, and produces one event at a time at the given rate until it is ended.
func feed(rateText string) error {
	rate, err := strconv.Atoi(rateText)
	if err != nil {
		return err
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic))
	if err != nil {
		return err
	}
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Printf("http://%s\n", cluster.ListenAddrs()[0])
	// The frame that the platform makes holds the event, an id of two partitions, and the fields that the platform sets.
	const added = 250
	for range time.Tick(time.Second / time.Duration(rate)) {
		record := &kgo.Record{Value: []byte(event(time.Now(), frameBytes-added))}
		if err := client.ProduceSync(context.Background(), record).FirstErr(); err != nil {
			return err
		}
	}
	return nil
}
