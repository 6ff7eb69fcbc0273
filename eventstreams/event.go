package eventstreams

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/eventplatform/eventplatform/kafkasse"
)

// serveEvent answers /v2/event/{topic}/{partition}/{offset} with one event of a stream that is served.
func (s *Server) serveEvent(w http.ResponseWriter, r *http.Request, place string) {
	if s.refuse(w, r, s.inUse.Load().client(r)) {
		return
	}
	fields := strings.Split(place, "/")
	topic, err := url.PathUnescape(fields[0])
	partition, errPartition := strconv.ParseInt(fields[1], 10, 32)
	offset, errOffset := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || errPartition != nil || errOffset != nil || partition < 0 || offset < 0 {
		problem{status: http.StatusBadRequest, kind: "bad_request", title: "Bad Request", detail: "expected /v2/event/{topic}/{partition}/{offset} with numbers"}.write(w, r)
		return
	}
	missing := problem{status: http.StatusNotFound, kind: "not_found", title: "Event Not Found", detail: "There is no such event, or it is not there any more."}
	if !s.current().serves(topic) {
		missing.write(w, r)
		return
	}
	data, err := s.streams.Event(r.Context(), topic, int32(partition), offset)
	switch {
	case errors.Is(err, kafkasse.ErrNoEvent):
		missing.write(w, r)
	case err != nil:
		s.log.Warn("an event could not be read", "error", err)
		problem{status: http.StatusServiceUnavailable, kind: "unavailable", title: "Service Unavailable", detail: "Kafka could not be asked for the event; try again."}.write(w, r)
	default:
		answer(w, http.StatusOK, "application/json; charset=utf-8", data)
	}
}

// serves says whether a topic is one of a stream that is served.
func (c *catalogue) serves(topic string) bool {
	for _, e := range c.named {
		if slices.Contains(e.topics, topic) || slices.Contains(e.allowed, topic) {
			return true
		}
	}
	return false
}
