package eventstreams

import (
	"net/http"
	"strings"
)

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

// farewell says in words that a stream is going to be removed; "" if it is not.
func (e *entry) farewell() string {
	d := e.deprecated
	if d == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n\nThis stream is deprecated")
	for _, part := range [][2]string{{" since ", d.Since}, {" and may be gone after ", d.Sunset}, {"; use ", d.Successor}, {": ", d.Reason}} {
		if part[1] != "" {
			b.WriteString(part[0] + part[1])
		}
	}
	b.WriteString(".")
	return b.String()
}
