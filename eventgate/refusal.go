package eventgate

import "github.com/eventplatform/eventplatform/jsonschema"

// Refusal says why an event was not accepted. Steps return one to choose how it is answered; any other error is answered as a failure of the intake.
type Refusal struct {
	// Fault tells whose fault it is: the sender's refusals are listed under "invalid" and make a 400, the intake's under "error" and make a 500.
	Fault Fault
	// Type is one of few words, for metrics and error events: "ValidationError".
	Type string
	// Message is for the sender.
	Message string
	// Validation has what the schema refuses, if that was the reason.
	Validation *jsonschema.ValidationError
	// OutcomeUnknown says that the event may have been produced all the same: it is answered with the status "unknown" instead of "error".
	OutcomeUnknown bool
	// Cause is for the log only.
	Cause error
}

// Fault says whose fault a refusal is.
type Fault uint8

const (
	// Sender sent something that cannot be accepted; sending it again will not help.
	Sender Fault = iota
	// Intake could not do its part.
	Intake
	// Busy is Intake with a prospect: sending the event again later may work, and it was not produced.
	Busy
)

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }
