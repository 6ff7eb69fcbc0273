package eventgate

import (
	"net/http"
	"strings"
)

// joint is what a header's lines are joined with if it was sent more than once, as in Node.js: "" if only the first one counts.
func joint(name string) string {
	switch name {
	case "Age", "Authorization", "Content-Length", "Content-Type", "Etag", "Expires", "From", "Host", "If-Modified-Since", "If-Unmodified-Since",
		"Last-Modified", "Location", "Max-Forwards", "Proxy-Authorization", "Referer", "Retry-After", "Server", "User-Agent":
		return ""
	case "Cookie":
		return "; "
	}
	return ", "
}

// netHeader is http.Header for names that are canonical already, as all are that the intake asks for.
type netHeader http.Header

func (h netHeader) Get(name string) string {
	v := h[name]
	if len(v) == 0 {
		return ""
	}
	if len(v) > 1 {
		if by := joint(name); by != "" {
			return strings.Join(v, by)
		}
	}
	return v[0]
}
