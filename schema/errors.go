package schema

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// InvalidURIError is a $schema value that is refused before anything is read.
type InvalidURIError struct {
	URI    string // cut at 200 bytes
	Reason string
}

func (e *InvalidURIError) Error() string {
	return fmt.Sprintf("Invalid schema URI %q: %s", e.URI, e.Reason)
}

// NotFoundError is a schema that no repository has.
type NotFoundError struct {
	URI   string
	Tried int // number of repositories asked
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("Schema %s was not found in any of the %d schema repositories.", e.URI, e.Tried)
}

// BrokenError is a schema that was found but cannot be used.
type BrokenError struct {
	URI     string
	Message string // for the sender: what is wrong with the schema
	File    string // for the operator: where it was read
	Cause   error  // for the operator
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("Schema %s cannot be used: %s", e.URI, e.Message)
}

// Unwrap returns the cause.
func (e *BrokenError) Unwrap() error { return e.Cause }

// LogValue is what the operator's log has: where it was read, and what exactly is wrong.
func (e *BrokenError) LogValue() slog.Value { return private(e, e.File, e.Cause) }

// UnavailableError is a schema whose repository did not answer; another may be asked again later.
type UnavailableError struct {
	URI   string
	Cause error // for the operator
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("Schema %s cannot be looked up now: a schema repository does not answer.", e.URI)
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// LogValue is what the operator's log has: which repository does not answer, and how it fails.
func (e *UnavailableError) LogValue() slog.Value { return private(e, "", e.Cause) }

// private is an error's text with what its sender must not be told.
func private(public error, file string, cause error) slog.Value {
	text := strings.TrimSuffix(public.Error(), ".")
	if file != "" {
		text += " (" + file + ")"
	}
	if cause != nil {
		text += ": " + cause.Error()
	}
	return slog.StringValue(text)
}

// unreachableError is a repository that does not answer as it should.
type unreachableError struct {
	base  string
	file  string
	cause error
}

func (e *unreachableError) Error() string {
	if errors.Is(e.cause, context.DeadlineExceeded) {
		return fmt.Sprintf("schema repository %s: %s: no answer in time", e.base, e.file)
	}
	return fmt.Sprintf("schema repository %s: %s: %v", e.base, e.file, e.cause)
}

func (e *unreachableError) Unwrap() error { return e.cause }
