package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"github.com/eventplatform/eventplatform/internal/service"
)

// openAPI is what is read of a service's description.
type openAPI struct {
	Paths      map[string]json.RawMessage            `json:"paths"`
	Components map[string]map[string]json.RawMessage `json:"components,omitempty"`
}

// union describes all services as one: their paths and components together. Where two services have the same path, the first one's counts, because
// dispatch asks it too.
type union struct {
	parts []described
}

// described is a service and where it describes itself.
type described struct {
	handler http.Handler
	target  string
}

func (u *union) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	whole := struct {
		OpenAPI string            `json:"openapi"`
		Info    map[string]string `json:"info"`
		openAPI
	}{
		OpenAPI: "3.1.0",
		Info:    map[string]string{"title": "eventplatform", "version": service.Version(), "description": "All services in one process."},
		openAPI: openAPI{Paths: map[string]json.RawMessage{}, Components: map[string]map[string]json.RawMessage{}},
	}
	for i := len(u.parts) - 1; i >= 0; i-- {
		part, err := u.parts[i].read(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		maps.Copy(whole.Paths, part.Paths)
		for kind, members := range part.Components {
			if whole.Components[kind] == nil {
				whole.Components[kind] = map[string]json.RawMessage{}
			}
			maps.Copy(whole.Components[kind], members)
		}
	}
	text, err := json.Marshal(whole)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write(text) // a client that has gone away does not need it
}

func (d described) read(r *http.Request) (part openAPI, err error) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, d.target, nil)
	if err != nil {
		return part, err
	}
	request.RequestURI = d.target
	answer := &capture{header: http.Header{}}
	d.handler.ServeHTTP(answer, request)
	if err := json.Unmarshal(answer.body.Bytes(), &part); err != nil {
		return part, fmt.Errorf("the description at %s cannot be read: %w", d.target, err)
	}
	return part, nil
}

// capture keeps an answer.
type capture struct {
	header http.Header
	body   bytes.Buffer
}

func (c *capture) Header() http.Header         { return c.header }
func (c *capture) WriteHeader(int)             {}
func (c *capture) Write(p []byte) (int, error) { return c.body.Write(p) }
