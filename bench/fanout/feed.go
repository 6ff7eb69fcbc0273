package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// topic is that of the built-in stream that the clients read.
const topic = "datacenter1.mediawiki.recentchange"

// feeding is what the feeder is asked for.
type feeding struct {
	Before int // events that are there when it starts
	Rate   int // events a second from then on; 0 = none
	Batch  int // so many at once
}

// addedBytes is what a frame of the platform holds besides the event: an id of two partitions, and the fields that the platform sets.
const addedBytes = 250

// feed runs a broker, prints its address, and produces events at a rate until it is ended.
func feed(spec string) error {
	var f feeding
	if err := json.Unmarshal([]byte(spec), &f); err != nil {
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
	produce := func(n int) error {
		records := make([]*kgo.Record, n)
		for i := range records {
			records[i] = &kgo.Record{Value: []byte(event(time.Now(), frameBytes-addedBytes))}
		}
		return client.ProduceSync(context.Background(), records...).FirstErr()
	}
	for left := f.Before; left > 0; left -= 1000 {
		if err := produce(min(left, 1000)); err != nil {
			return err
		}
	}
	fmt.Printf("http://%s\n", cluster.ListenAddrs()[0])
	if f.Rate == 0 {
		select {} // until the process ends
	}
	for range time.Tick(time.Second * time.Duration(f.Batch) / time.Duration(f.Rate)) {
		if err := produce(f.Batch); err != nil {
			return err
		}
	}
	return nil
}
