package config

import "net/http"

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
