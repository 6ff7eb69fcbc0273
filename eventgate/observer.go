package eventgate

import "time"

// Observer hears what happens, for metrics. Its methods are called on requests' goroutines and must be quick. A stream or schemaURI is always one that
// is configured or loaded, else "other", so that they can be metric labels.
type Observer interface {
	// Produced tells that an event was acknowledged by Kafka.
	Produced(stream, schemaURI string)
	// Refused tells that an event was not accepted; why is a Refusal's Type.
	Refused(stream, schemaURI, why string)
	// HastyLost tells that an event of a hasty request was lost after it was answered; why is a Refusal's Type.
	HastyLost(stream, schemaURI, why string)
	// Noted tells of something odd about an event that was accepted.
	Noted(what Note, stream, schemaURI string)
	// Answered tells of one answered request.
	Answered(method, route string, status int, took time.Duration)
}

// Note is something odd about an event that was accepted all the same.
type Note uint8

// The things that are noted.
const (
	// Normalised events had duplicate keys; the earlier ones were removed.
	Normalised Note = iota
	// ArrivalTime events have no usable time within the bounds that Kafka accepts: their records have the time of arrival.
	ArrivalTime
	// OtherMajor events use another major version of their schema than the stream's name says.
	OtherMajor
	// Denied events of experiments were left out since their user agent is denied.
	Denied
	// ErrorEventLost tells that an error event was not produced.
	ErrorEventLost
)

// String names the note in lower case with underscores.
func (n Note) String() string {
	switch n {
	case Normalised:
		return "normalised"
	case ArrivalTime:
		return "arrival_time"
	case OtherMajor:
		return "other_major"
	case Denied:
		return "denied"
	default:
		return "error_event_lost"
	}
}
