package config

import (
	"net/http"
	"os"
	"strings"
)

// folders warns of schema repositories that are not on this machine if the file is only checked.
func (r *reading) folders(bases []string, n *node, path string) {
	if !r.over.Checking || n == nil {
		return
	}
	for i, base := range bases {
		if strings.HasPrefix(base, "http://") || strings.HasPrefix(base, "https://") {
			continue
		}
		if _, err := os.Stat(strings.TrimPrefix(base, "file://")); err != nil {
			line := n.line
			if n.kind == kindList && i < len(n.items) {
				line = n.items[i].line
			}
			r.warn(line, path, "%s is not on this machine", base)
		}
	}
}

// withHeaders is an HTTP client that sends headers with every request; nil if there are none.
func withHeaders(h http.Header) *http.Client {
	if len(h) == 0 {
		return nil
	}
	return &http.Client{Transport: headerTransport{h}}
}

type headerTransport struct{ header http.Header }

// RoundTrip sends the request with the headers that it does not have itself.
func (t headerTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	for name, values := range t.header {
		if name == "Host" {
			request.Host = values[0]
		} else if request.Header.Get(name) == "" {
			request.Header[name] = values
		}
	}
	return http.DefaultTransport.RoundTrip(request)
}
