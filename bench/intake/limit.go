package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/valyala/fasthttp"

	"github.com/eventplatform/eventplatform/internal/embedded"
)

// topic is what the limit programs write to.
const topic = "limit"

// linger is how long an event waits for others to travel with, the same for every subject: what serve has.
const linger = time.Millisecond

// serveBroker is a broker of its own, with its log in a folder. Like the others it prints its address and serves until it is ended.
func serveBroker(listen, dir string) error {
	broker, err := startBroker(listen, dir)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", broker.Addr())
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
	return broker.Close()
}

func startBroker(listen, dir string) (*embedded.Broker, error) {
	broker, err := embedded.Start(embedded.Config{Dir: dir, Listen: listen})
	if err != nil {
		return nil, err
	}
	return broker, broker.CreateTopic(topic, 1)
}

// limitClient is a Kafka client with nothing around it.
func limitClient(broker string) (*kgo.Client, error) {
	return kgo.NewClient(kgo.SeedBrokers(broker), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(linger), kgo.ProducerBatchMaxBytes(4<<20),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
}

// answer is what a POST of an accepted event is answered with, apart from what frames it: the limit programs send the same, since what goes over the
// wire is no work of the intake's.
type answer struct {
	Reason string
	Header http.Header
}

// answerOf posts an event and returns the answer as JSON.
func answerOf(url string) (string, error) {
	response, err := http.Post(url+"/v1/events", "application/json", strings.NewReader(body(1)))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("%s answered %s", url, response.Status)
	}
	_, reason, _ := strings.Cut(response.Status, " ")
	response.Header.Del("Date")
	response.Header.Del("Content-Length")
	text, err := json.Marshal(answer{reason, response.Header})
	return string(text), err
}

func readAnswer(text string) (a answer, err error) {
	return a, json.Unmarshal([]byte(text), &a)
}

// serveFastHTTP is what the intake that runs alone cannot do without: fasthttp, and the write to the log.
func serveFastHTTP(broker, answerText string) error {
	answer, err := readAnswer(answerText)
	if err != nil {
		return err
	}
	var head fasthttp.ResponseHeader
	head.SetNoDefaultContentType(true)
	head.SetStatusCode(http.StatusCreated)
	head.SetStatusMessage([]byte(answer.Reason))
	for name := range answer.Header {
		head.Set(name, answer.Header.Get(name))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	client, err := limitClient(broker)
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Printf("http://%s\n", listener.Addr())
	return fasthttp.Serve(listener, func(ctx *fasthttp.RequestCtx) {
		if err := produceAll(context.Background(), client, ctx.PostBody()); err != nil {
			ctx.Error(err.Error(), http.StatusInternalServerError)
			return
		}
		head.CopyTo(&ctx.Response.Header)
	})
}

// serveNetHTTP is what serve cannot do without: net/http, a broker in the process, and the write to it.
func serveNetHTTP(brokerListen, dir, answerText string) error {
	answer, err := readAnswer(answerText)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	broker, err := startBroker(brokerListen, dir)
	if err != nil {
		return err
	}
	defer broker.Close()
	client, err := limitClient(broker.Addr())
	if err != nil {
		return err
	}
	defer client.Close()
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
		if err := produceAll(r.Context(), client, body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		maps.Copy(w.Header(), answer.Header)
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
