package main

import (
	"maps"
	"strings"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// specifyTopic puts what the topic's stream says of its topics over the defaults that the topic would be created with.
func specifyTopic(prefix string, streams *streamconfig.Config, topic string, spec *kafka.TopicSpec) {
	stream, ok := streams.Lookup(strings.TrimPrefix(topic, prefix))
	if !ok {
		return
	}
	own := stream.TopicSettings
	if own.Partitions > 0 {
		spec.Partitions = own.Partitions
	}
	if own.Replicas > 0 {
		spec.Replicas = own.Replicas
	}
	if len(own.Configs) > 0 {
		configs := make(map[string]string, len(spec.Configs)+len(own.Configs))
		maps.Copy(configs, spec.Configs)
		maps.Copy(configs, own.Configs)
		spec.Configs = configs
	}
}
