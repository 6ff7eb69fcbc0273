package eventstreams

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/eventplatform/eventplatform/kafkasse"
)

// asking is what a request wants to see of its streams' events.
type asking struct {
	where   conditions
	fields  selection
	filters []string // expressions, which must all hold
}

// read reads the parameters that leave out events or parts of them, and those that end the stream. Other parameters are ignored.
func (a *asking) read(sub *kafkasse.Subscription, query url.Values) (fault *problem) {
	if sub.Until, fault = moment("until", query.Get("until")); fault != nil {
		return fault
	}
	if limit := query.Get("limit"); limit != "" {
		n, err := strconv.ParseInt(limit, 10, 64)
		if err != nil || n < 1 {
			return wrongParameter("limit", limit, "a number of events, at least 1")
		}
		sub.Limit = n
	}
	sub.Control, sub.Position = query.Get("control") == "true", query.Get("position") == "true"
	for _, w := range given(query, "where") {
		path, value, ok := strings.Cut(w, ":")
		if !ok || path == "" {
			return wrongParameter("where", w, "a field and a value with a colon between them, such as where=wiki:enwiki")
		}
		a.where = a.where.add(path, value)
	}
	switch canary := query.Get("canary"); canary {
	case "", "true":
	case "false":
		a.where = append(a.where, condition{path: []string{"meta", "domain"}, values: map[string]struct{}{"canary": {}}, not: true})
	default:
		return wrongParameter("canary", canary, "true or false")
	}
	for _, list := range given(query, "fields") {
		for path := range strings.SplitSeq(list, ",") {
			if !goodPath(path) {
				return wrongParameter("fields", list, "fields with commas between them, such as fields=title,meta.dt")
			}
			a.fields.add(path)
		}
	}
	a.filters = append(a.filters, query["filter"]...)
	return nil
}

// given are the values of a parameter that are not empty.
func given(query url.Values, name string) []string {
	return slices.DeleteFunc(query[name], func(value string) bool { return value == "" })
}

// view is what is asked for in the form in which it is served; nil if that is everything. Equal ones have equal keys.
func (a *asking) view(filters []*measured) *kafkasse.View {
	if len(a.where) == 0 && len(a.fields) == 0 && len(filters) == 0 {
		return nil
	}
	keys := make([]string, len(filters))
	for i, f := range filters {
		keys[i] = f.Key()
	}
	slices.Sort(keys)
	key := a.where.key() + "\x04" + a.fields.key() + "\x05" + strings.Join(slices.Compact(keys), "\x06")
	if len(key) > 2*sha256.Size {
		sum := sha256.Sum256([]byte(key))
		key = string(sum[:])
	}
	for _, f := range filters {
		f.usedBy(key)
	}
	v := &kafkasse.View{Key: key}
	switch where := a.where; {
	case len(filters) > 0:
		v.Keep = func(topic string, timestamp int64, event []byte) bool {
			return where.keep(topic, timestamp, event) &&
				!slices.ContainsFunc(filters, func(f *measured) bool { return !f.Keep(topic, timestamp, event) })
		}
	case len(where) > 0:
		v.Keep = where.keep
	}
	if len(a.fields) > 0 {
		v.Project = a.fields.project
	}
	return v
}

// goodPath says whether a path in dotted form names a field.
func goodPath(path string) bool { return !slices.Contains(strings.Split(path, "."), "") }

func wrongParameter(name, value, expected string) *problem {
	return &problem{status: http.StatusBadRequest, kind: "bad_request", title: "Invalid parameter", detail: name + " is '" + value + "'; expected " + expected}
}
