package eventstreams

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// maxBody bounds the conditions that a client may post.
const maxBody = 1 << 20

// hasConditions says whether a request brings a JSON body with conditions, for those that are too long for a URL.
func hasConditions(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.Method == http.MethodPost && err == nil && media == "application/json" && r.ContentLength != 0
}

// readBody reads a body such as {"where":{"title":["A","B"],"wiki":"enwiki"},"filter":"event.namespace == 0","fields":["title"]} into what is asked for.
func (a *asking) readBody(w http.ResponseWriter, r *http.Request) *problem {
	wrong := func(detail string) *problem {
		return &problem{status: http.StatusBadRequest, kind: "bad_request", title: "Invalid body", detail: detail}
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &problem{status: http.StatusRequestEntityTooLarge, kind: "request_too_large", title: "Body too large", detail: "the conditions have more than 1 MiB"}
	case err != nil:
		return wrong("the body could not be read: " + err.Error())
	}
	var body struct {
		Where  map[string]json.RawMessage `json:"where"`
		Filter string                     `json:"filter"`
		Fields []string                   `json:"fields"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return wrong(`expected {"where":{"field":["value"]},"filter":"expression","fields":["field"]}: ` + err.Error())
	}
	for path, v := range body.Where {
		var values []json.RawMessage
		if json.Unmarshal(v, &values) != nil {
			values = []json.RawMessage{v}
		}
		if path == "" || len(values) == 0 {
			return wrong("where needs fields with at least one value each")
		}
		for _, v := range values {
			if v = bytes.TrimSpace(v); v[0] == '{' || v[0] == '[' {
				return wrong("where." + path + " has a value that is no text, number, true, false or null")
			}
			text := string(v)
			if v[0] == '"' {
				if err := json.Unmarshal(v, &text); err != nil {
					return wrong("where." + path + ": " + err.Error())
				}
			}
			a.where = a.where.add(path, text)
		}
	}
	for _, path := range body.Fields {
		if !goodPath(path) {
			return wrong("fields has '" + path + "', which is no field")
		}
		a.fields.add(path)
	}
	a.filters = append(a.filters, body.Filter)
	return nil
}
