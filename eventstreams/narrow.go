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

// narrow reads the parameters that leave out events or parts of them, and those that end the stream. Other parameters are ignored.
// where and fields are conditions and fields that were posted.
func narrow(sub *kafkasse.Subscription, query url.Values, where conditions, fields selection) (fault *problem) {
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
	sub.Control = query.Get("control") == "true"
	for _, w := range query["where"] {
		path, value, ok := strings.Cut(w, ":")
		if !ok || path == "" {
			return wrongParameter("where", w, "a field and a value with a colon between them, such as where=wiki:enwiki")
		}
		where = where.add(path, value)
	}
	switch canary := query.Get("canary"); canary {
	case "", "true":
	case "false":
		where = append(where, condition{path: []string{"meta", "domain"}, values: map[string]struct{}{"canary": {}}, not: true})
	default:
		return wrongParameter("canary", canary, "true or false")
	}
	for _, list := range query["fields"] {
		for path := range strings.SplitSeq(list, ",") {
			if !goodPath(path) {
				return wrongParameter("fields", list, "fields with commas between them, such as fields=title,meta.dt")
			}
			fields.add(path)
		}
	}
	if len(where) == 0 && len(fields) == 0 {
		return nil
	}
	key := where.key() + "\x04" + fields.key()
	if len(key) > 2*sha256.Size {
		sum := sha256.Sum256([]byte(key))
		key = string(sum[:])
	}
	sub.View = &kafkasse.View{Key: key}
	if len(where) > 0 {
		sub.View.Keep = where.keep
	}
	if len(fields) > 0 {
		sub.View.Project = fields.project
	}
	return nil
}

// goodPath says whether a path in dotted form names a field.
func goodPath(path string) bool { return !slices.Contains(strings.Split(path, "."), "") }

func wrongParameter(name, value, expected string) *problem {
	return &problem{status: http.StatusBadRequest, kind: "bad_request", title: "Invalid parameter", detail: name + " is '" + value + "'; expected " + expected}
}
