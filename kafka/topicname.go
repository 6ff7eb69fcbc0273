package kafka

import "fmt"

// maxTopicName is Kafka's own bound (org.apache.kafka.common.internals.Topic).
const maxTopicName = 249

// CheckTopicName returns nil for a name that Kafka accepts for a topic: 1 to 249 ASCII letters, digits, '.', '_' and '-', but neither "." nor "..".
// Otherwise the error is a *[DeliveryError] of kind InvalidTopic.
func CheckTopicName(name string) error {
	reason := ""
	switch {
	case name == "":
		reason = "it is empty"
	case name == "." || name == "..":
		reason = "Kafka keeps that name for itself"
	case len(name) > maxTopicName:
		return &DeliveryError{Kind: InvalidTopic, Topic: name[:maxTopicName],
			Msg: fmt.Sprintf("a topic name of %d bytes is too long: Kafka accepts %d", len(name), maxTopicName)}
	default:
		for i := range len(name) {
			if !topicByte(name[i]) {
				reason = fmt.Sprintf("the byte at %d is none of a-z A-Z 0-9 . _ -", i)
				break
			}
		}
	}
	if reason == "" {
		return nil
	}
	return &DeliveryError{Kind: InvalidTopic, Topic: name, Msg: fmt.Sprintf("%q cannot be a topic name: %s", name, reason)}
}

func topicByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-'
}
