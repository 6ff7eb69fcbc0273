package eventgate

import (
	"net/url"
	"strings"
)

// readRequest takes over what the query and the headers ask for.
func (x *exchange) readRequest(s *surface) {
	x.req = Request{Header: x.header, RemoteIP: x.remoteIP, Method: x.method, URI: x.target}
	if x.query != "" {
		x.req.Hasty = truthy(x.param("hasty"))
		x.req.Receipts = truthy(x.param("receipt"))
		x.req.DryRun = truthy(x.param("dry_run"))
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

// truthy reads a switch: it is off when it is missing, empty, "false" or "0".
func truthy(v string) bool { return v != "" && v != "0" && v != "false" }

// param returns the first value of a query parameter.
func (x *exchange) param(name string) string {
	for pair := range strings.SplitSeq(x.query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key != name && (!strings.ContainsAny(key, "%+") || unescape(key) != name) {
			continue
		}
		return unescape(value)
	}
	return ""
}

// has reports whether a query parameter is there, with whatever value.
func (x *exchange) has(name string) bool {
	for pair := range strings.SplitSeq(x.query, "&") {
		if key, _, _ := strings.Cut(pair, "="); key == name {
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
