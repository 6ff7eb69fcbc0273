package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/eventplatform/eventplatform/bench/internal/process"
)

// rates are how fast all events were read.
type rates struct{ perSecond, perCPUSecond float64 }

func ratesOf(events int, took, cpu time.Duration) rates {
	return rates{float64(events) / took.Seconds(), float64(events) / cpu.Seconds()}
}

// catchUp reads the same events from a broker and from the platform in front of it. Of the platform the server's processor time counts.
func (b *bench) catchUp() (ours, theirs rates, err error) {
	err = b.withPlatform(feeding{Before: b.events}, func(server *process.Process, broker string) error {
		took, cpu, err := b.timed("bare", broker)
		if err != nil {
			return err
		}
		theirs = ratesOf(b.events, took, cpu)
		before, err := server.CPU()
		if err != nil {
			return err
		}
		if took, _, err = b.timed("all", server.URL); err != nil {
			return err
		}
		after, err := server.CPU()
		ours = ratesOf(b.events, took, after-before)
		return err
	})
	return ours, theirs, err
}

// caughtUp is what a consumer of everything reports.
type caughtUp struct{ Seconds float64 }

// consumeBare reads so many events from a broker with nothing but the Kafka client that the platform uses.
func consumeBare(broker, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	began := time.Now()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(topic))
	if err != nil {
		return err
	}
	defer client.Close()
	for count > 0 {
		fetches := client.PollFetches(context.Background())
		if err := fetches.Err(); err != nil {
			return err
		}
		count -= fetches.NumRecords()
	}
	return json.NewEncoder(os.Stdout).Encode(caughtUp{time.Since(began).Seconds()})
}

// consumeAll reads so many events from the platform, from the first one on.
func consumeAll(url, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	began := time.Now()
	conn, reader, err := connect(url, "?since=0")
	if err != nil {
		return err
	}
	defer conn.Close()
	buffer := make([]byte, 64<<10)
	for kept := 0; count > 0; {
		n, err := reader.Read(buffer[kept:])
		if err != nil {
			return err
		}
		text := buffer[:kept+n]
		count -= bytes.Count(text, separator)
		kept = copy(buffer, text[max(0, len(text)-len(separator)+1):])
	}
	return json.NewEncoder(os.Stdout).Encode(caughtUp{time.Since(began).Seconds()})
}
