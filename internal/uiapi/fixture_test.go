package uiapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/kafkasse/kafkassetest"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testStreams = `
default_settings: {topic_prefixes: [dc.], destination_event_service: eventgate}
streams:
  notes: {schema_title: note, description: What people note., aliases: [old.notes], canary_events_enabled: true}
  bare: {topics: [bare-1, bare-2]}
  /^job\..+/: {schema_title: note}
  gone: {schema_title: note, topics: [], deprecated: {successor: notes}}
  late: {schema_title: note, deprecated: {successor: notes, sunset: 2027-01-01}}
  eventgate.error.validation: {schema_title: error}
`

const noteSchema = `
title: note
description: A note.
$id: /note/%s
$schema: http://json-schema.org/draft-07/schema#
type: object
required: [$schema, meta, text]
properties:
  $schema: {type: string}
  meta:
    type: object
    required: [stream, dt]
    properties:
      stream: {type: string}
      dt: {type: string, format: date-time}
      id: {type: string}
  text: {type: string, description: What is noted.%s}
  user: {type: string}
  tags: {type: array, items: {type: object, properties: {name: {type: string, pattern: "^[a-z]+$"}}, additionalProperties: false}}
  counts: {type: object, additionalProperties: {type: integer}}
examples:
  - {$schema: /note/%s, meta: {stream: x, dt: "2019-01-01T00:00:00Z"}, text: example, n: 1.0}
`

const errorSchema = `
title: error
$id: /error/1.0.0
$schema: http://json-schema.org/draft-07/schema#
type: object
properties: {$schema: {type: string}, meta: {type: object, properties: {stream: {type: string}, dt: {type: string}}}, raw_event: {type: string}}
`

func testSchemas(t *testing.T) *schema.Repositories {
	t.Helper()
	note := func(version, more string) *fstest.MapFile {
		return &fstest.MapFile{Data: fmt.Appendf(nil, noteSchema, version, more, version)}
	}
	schemas, err := schema.New(schema.Config{Embedded: fstest.MapFS{
		"note/1.0.0.yaml": note("1.0.0", ""), "note/1.1.0.yaml": note("1.1.0", " Anything."), "broken/1.0.0.yaml": {Data: []byte("title: broken\n$id: /broken/1.0.0\ntype: 3")},
		"note/1.1.5.yaml": note("1.1.5", ""), "error/1.0.0.yaml": {Data: []byte(errorSchema)},
	}, Revalidate: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(schemas.Close)
	return schemas
}

// fixture is a server on a log in memory.
type fixture struct {
	*Server
	log    *kafkassetest.Log
	config *streamconfig.Config
}

func newFixture(t *testing.T, change func(*Config)) *fixture {
	t.Helper()
	config, err := streamconfig.Parse("streams.yaml", []byte(testStreams))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{log: kafkassetest.New("cluster"), config: config}
	for _, topic := range []string{"dc.notes", "bare-1", "dc.late", "dc.eventgate.error.validation"} {
		f.log.Create(topic, 2)
	}
	c := Config{Name: "test", Version: "1", Streams: func() *streamconfig.Config { return config }, Log: f.log}
	if change != nil {
		change(&c)
	}
	f.Server = New(c)
	t.Cleanup(f.Close)
	return f
}

// ask sends a request to the public handler and decodes the answer.
func (f *fixture) ask(t *testing.T, method, path, body string, into any) int {
	t.Helper()
	return ask(t, f.Handler(), method, path, body, into)
}

func ask(t *testing.T, h http.Handler, method, path, body string, into any) int {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatalf("%s %s answers %d %s: %v", method, path, w.Code, w.Body, err)
		}
	}
	return w.Code
}

// produced puts a record into the log's first partition of a topic.
func (f *fixture) produced(topic string, at time.Time, value string) {
	f.log.Produce(kafka.Record{Topic: topic, Timestamp: at.UnixMilli(), Value: []byte(value)})
}

// logProducer writes what a gate produces into a log.
type logProducer struct{ log *kafkassetest.Log }

func (p logProducer) Produce(b *kafka.Batch) {
	b.Begin()
	for i, r := range b.Records {
		r.Value = bytes.Clone(r.Value)
		p.log.Create(r.Topic, 1)
		p.log.Produce(r)
		b.Complete(i, kafka.Outcome{Offset: 7, Timestamp: r.Timestamp})
	}
}

// withIntake gives the server a real intake that writes into the log.
func withIntake(t *testing.T, log func() *kafkassetest.Log) func(*Config) {
	return func(c *Config) {
		c.Schemas = testSchemas(t)
		gate, err := eventgate.New(eventgate.Config{
			Manner: eventgate.Wikimedia, Schemas: c.Schemas, Streams: c.Streams, TopicPrefix: "dc.", Guaranteed: producerFunc(func(b *kafka.Batch) { logProducer{log()}.Produce(b) }),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = gate.Close(context.Background()) })
		c.Intake = eventgate.NewHandler(gate, eventgate.HandlerConfig{})
		c.Open, c.Double = Open{Errors: true, Health: true, Send: true}, true
	}
}

type producerFunc func(*kafka.Batch)

func (f producerFunc) Produce(b *kafka.Batch) { f(b) }

// intakeFixture is a server with an intake on its log.
func intakeFixture(t *testing.T) *fixture {
	t.Helper()
	var f *fixture
	f = newFixture(t, withIntake(t, func() *kafkassetest.Log { return f.log }))
	return f
}

func note(text string) string {
	return `{"$schema":"/note/1.0.0","meta":{"stream":"notes","dt":"2026-01-01T00:00:00Z"},"text":` + text + `}`
}
