package eventgate_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing/fstest"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/schema"
)

// printer stands in for a *kafka.Producer.
type printer struct{}

func (printer) Produce(b *kafka.Batch) {
	b.Begin()
	for i, n := 0, len(b.Records); i < n; i++ {
		fmt.Printf("%s: %s\n", b.Records[i].Topic, b.Records[i].Value)
		b.Complete(i, kafka.Outcome{})
	}
}

// An intake in a server of one's own: a repository of schemas, a producer, and the handler.
func Example() {
	schemas, err := schema.New(schema.Config{Embedded: fstest.MapFS{"greeting/1.0.0.yaml": {Data: []byte(
		"title: greeting\n$id: /greeting/1.0.0\ntype: object\nproperties:\n  text: {type: string}\n  tone: {type: string, default: warm}\n")}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer schemas.Close()
	gate, err := eventgate.New(eventgate.Config{Schemas: schemas, Guaranteed: printer{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := eventgate.NewHandler(gate, eventgate.HandlerConfig{})

	for _, body := range []string{`{"$schema":"/greeting/1.0.0","text":"Hello"}`, `{"$schema":"/greeting/1.0.0","text":5}`} {
		r := httptest.NewRequest("POST", "/v1/events", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Body)))
	}
	// Output:
	// greeting_1.0.0: {"$schema":"/greeting/1.0.0","text":"Hello","tone":"warm"}
	// 201
	// 400 {"invalid":[{"status":"invalid","event":{"$schema":"/greeting/1.0.0","text":5,"tone":"warm"},"context":{"errors":[{"keyword":"type","dataPath":".text","schemaPath":"#/properties/text/type","params":{"type":"string"},"message":"should be string"}],"errorsText":"'.text' should be string"}}]}
}
