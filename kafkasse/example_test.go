package kafkasse_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

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

// Hooks serve topics that hold something else than JSON, and change or leave out records.
func Example_hooks() {
	log := kafkassetest.New("example")
	log.Create("orders", 1)
	for i, line := range []string{"7;tea;secret", "8;milk;secret", "9;tea;secret"} {
		log.Produce(kafka.Record{Topic: "orders", Timestamp: 1_700_000_000_000 + int64(i), Value: []byte(line)})
	}
	streams, err := kafkasse.New(kafkasse.Config{
		Log: log,
		Decode: func(dst []byte, record *kafka.Record) ([]byte, error) {
			fields := strings.Split(string(record.Value), ";")
			if len(fields) != 3 {
				return nil, fmt.Errorf("%d fields instead of 3", len(fields))
			}
			return fmt.Appendf(dst, `{"order":%s,"of":%q,"note":%q}`, fields[0], fields[1], fields[2]), nil
		},
		Transform: func(dst []byte, _ string, value []byte) []byte {
			return append(dst, bytes.ReplaceAll(value, []byte(`"secret"`), []byte(`"***"`))...)
		},
	})
	if err != nil {
		panic(err)
	}
	defer func() { _ = streams.Shutdown(context.Background()) }()
	tea := &kafkasse.View{Key: "tea", Keep: func(_ string, _ int64, event []byte) bool { return bytes.Contains(event, []byte(`"of":"tea"`)) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		since := int64(0)
		streams.Serve(w, r, kafkasse.Subscription{Topics: []string{"orders"}, Since: &since, View: tea, Limit: 2})
	}))
	defer server.Close()

	request, _ := http.NewRequest(http.MethodGet, server.URL, nil)
	request.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	lines, _ := io.ReadAll(resp.Body)
	fmt.Println(strings.TrimSpace(string(lines)))
	// Output:
	// {"order":7,"of":"tea","note":"***","meta":{"topic":"orders","partition":0,"offset":0}}
	// {"order":9,"of":"tea","note":"***","meta":{"topic":"orders","partition":0,"offset":2}}
}
