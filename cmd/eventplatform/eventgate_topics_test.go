package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/kafka"
)

// Who creates topics is what topic_creation says, and a POST to a topic that cannot be had says so.
func TestTopicCreation(t *testing.T) {
	b, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	log, err := kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: []string{b.Addr()}}})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	repository := t.TempDir()
	putSchema(t, repository, 100)
	streams := writeFile(t, "streams.yaml", "streams:\n  own: {schema_title: note, topic_settings: {partitions: 4, configs: {retention.ms: 1000}}}\n  default: {schema_title: note}\n")
	for _, c := range []struct {
		settings   string
		topic      string
		status     int
		answer     string
		partitions int
	}{
		{"topic_creation: explicit\n      topic_defaults: {partitions: 3, replicas: 1, configs: {retention.ms: 86400000}}", "explicit", http.StatusCreated, "", 3},
		{"topic_creation: explicit\n      topic_defaults: {partitions: 3, replicas: 7}", "impossible", http.StatusInternalServerError,
			"topic impossible does not exist and could not be created", 0},
		{"topic_creation: never", "never", http.StatusInternalServerError, "topic never does not exist", 0},
		{"topic_creation: never", "explicit", http.StatusCreated, "", 3}, // it exists by now
		{"topic_creation: broker", "defaults", http.StatusCreated, "", 1},
		{"topic_creation: explicit\n      topic_defaults: {partitions: 3}\n      eventgate_factory_module: eventgate-wikimedia.js\n      topic_prefix: dc1.\n" +
			"      stream_config_uri: " + streams, "own", http.StatusCreated, "", 4},
		{"topic_creation: explicit\n      topic_defaults: {partitions: 3}\n      eventgate_factory_module: eventgate-wikimedia.js\n      topic_prefix: dc1.\n" +
			"      stream_config_uri: " + streams, "default", http.StatusCreated, "", 3},
	} {
		t.Run(c.settings[16:strings.IndexByte(c.settings+"\n", '\n')]+" "+c.topic, func(t *testing.T) {
			in := start(t, "eventgate", "-c", writeFile(t, "config.yaml", fmt.Sprintf("services:\n  - name: intake\n    conf:\n      schema_base_uris: %s\n"+
				"      stream_field: meta.stream\n      %s\n      kafka: {conf: {metadata.broker.list: %q}}\n", repository, c.settings, b.Addr())))
			for range 2 { // what is not there is not created by asking twice
				status, answer := ask(t, http.MethodPost, in.url+"/v1/events", fmt.Sprintf(`{"$schema":"/note/1.0.0","meta":{"stream":%q},"text":"x"}`, c.topic))
				if status != c.status || !strings.Contains(answer, c.answer) {
					t.Errorf("answered %d %s, want %d %s", status, answer, c.status, c.answer)
				}
			}
			topic := c.topic
			if strings.Contains(c.settings, "topic_prefix") {
				topic = "dc1." + topic
			}
			found, err := log.Partitions(context.Background(), []string{topic})
			if err != nil || len(found) != c.partitions {
				t.Errorf("the topic has %d partitions (%v), want %d", len(found), err, c.partitions)
			}
			in.end()
		})
	}
}
