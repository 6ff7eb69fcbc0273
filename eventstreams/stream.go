package eventstreams

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse"
)

// serveStream answers /v2/stream/{names}.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request, encoded string) {
	settings := s.inUse.Load()
	address := settings.client(r)
	if s.refuse(w, r, address) {
		return
	}
	counted := address != "" && r.Method != http.MethodHead
	switch limit := settings.ClientIPConnectionLimit; {
	case limit > 0 && address == "" && r.Method != http.MethodHead:
		problem{status: http.StatusBadRequest, kind: "bad_request", title: "Missing Required X-Client-IP Header", detail: "X-Client-IP is a required request header"}.write(w, r)
		return
	case counted && !s.limit.enter(address, limit):
		s.tooMany(w, r)
		return
	}
	leave := func() {
		if counted {
			s.limit.leave(address)
		}
	}
	sub, fault := s.subscription(w, r, encoded)
	if fault != nil {
		leave()
		fault.write(w, r)
		return
	}
	sub.Address = cmp.Or(address, r.RemoteAddr)
	names, from, agent, referer, began := sub.Label, sub.Address, r.UserAgent(), r.Referer(), time.Now() // all that is kept for as long as the stream lasts
	gone := func(reason string) {
		leave()
		s.log.Info("disconnected", "streams", names, "ip", from, "user_agent", agent, "referer", referer, "reason", reason,
			"seconds", math.Round(time.Since(began).Seconds()*1000)/1000)
	}
	sub.Closed = func(reason kafkasse.EndReason) { gone(string(reason)) }
	if r.Method == http.MethodHead {
		s.streams.Serve(w, r, sub)
		return
	}
	s.log.Info("connected", "streams", names, "ip", from, "user_agent", agent, "referer", referer)
	if !s.streams.Serve(w, r, sub) {
		gone("refused")
	}
}

// subscription is what a request asks for, or what is wrong with it.
func (s *Server) subscription(w http.ResponseWriter, r *http.Request, encoded string) (sub kafkasse.Subscription, fault *problem) {
	names, err := streamNames(encoded)
	if err != nil {
		return sub, &problem{status: http.StatusBadRequest, kind: "bad_request", title: "Bad Request", detail: "The path is not percent-encoded as it should be: " + err.Error()}
	}
	entries, unknown := s.current().find(names)
	if len(unknown) > 0 {
		return sub, &problem{status: http.StatusBadRequest, kind: "not_found", title: "Stream Not Found", detail: "Invalid streams: " + strings.Join(unknown, ",")}
	}
	query := parseQuery(r.URL.RawQuery)
	if sub.Since, fault = since(query); fault != nil {
		return sub, fault
	}
	want := asking{fields: selection{}}
	if hasConditions(r) {
		if fault = want.readBody(w, r); fault != nil {
			return sub, fault
		}
	}
	if fault = want.read(&sub, query); fault != nil {
		return sub, fault
	}
	filters, fault := s.compileAll(r.Context(), entries, want.filters)
	if fault != nil {
		return sub, fault
	}
	sub.View = want.view(filters)
	for _, e := range entries {
		for _, topic := range e.topics {
			if !slices.Contains(sub.Topics, topic) {
				sub.Topics = append(sub.Topics, topic)
			}
		}
		sub.Allowed = append(sub.Allowed, e.allowed...)
	}
	tellDeprecation(w.Header(), entries)
	slices.Sort(names)
	sub.Label = strings.Join(slices.Compact(names), ",")
	return sub, nil
}

func moment(name, value string) (*int64, *problem) {
	if value == "" {
		return nil, nil
	}
	ms, ok := kafkasse.ParseTime(value)
	if !ok {
		return nil, &problem{status: http.StatusBadRequest, kind: "invalid_timestamp", title: "Invalid timestamp",
			detail: name + " timestamp is not a UTC milliseconds unix epoch and was not parseable: '" + value + "'"}
	}
	return &ms, nil
}
