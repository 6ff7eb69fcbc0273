// Sse serves a topic of Kafka to browsers: go run . localhost:8080 localhost:9092 my.topic; then: curl -N http://localhost:8080
package main

import (
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
	"log"
	"net/http"
	"os"
)

func main() {
	cluster, err := kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: os.Args[2:3]}})
	if err != nil {
		log.Fatal(err)
	}
	streams, err := kafkasse.New(kafkasse.Config{Log: cluster})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		streams.Serve(w, r, kafkasse.Subscription{Topics: os.Args[3:]})
	})))
}
