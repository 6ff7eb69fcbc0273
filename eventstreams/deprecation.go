package eventstreams

import "net/http"

// tellDeprecation says in headers that a stream is going to be removed, since when, until when and what to read instead (RFC 9745, RFC 8594). Of several
// streams that are, the first one's dates are told, and each one's successor.
func tellDeprecation(h http.Header, entries []*entry) {
	for _, e := range entries {
		if e.deprecated == nil {
			continue
		}
		for name, values := range e.deprecated.Headers("/v2/stream/") {
			switch {
			case name == "Link":
				h[name] = append(h[name], values...)
			case h[name] == nil:
				h[name] = values
			}
		}
	}
}
