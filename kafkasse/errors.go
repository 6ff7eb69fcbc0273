package kafkasse

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// httpError is an error that knows how it is answered.
type httpError interface {
	error
	answer() (status int, body []byte)
}

// invalidAssignment says that a Last-Event-ID, or the topics to be served, make no sense.
type invalidAssignment struct {
	message     string
	original    string
	lastEventID *string // of text that is no JSON
	assignments []byte  // of JSON that is no assignment
}

func (e *invalidAssignment) Error() string { return "InvalidAssignmentError: " + e.message }

func (e *invalidAssignment) answer() (int, []byte) {
	b := errorHead(e.message, "InvalidAssignmentError")
	b = append(b, `,"originalName":`...)
	b = rawjson.AppendQuoted(b, []byte(e.original))
	if e.lastEventID != nil {
		b = append(b, `,"last_event_id":`...)
		b = rawjson.AppendQuoted(b, []byte(*e.lastEventID))
	}
	if e.assignments != nil {
		b = append(b, `,"assignments":`...)
		b = append(b, e.assignments...)
	}
	return http.StatusBadRequest, errorTail(b, http.StatusBadRequest)
}

func malformedAssignments(id []byte) error {
	return &invalidAssignment{
		message:  "Must provide either an array topic names, or  an array of objects with topic, partition and offset|timestamp.",
		original: "Error", assignments: id,
	}
}

// topicNotAvailable says that a Last-Event-ID names topics that are not served here.
type topicNotAvailable struct{ topics, available []string }

func (e *topicNotAvailable) Error() string {
	return "TopicNotAvailableError: Topics " + strings.Join(e.topics, ", ") + " are not available for consumption."
}

func (e *topicNotAvailable) answer() (int, []byte) {
	b := errorHead(strings.TrimPrefix(e.Error(), "TopicNotAvailableError: "), "TopicNotAvailableError")
	b = append(b, `,"availableTopics":`...)
	b = appendStrings(b, e.available)
	return http.StatusNotFound, errorTail(b, http.StatusNotFound)
}

// idTooLong says that positions in so many partitions do not fit into a header.
type idTooLong struct{ partitions, bytes int }

func (e *idTooLong) Error() string {
	return fmt.Sprintf("SubscriptionTooLargeError: an id of these %d partitions would have up to %d bytes; %d is the most that proxies let through. "+
		"Ask for fewer streams on one connection.", e.partitions, e.bytes, maxID)
}

func (e *idTooLong) answer() (int, []byte) {
	b := errorHead(strings.TrimPrefix(e.Error(), "SubscriptionTooLargeError: "), "SubscriptionTooLargeError")
	return http.StatusBadRequest, errorTail(b, http.StatusBadRequest)
}

// unavailable says that the client should come again. The cause is for the log.
type unavailable struct {
	message string
	after   time.Duration
	cause   error
}

func (e *unavailable) Error() string {
	if e.cause != nil {
		return e.message + ": " + e.cause.Error()
	}
	return e.message
}

func (e *unavailable) Unwrap() error { return e.cause }

func (e *unavailable) answer() (int, []byte) {
	return http.StatusServiceUnavailable, errorTail(errorHead(e.message, "UnavailableError"), http.StatusServiceUnavailable)
}

func errorHead(message, name string) []byte {
	b := append([]byte(nil), `{"message":`...)
	b = rawjson.AppendQuoted(b, []byte(message))
	b = append(b, `,"origin":"KafkaSSE","name":`...)
	return rawjson.AppendQuoted(b, []byte(name))
}

func errorTail(b []byte, status int) []byte {
	b = append(b, `,"statusCode":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	return append(b, "}\n"...)
}

func appendStrings(b []byte, list []string) []byte {
	enc, err := json.Marshal(append([]string{}, list...))
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return append(b, enc...)
}

// answerError writes an error as the answer. What is not an httpError is not for the public.
func (s *Server) answerError(w http.ResponseWriter, r *http.Request, err error) {
	var e httpError
	if !errors.As(err, &e) {
		e = &unavailable{message: "Kafka could not be asked for the topics' positions; try again.", after: 5 * time.Second}
	}
	var u *unavailable
	if errors.As(err, &u) {
		if s.cfg.OverloadAsStream && s.ComeBackLater(w, r, u.after) {
			return
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(max(1, u.after/time.Second))))
	}
	status, body := e.answer()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Del("Content-Length")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone if this fails
}

// ComeBackLater answers a request for an event stream with a stream that ends at once, after it has told the client to come back after about a time. A
// browser's EventSource does that; any other status than 200 makes it give up for good. It reports whether it has answered: a client that wants JSON
// lines gets no stream.
func (s *Server) ComeBackLater(w http.ResponseWriter, r *http.Request, after time.Duration) (answered bool) {
	if wantsJSON(r) || r.Method == http.MethodHead {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", contentType(r))
	h.Set("Cache-Control", "no-cache")
	h.Del("Content-Length")
	after = after/2 + jitter(after)
	h.Set("Retry-After", strconv.Itoa(int(max(1, after/time.Second))))
	w.WriteHeader(http.StatusOK)
	// There is no blank line after it: it would end an event without data, which some clients hand on.
	_, _ = fmt.Fprintf(w, ":overloaded\nretry: %d\n", after.Milliseconds()) // the client is gone if this fails
	return true
}
