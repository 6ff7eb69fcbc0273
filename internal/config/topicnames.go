package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// topicNames says which names Kafka would refuse: with such a prefix no event could be produced, and to such a stream no error event.
func (e *eventGateReading) topicNames() {
	g := &e.c.Gate
	prefix, stream := e.conf.get("topic_prefix"), e.conf.get("error_stream")
	if err := illegalTopic(g.TopicPrefix, "any.stream"); err != nil {
		e.fault(prefix.lineOf(0), e.place+".topic_prefix", "every event would be refused: %v; write a prefix such as eqiad.", err)
		return
	}
	if g.ErrorStream == "" {
		return
	}
	if err := illegalTopic(g.TopicPrefix, g.ErrorStream); err != nil {
		e.fault(stream.lineOf(0), e.place+".error_stream", "no error event could be produced: %v; write a stream's name such as %s.error.validation", err, e.c.Name)
	}
}

// illegalTopic is nil if events of the stream have a topic that Kafka accepts.
func illegalTopic(prefix, stream string) error {
	err := kafka.CheckTopicName(eventgate.Topic(prefix, stream))
	var refused *kafka.DeliveryError
	if errors.As(err, &refused) {
		return errors.New(refused.Msg)
	}
	return err
}

// undeclared says which streams that the file itself uses the stream configuration of this machine does not declare; nil is one that is not known yet. A test
// event that is refused makes the test route, which probes ask, fail for ever; without error events the intake works.
func (e *eventGateReading) undeclared(streams *streamconfig.Config) {
	if streams == nil {
		return
	}
	if err := e.c.CheckErrorStream(streams); err != nil {
		e.warn(e.conf.get("error_stream").lineOf(0), e.place+".error_stream", "%v", err)
	}
	for i, event := range e.tested {
		name := event.first(e.c.Gate.StreamFields, "meta.stream")
		if !name.isText() {
			continue
		}
		if _, ok := streams.Writable(name.text); !ok {
			e.fault(name.line, e.place+".test_events["+strconv.Itoa(i)+"]",
				"its stream %s is not declared in the stream configuration: the event would be refused; declare it there, or name another", name.text)
		}
	}
}

// CheckErrorStream says whether error_stream, if it is set, is a stream that events can be produced to.
func (c *EventGate) CheckErrorStream(streams *streamconfig.Config) error {
	name := c.Gate.ErrorStream
	if name == "" {
		return nil
	}
	if _, ok := streams.Writable(name); ok {
		return nil
	}
	return fmt.Errorf("the stream %s is not declared in the stream configuration: no error event can be produced; declare it there, or name another", name)
}

// first returns what stands at the first of some dotted paths, by default at the given one.
func (n *node) first(paths []string, otherwise string) *node {
	if len(paths) == 0 {
		paths = []string{otherwise}
	}
	for _, path := range paths {
		at := n
		for step := range strings.SplitSeq(path, ".") {
			at = at.get(step)
		}
		if !at.isNull() {
			return at
		}
	}
	return nil
}
