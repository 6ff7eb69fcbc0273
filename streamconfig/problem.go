package streamconfig

import (
	"net/http"
	"strconv"
)

// problem answers an error as RFC 9457 says.
func problem(w http.ResponseWriter, status int, detail string) {
	b := append([]byte(`{"type":"about:blank","title":`), appendString(nil, http.StatusText(status))...)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = appendString(append(b, `,"detail":`...), detail)
	b = append(b, '}')
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h["X-Content-Type-Options"] = noSniff
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	w.Write(b)
}
