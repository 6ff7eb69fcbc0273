package jsonschema

import (
	"encoding/json"
	"strings"
)

// Error is one thing that a schema refuses about an event, in the terms of ajv 6.
type Error struct {
	// Keyword is the schema's keyword that refuses.
	Keyword string `json:"keyword"`
	// DataPath is the place in the event as a JavaScript expression: .a['b-c'][0].
	DataPath string `json:"dataPath"`
	// SchemaPath is the place of the keyword in the schema as a URI fragment.
	SchemaPath string `json:"schemaPath"`
	// Params has the keyword's details: a JSON object.
	Params json.RawMessage `json:"params"`
	// Message says it in English.
	Message string `json:"message"`
	// Pointer is the place in the event as a JSON pointer (RFC 6901).
	Pointer string `json:"pointer"`
	// PropertyName is the name that an error inside propertyNames is about.
	PropertyName string `json:"propertyName,omitempty"`
}

// ValidationError is returned for an event that is JSON but that the schema refuses.
type ValidationError struct {
	// Errors holds everything the schema refuses, in ajv's order.
	Errors []Error
}

// ErrorsText returns the errors as the reference words them: '<dataPath>' <message>, joined by ", ".
func (e *ValidationError) ErrorsText() string {
	var s strings.Builder
	for i, one := range e.Errors {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString("'" + one.DataPath + "' " + one.Message)
	}
	return s.String()
}

func (e *ValidationError) Error() string { return e.ErrorsText() }

// SchemaError says why a schema cannot be compiled.
type SchemaError struct {
	// Pointer is the place in the schema as a JSON pointer (RFC 6901).
	Pointer string
	// URI names the schema that the place is in, "" for the one given to Compile.
	URI string
	// Reason says what is wrong there.
	Reason string
	// Cause is the error behind it, if any.
	Cause error
}

func (e *SchemaError) Error() string {
	at := e.URI + "#" + e.Pointer
	return "schema " + at + ": " + e.Reason
}

// Unwrap returns the cause.
func (e *SchemaError) Unwrap() error { return e.Cause }
