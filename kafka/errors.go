package kafka

import "errors"

// Kind says what a [DeliveryError] means for the sender.
type Kind uint8

// The kinds of failed deliveries. Only after Timeout may the record have been written all the same.
const (
	Other        Kind = iota // the broker refused the record for a reason that has no kind of its own
	TooLarge                 // larger than the producer or the topic accepts
	InvalidTopic             // not a legal topic name
	UnknownTopic             // no such topic, and it was not to be created or could not be
	BadTimestamp             // the topic does not accept the record's timestamp
	Overloaded               // the producer's buffers are full; nothing was sent
	Timeout                  // no acknowledgement in time: the record's fate is unknown
	Closed                   // the producer is closed; nothing was sent
)

// String names the kind in lower case with underscores, for metric labels and logs.
func (k Kind) String() string {
	switch k {
	case TooLarge:
		return "too_large"
	case InvalidTopic:
		return "invalid_topic"
	case UnknownTopic:
		return "unknown_topic"
	case BadTimestamp:
		return "bad_timestamp"
	case Overloaded:
		return "overloaded"
	case Timeout:
		return "timeout"
	case Closed:
		return "closed"
	default:
		return "other"
	}
}

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

// Errors of a [Log], to be asked for with errors.Is. ErrOffsetOutOfRange comes with the partition's current bounds.
var (
	ErrOffsetOutOfRange = errors.New("offset out of range: retention has deleted it, or it was never written")
	ErrUnknownPartition = errors.New("no such topic or partition")
	ErrRecreated        = errors.New("the topic was deleted and created again: its offsets mean something else now")
	ErrClosed           = errors.New("the log is closed")
)
