package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/testshared"
	"github.com/eventplatform/eventplatform/kafka"
)

// produced writes values to a topic, one a second from 2020 on.
func produced(t *testing.T, broker, topic string, values ...string) {
	t.Helper()
	p, err := kafka.NewProducer(kafka.ProducerConfig{Connection: kafka.Connection{Brokers: []string{broker}}, CreateTopics: &kafka.TopicSpec{}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context())
	b := &kafka.Batch{}
	for i, v := range values {
		b.Add(kafka.Record{Topic: topic, Timestamp: 1577836800000 + int64(i)*1000, Value: []byte(v)})
	}
	p.Produce(b)
	if err := b.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, o := range b.Outcomes {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
}

// A consumer reads from Kafka itself what it would get from a server: names of topics or streams, positions, filters, gaps, the same lines.
func TestConsumeFromKafka(t *testing.T) {
	brokers := broker(t)
	produced(t, brokers, "eqiad.eventgate-main.test.event", `{"$schema":"/test/event/1.0.0","test":"a"}`, `{"test":"b"}`, `{"test":"c"}`, `{"test":"d"}`)
	streams, schemas := writeFile(t, "streams.yaml", testStreams), testshared.Path(t, "data/schemas/primary")
	consume := func(args ...string) (int, string, string) {
		var out, said bytes.Buffer
		code := run(t.Context(), append([]string{"consume", "--since=0", "--until=2021-01-01T00:00:00Z"}, args...), &terminal{Out: &out, Err: &said})
		return code, out.String(), said.String()
	}
	line := func(n int, rest string) string {
		return fmt.Sprintf(`{%s,"meta":{"topic":"eqiad.eventgate-main.test.event","partition":0,"offset":%d}}`+"\n", rest, n)
	}
	all := line(0, `"$schema":"/test/event/1.0.0","test":"a"`) + line(1, `"test":"b"`) + line(2, `"test":"c"`) + line(3, `"test":"d"`)
	config := writeFile(t, "streamer.yaml", `
services:
  - conf:
      stream_config_uri: `+streams+`
      stream_config_object_path: streams
      schema_base_uris: [`+schemas+`]
      allowed_streams: [eventgate-main.test.event]
      kafka: {metadata.broker.list: '`+brokers+`'}
`)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"a topic", []string{"--kafka", brokers, "eqiad.eventgate-main.test.event"}, all},
		{"a stream", []string{"--kafka", brokers, "--streams", streams, "eventgate-main.test.event"}, all},
		{"a file", []string{"-c", config, "eventgate-main.test.event"}, all},
		{"a filter by a schema", []string{"-c", config, "--filter", `event.test > "b"`, "--filter", `event.test < "d"`, "eventgate-main.test.event"}, line(2, `"test":"c"`)},
		{"a filter without one", []string{"--kafka", brokers, "--filter", `has(event['$schema'])`, "eqiad.eventgate-main.test.event"}, line(0, `"$schema":"/test/event/1.0.0","test":"a"`)},
		{"values", []string{"--kafka", brokers, "--where", "test:b", "--where", "test:d", "eqiad.eventgate-main.test.event"}, line(1, `"test":"b"`) + line(3, `"test":"d"`)},
	} {
		if code, out, said := consume(c.args...); code != 0 || out != c.want || said != "" {
			t.Errorf("%s: %d: %q; %s", c.name, code, out, said)
		}
	}
	state, file := filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "out")
	for range 2 { // the second finds nothing more
		code := run(t.Context(), []string{"consume", "--since=0", "--until=2021-01-01T00:00:00Z", "--kafka", brokers, "--state", state, "eqiad.eventgate-main.test.event"},
			&terminal{Out: appended(t, file), Err: &bytes.Buffer{}})
		if got := content(t, file); code != 0 || got != all {
			t.Errorf("%d: %q", code, got)
		}
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"-c", config, "--filter", `event.tset == "b"`, "eventgate-main.test.event"}, "did you mean event.test?"},
		{[]string{"-c", config, "mediawiki.page-create"}, "Invalid streams: mediawiki.page-create"},
		{[]string{"--kafka", "127.0.0.1:1", "a"}, "--kafka"},
		{[]string{"--kafka", brokers, "http://h/v2/stream/a"}, "is a URL"},
		{[]string{"--streams", streams, "a"}, "for --kafka"},
	} {
		if code, _, said := consume(c.args...); code == 0 || !strings.Contains(said, c.says) {
			t.Errorf("%v: %d: %s", c.args, code, said)
		}
	}
}
