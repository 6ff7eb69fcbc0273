package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Kind says what a [DeliveryError] means for the sender.
type Kind uint8

// The kinds of failed deliveries. Only after Timeout may the record have been written all the same.
const (
	Other        Kind = iota // the brokers refused the record for a reason that has no kind of its own
	TooLarge                 // larger than the producer or the topic accepts
	InvalidTopic             // not a legal topic name
	UnknownTopic             // no such topic, and it was not to be created or could not be
	BadTimestamp             // the topic does not accept the record's timestamp
	Overloaded               // the producer's buffers are full; nothing was sent
	Unavailable              // Kafka does not answer for this topic; nothing was sent
	Timeout                  // no acknowledgement in time: the record's fate is unknown
	Closed                   // the producer is closed; nothing was sent
)

var kindNames = [...]string{
	Other:        "other",
	TooLarge:     "too_large",
	InvalidTopic: "invalid_topic",
	UnknownTopic: "unknown_topic",
	BadTimestamp: "bad_timestamp",
	Overloaded:   "overloaded",
	Unavailable:  "unavailable",
	Timeout:      "timeout",
	Closed:       "closed",
}

// String names the kind in lower case with underscores, for metric labels and logs.
func (k Kind) String() string { return kindNames[k] }

// DeliveryError says why a record was not acknowledged.
type DeliveryError struct {
	Kind  Kind
	Topic string
	// Msg is for the sender: what was wrong and what to do, without brokers' names.
	Msg string

	cause error
}

// Error returns Msg.
func (e *DeliveryError) Error() string { return e.Msg }

// Unwrap returns the private cause, for logs only; it may be nil.
func (e *DeliveryError) Unwrap() error { return e.cause }

// LogValue is Msg and the cause.
func (e *DeliveryError) LogValue() slog.Value {
	if e.cause == nil {
		return slog.StringValue(e.Msg)
	}
	return slog.StringValue(e.Msg + ": " + e.cause.Error())
}

// deliveryError sorts what the client or a broker says.
func deliveryError(topic string, err error) *DeliveryError {
	var e *DeliveryError
	if errors.As(err, &e) {
		return e
	}
	e = &DeliveryError{Kind: Other, Topic: topic, cause: err}
	switch {
	case errors.Is(err, kgo.ErrMaxBuffered):
		e.Kind = Overloaded
		e.Msg = "too many records are waiting for acknowledgement; nothing was sent, try again later"
	case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, kgo.ErrAborting):
		e.Kind = Timeout
		e.Msg = fmt.Sprintf("topic %s did not acknowledge the record before this service shut down: it may have been written all the same", topic)
	case errors.Is(err, kerr.MessageTooLarge), errors.Is(err, kerr.RecordListTooLarge):
		e.Kind = TooLarge
		e.Msg = fmt.Sprintf("the record is larger than topic %s accepts", topic)
	case errors.Is(err, kerr.InvalidTopicException):
		e.Kind = InvalidTopic
		e.Msg = fmt.Sprintf("Kafka does not accept %q as a topic name", topic)
	case errors.Is(err, kerr.InvalidTimestamp):
		e.Kind = BadTimestamp
		e.Msg = fmt.Sprintf("topic %s does not accept the record's timestamp", topic)
	case mayNot(err):
		e.Msg = fmt.Sprintf("this service may not write to topic %s", topic)
	case undecided(err):
		e.Kind = Timeout
		e.Msg = fmt.Sprintf("topic %s did not acknowledge the record in time: it may have been written all the same", topic)
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		e.Kind = UnknownTopic
		e.Msg = fmt.Sprintf("topic %s does not exist", topic)
	default:
		e.Msg = fmt.Sprintf("Kafka refused the record for topic %s", topic)
	}
	return e
}

// mayNot says whether the brokers' access rules forbid what was asked.
func mayNot(err error) bool {
	return errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, kerr.ClusterAuthorizationFailed)
}

// undecided errors are no broker's verdict on the record: its time was over, or a try of it failed on the way, or a broker could not do it yet. A try
// may have been written although its acknowledgement was lost.
func undecided(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	var verdict *kerr.Error
	if !errors.As(err, &verdict) {
		return true
	}
	unknown := errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID)
	return verdict.Retriable && !unknown
}

// UnreachableError says in one line, for the person who started the program, that no broker answers.
type UnreachableError struct {
	Brokers []string
	cause   error
}

func (e *UnreachableError) Error() string {
	cause := strings.ReplaceAll(e.cause.Error(), "\n", "; ")
	return fmt.Sprintf("no Kafka broker answers at %s (%s): check the addresses, and TLS and SASL settings if the brokers want them",
		strings.Join(e.Brokers, ", "), cause)
}

// Unwrap returns what the client said.
func (e *UnreachableError) Unwrap() error { return e.cause }

// Errors of a [Log], to be asked for with errors.Is.
var (
	// ErrOffsetOutOfRange: retention has deleted the offset, or the log never had it. It comes with the partition's current bounds.
	ErrOffsetOutOfRange = errors.New("offset out of range")
	// ErrUnknownPartition: there is no such topic or partition.
	ErrUnknownPartition = errors.New("no such topic or partition")
	// ErrRecreated: the topic was deleted and created again, so its offsets mean something else now.
	ErrRecreated = errors.New("the topic was deleted and created again")
	// ErrFollowed: the partition already has a follower.
	ErrFollowed = errors.New("the partition is being followed already")
	// ErrClosed: the log is closed.
	ErrClosed = errors.New("the log is closed")
)
