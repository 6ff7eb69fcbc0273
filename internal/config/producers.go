package config

import (
	"maps"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/kafka"
)

// producers makes the configurations of the guaranteed and the hasty producer: kafka.conf, with kafka.guaranteed.conf and kafka.hasty.conf over it.
func (e *eventGateReading) producers() {
	place, section := e.place+".kafka", e.kafka
	if section.isNull() {
		if len(e.over.Kafka) == 0 {
			e.withoutKafka()
			return
		}
		section = &node{kind: kindObject}
	}
	parts := map[string]*node{}
	both := fields{"conf": known, "topic_conf": known}
	wings := maps.Clone(both)
	for _, kind := range []string{"guaranteed", "hasty"} {
		wings[kind] = func(r *reading, path string, n *node) {
			parts[kind] = n
			r.object(path, n, both)
		}
	}
	e.object(place, section, wings)
	e.c.Guaranteed = e.producer(place, section, parts, "guaranteed")
	if e.c.Gate.Manner == eventgate.Wikimedia {
		e.c.Hasty = e.producer(place, section, parts, "hasty")
	}
	e.once()
}

// withoutKafka is a fault in the manner that needs Kafka. The other writes events to a file, or only validates them.
func (e *eventGateReading) withoutKafka() {
	switch {
	case e.conf == nil:
	case e.c.Gate.Manner == eventgate.Wikimedia:
		e.fault(e.conf.line, e.place+".kafka", "is missing: set kafka.conf with metadata.broker.list, or give --kafka HOST:PORT")
	case e.c.Output == "":
		e.warn(e.conf.line, e.place+".kafka", "is missing and output_path is empty: accepted events go nowhere; set one of them, or give --kafka HOST:PORT")
	}
}

func (e *eventGateReading) producer(place string, section *node, parts map[string]*node, kind string) *kafka.ProducerConfig {
	s := settings{}
	s.add(e.reading, place+".conf", section.get("conf"))
	s.add(e.reading, place+".topic_conf", section.get("topic_conf"))
	s.add(e.reading, place+"."+kind+".conf", parts[kind].get("conf"))
	s.add(e.reading, place+"."+kind+".topic_conf", parts[kind].get("topic_conf"))
	if !e.connect(s, place+".conf", section.line) {
		return nil
	}
	if _, given := s["client.id"]; !given {
		agent := e.c.UserAgent
		if agent == "" {
			agent = "eventgate"
		}
		s["client.id"] = setting{path: place + ".conf.client.id", item: &node{kind: kindText, text: agent + "-producer-" + kind}}
	}
	c := readSettings(e.reading, s, place+".conf", section.line, kafka.ProducerFromLibrdkafka)
	switch e.creation {
	case "broker":
		c.AskForTopics = true
	case "explicit":
		c.CreateTopics = &e.topics
	}
	return &c
}

// topicCreation reads who creates topics that do not exist.
func (e *eventGateReading) topicCreation(r *reading, path string, n *node) {
	text(&e.creation)(r, path, n)
	switch e.creation {
	case "broker", "explicit", "never":
	default:
		r.fault(n.line, path, "is %q: it must be broker (the brokers decide whether and how they create a new topic), explicit (as the stream's topic_settings and topic_defaults say) or never", e.creation)
	}
}

// topicDefaults reads what topics are created with where topic_creation is explicit.
func (e *eventGateReading) topicDefaults(r *reading, path string, n *node) {
	var partitions, replicas int
	r.object(path, n, fields{
		"partitions": whole(&partitions, 1, 100_000),
		"replicas":   whole(&replicas, 1, 100),
		"configs": func(r *reading, path string, n *node) {
			if n.kind != kindObject {
				r.fault(n.line, path, "is %s: it must be an object of topic configurations", n.kind)
				return
			}
			e.topics.Configs = map[string]string{}
			for i, key := range n.keys {
				e.topics.Configs[key] = n.items[i].text
			}
		},
	})
	e.topics.Partitions, e.topics.Replicas = int32(partitions), int16(replicas)
}

// once removes what is said twice, because two producers share a section.
func (r *reading) once() {
	for _, notes := range []*[]Note{&r.report.Faults, &r.report.Warnings, &r.report.Ignored} {
		seen := map[Note]bool{}
		kept := (*notes)[:0]
		for _, n := range *notes {
			if !seen[n] {
				seen[n] = true
				kept = append(kept, n)
			}
		}
		*notes = kept
	}
}
