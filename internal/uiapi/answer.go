package uiapi

import (
	"encoding/json"
	"errors"
	"net/http"
)

// answering answers a request with what a function returns, as JSON.
type answering struct {
	s     *Server
	v     viewer
	serve func(r *http.Request, v viewer) (any, error)
}

func (a answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := a.serve(r, a.v)
	if err != nil {
		var f *fault
		if !errors.As(err, &f) {
			f = &fault{http.StatusBadGateway, "That cannot be told now; the log says why.", err}
		}
		if f.cause != nil && r.Context().Err() == nil {
			a.s.log.Warn("the page could not be told what it asked", "path", r.URL.Path, "err", f.cause)
		}
		writeProblem(w, f.status, f.message)
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		writeProblem(w, http.StatusInternalServerError, "The answer cannot be written as JSON.")
		return
	}
	setHeaders(w.Header(), "application/json; charset=utf-8")
	_, _ = w.Write(append(text, '\n')) // a client that has gone away does not need it
}

// fault is an answer that is an error: the message is for the person at the page, the cause for the log.
type fault struct {
	status  int
	message string
	cause   error
}

func (f *fault) Error() string { return f.message }
func (f *fault) Unwrap() error { return f.cause }

func badRequest(message string) error { return &fault{status: http.StatusBadRequest, message: message} }
func notFound(message string) error   { return &fault{status: http.StatusNotFound, message: message} }

func setHeaders(h http.Header, contentType string) {
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// writeProblem answers a problem document (RFC 9457).
func writeProblem(w http.ResponseWriter, status int, detail string) {
	text, _ := json.Marshal(struct { // texts and a number always have a JSON form
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, detail})
	setHeaders(w.Header(), "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
