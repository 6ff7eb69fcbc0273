package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// serveLimit is what an intake cannot do without: HTTP, and with produce the write to the log. It keeps its log in the folder data,
// prints its address and serves until it is killed.
func serveLimit(produce bool, data string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	accept := func(context.Context, []byte) error { return nil }
	if produce {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.DataDir(data), kfake.SeedTopics(1, "limit"))
		if err != nil {
			return err
		}
		defer cluster.Close()
		client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic("limit"), kgo.ProducerLinger(0),
			kgo.ProducerBatchCompression(kgo.NoCompression()))
		if err != nil {
			return err
		}
		defer client.Close()
		accept = func(ctx context.Context, body []byte) error { return produceAll(ctx, client, body) }
	}
	bodies := sync.Pool{New: func() any { return new([]byte) }}
	fmt.Printf("http://%s\n", listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		buffer := bodies.Get().(*[]byte)
		defer bodies.Put(buffer)
		if int64(cap(*buffer)) < r.ContentLength {
			*buffer = make([]byte, r.ContentLength)
		}
		body := (*buffer)[:r.ContentLength]
		if _, err := io.ReadFull(r.Body, body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := accept(r.Context(), body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}))
}

// produceAll writes the body's events, cut by their known length, and waits for every acknowledgement.
func produceAll(ctx context.Context, client *kgo.Client, body []byte) error {
	var (
		wait   sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	at := 0
	if len(body) > 0 && body[0] == '[' {
		at = 1
	}
	for ; at+eventBytes <= len(body); at += eventBytes + 1 {
		wait.Add(1)
		client.Produce(ctx, &kgo.Record{Value: body[at : at+eventBytes]}, func(_ *kgo.Record, err error) {
			if err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
			wait.Done()
		})
	}
	wait.Wait()
	return failed
}
