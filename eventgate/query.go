package eventgate

import (
	"net/url"
	"strings"
)

// readRequest takes over what the query and the headers ask for.
func (x *exchange) readRequest(s *surface) {
	x.req = Request{Header: x.header, RemoteIP: x.remoteIP, Method: x.method, URI: x.target}
	if x.query != "" {
		x.req.Hasty = x.switchedOn("hasty")
		x.req.Receipts = x.wanted("receipt")
		x.req.DryRun = x.wanted("dry_run")
		if s.SchemaURIQueryParam != "" {
			x.req.SchemaURI = x.param(s.SchemaURIQueryParam)
		}
		if s.StreamQueryParam != "" {
			x.req.Stream = x.param(s.StreamQueryParam)
		}
	}
	if prefer := x.header.Get("Prefer"); prefer != "" && strings.Contains(strings.ReplaceAll(strings.ToLower(prefer), " ", ""), "return=representation") {
		x.req.Receipts = true
	}
	x.req.Problem = x.wantsProblem()
}

// wantsProblem reports whether the client asks for problem documents (RFC 9457).
func (x *exchange) wantsProblem() bool {
	accept := x.header.Get("Accept")
	return accept != "" && strings.Contains(strings.ToLower(accept), typeProblem)
}

// mostParams is how many of a query's parameters are read, as in the Node.js service.
const mostParams = 1000

// params are the names and values of the query's parameters, unescaped.
func (x *exchange) params(yield func(name, value string) bool) {
	n := 0
	for pair := range strings.SplitSeq(x.query, "&") {
		if n++; n > mostParams {
			return
		}
		name, value, _ := strings.Cut(pair, "=")
		if !yield(member(unescape(name)), unescape(value)) {
			return
		}
	}
}

// member is the name that a parameter in brackets stands for: "[name]" is name, and "[name][part]" is name[part]. What else follows does not count.
func member(name string) string {
	rest, ok := strings.CutPrefix(name, "[")
	if !ok {
		return name
	}
	inner, after, ok := strings.Cut(rest, "]")
	switch {
	case !ok:
		return name
	case strings.HasPrefix(after, "["):
		return inner + after
	}
	return inner
}

// switchedOn reads a switch of the Node.js service: it is off if it is missing, empty or says so. Of several values one that is on is enough.
func (x *exchange) switchedOn(name string) bool {
	for key, value := range x.params {
		if key == name && value != "" && !saysNo(value) {
			return true
		}
	}
	return false
}

// wanted reads a switch of ours, which its name alone switches on: who writes ?dry_run does not want the events to be produced.
func (x *exchange) wanted(name string) bool {
	for key, value := range x.params {
		if key == name && !saysNo(value) {
			return true
		}
	}
	return false
}

func saysNo(value string) bool {
	switch strings.ToLower(value) {
	case "0", "false", "no", "off":
		return true
	}
	return false
}

// param returns the first value of a query parameter.
func (x *exchange) param(name string) string {
	for key, value := range x.params {
		if key == name {
			return value
		}
	}
	return ""
}

// has reports whether a query parameter is there, with whatever value, also as an object or list ("name[member]=").
func (x *exchange) has(name string) bool {
	for key := range x.params {
		if key, _, _ = strings.Cut(key, "["); key == name {
			return true
		}
	}
	return false
}

func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}
