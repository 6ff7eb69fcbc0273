// Command intake is a server of one's own with an intake for events in it.
//
//	go run . schemas localhost:9092
//	curl localhost:8080/v1/events -H 'Content-Type: application/json' -d '{"$schema":"/greeting/1.0.0","text":"Hello"}'
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: intake SCHEMAS BROKER")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	schemas := must(schema.New(schema.Config{Bases: os.Args[1:2]}))
	defer schemas.Close()
	producer := must(kafka.NewProducer(kafka.ProducerConfig{
		Connection: kafka.Connection{Brokers: os.Args[2:]}, AskForTopics: true,
	}))
	gate := must(eventgate.New(eventgate.Config{Schemas: schemas, Guaranteed: producer, Steps: map[string]eventgate.Step{"shout": shout}, Transforms: []string{"shout"}}))
	mux := http.NewServeMux()
	mux.Handle("/v1/", eventgate.NewHandler(gate, eventgate.HandlerConfig{}))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "the rest of the server") })
	listener := must(net.Listen("tcp", cmp.Or(os.Getenv("LISTEN"), "localhost:8080")))
	log.Println("listening on", listener.Addr())
	server := &http.Server{Handler: mux, ReadTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = listener.Close() }) // ends Serve
	log.Println(server.Serve(listener))
	_ = server.Shutdown(context.Background()) // waits for the requests in flight
	_ = gate.Close(context.Background())      // and for what they handed over
	_ = producer.Close(context.Background())
}

// shout refuses events that do not end in an exclamation mark: a step of one's own.
func shout(_ context.Context, e *eventgate.Event) error {
	if text := e.Find("text"); len(text) > 2 && text[len(text)-2] != '!' {
		return &eventgate.Refusal{Type: "NotLoud", Message: "text does not end in !"}
	}
	return nil
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
