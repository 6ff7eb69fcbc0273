package kafkasse_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
)

// A server of one's own serves a topic. With a cluster the log is a *kafka.Log.
func Example() {
	log := kafkassetest.New("example")
	log.Create("orders", 1)
	log.Produce(kafka.Record{Topic: "orders", Timestamp: 1_700_000_000_000, Value: []byte(`{"order":7}`)})

	streams, err := kafkasse.New(kafkasse.Config{Log: log})
	if err != nil {
		panic(err)
	}
	defer func() { _ = streams.Shutdown(context.Background()) }()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		since, _ := kafkasse.ParseTime(r.FormValue("since"))
		streams.Serve(w, r, kafkasse.Subscription{Topics: []string{"orders"}, Since: &since, Limit: 1})
	}))
	defer server.Close()

	resp, err := http.Get(server.URL + "?since=2023-11-14")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if len(lines.Text()) > 0 && lines.Text()[0] == 'd' {
			fmt.Println(lines.Text())
		}
	}
	// Output:
	// data: {"order":7,"meta":{"topic":"orders","partition":0,"offset":0}}
	// data: {"reason":"limit"}
}
