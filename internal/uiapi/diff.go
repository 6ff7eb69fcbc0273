package uiapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
)

// Diff answers GET schema/diff: what changed from one version to another, field by field.
type Diff struct {
	Title string `json:"title"`
	From  string `json:"from"`
	To    string `json:"to"`
	// Compatible tells that everyone who relied on the old version can go on with the new one: events that were valid stay so, and who reads finds
	// every field with its type.
	Compatible bool     `json:"compatible"`
	Changes    []Change `json:"changes"`
}

// Kind is the kind of a change.
type Kind string

// The kinds of changes.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Change is one thing that is different about a field.
type Change struct {
	Kind Kind   `json:"kind"`
	Path string `json:"path"`
	// What is the keyword that is different, or "required"; "" for a field that came or went.
	What string `json:"what,omitempty"`
	// Was and Is are the keyword's values as JSON; nil where there is none.
	Was json.RawMessage `json:"was,omitempty"`
	Is  json.RawMessage `json:"is,omitempty"`
	// Type is the type of a field that came or went.
	Type string `json:"type,omitempty"`
	// Breaking tells that somebody who relied on the old version may fail.
	Breaking bool `json:"breaking"`
}

func (s *Server) diff(r *http.Request, _ viewer) (any, error) {
	query := r.URL.Query()
	from, err := s.lookup(r.Context(), query.Get("title"), query.Get("from"))
	if err != nil {
		return nil, err
	}
	to, err := s.lookup(r.Context(), query.Get("title"), query.Get("to"))
	if err != nil {
		return nil, err
	}
	d := Diff{Title: to.Title, From: from.Version, To: to.Version, Changes: changes(fieldsOf(from.Source), fieldsOf(to.Source))}
	d.Compatible = !slices.ContainsFunc(d.Changes, func(c Change) bool { return c.Breaking })
	return d, nil
}

// changes compares the fields of two versions: in the new one's order, what is removed at the end.
func changes(from, to []Field) []Change {
	old, list := byPath(from), []Change{}
	for _, f := range to {
		was, known := old[f.Path]
		if known {
			list = append(list, fieldChanges(was, f)...)
			continue
		}
		list = append(list, Change{Kind: Added, Path: f.Path, Type: f.Type, Breaking: f.Required && !inNew(f.Path, to, old)})
	}
	now := byPath(to)
	for _, f := range from {
		if _, kept := now[f.Path]; !kept {
			list = append(list, Change{Kind: Removed, Path: f.Path, Type: f.Type, Breaking: true})
		}
	}
	return list
}

func byPath(fields []Field) map[string]Field {
	m := make(map[string]Field, len(fields))
	for _, f := range fields {
		m[f.Path] = f
	}
	return m
}

// inNew tells that a field is inside one that is optional and was added itself: required there, it asks nothing of events without the parent.
func inNew(path string, to []Field, old map[string]Field) bool {
	for _, f := range to {
		inside := len(path) > len(f.Path) && path[:len(f.Path)] == f.Path && (path[len(f.Path)] == '.' || path[len(f.Path)] == '[')
		if _, known := old[f.Path]; inside && !known && !f.Required {
			return true
		}
	}
	return false
}

// fieldChanges compares one field's keywords, in the alphabet's order.
func fieldChanges(was, is Field) []Change {
	var list []Change
	tell := func(what string, old, now json.RawMessage, breaking bool) {
		list = append(list, Change{Kind: Changed, Path: is.Path, What: what, Was: old, Is: now, Breaking: breaking})
	}
	if was.Type != is.Type {
		tell("type", text(was.Type), text(is.Type), true)
	}
	if was.Required != is.Required {
		tell("required", truth(was.Required), truth(is.Required), true) // producers fail on a new demand, consumers on a field that may be missing now
	}
	keywords := make([]string, 0, len(was.Rules)+len(is.Rules))
	for k := range was.Rules {
		keywords = append(keywords, k)
	}
	for k := range is.Rules {
		keywords = append(keywords, k)
	}
	slices.Sort(keywords)
	for _, k := range slices.Compact(keywords) {
		if old, now := was.Rules[k], is.Rules[k]; !sameJSON(old, now) {
			tell(k, old, now, tighter(k, old, now))
		}
	}
	if !sameJSON(was.Default, is.Default) {
		tell("default", was.Default, is.Default, false)
	}
	if was.Description != is.Description {
		tell("description", text(was.Description), text(is.Description), false)
	}
	return list
}

// tighter tells whether a changed keyword can refuse what it did not refuse before. What cannot be compared counts as tighter.
func tighter(keyword string, was, is json.RawMessage) bool {
	if is == nil {
		return false
	}
	switch keyword {
	case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
		a, b, ok := numbers(was, is)
		return !ok || b < a
	case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
		a, b, ok := numbers(was, is)
		return !ok || b > a
	case "enum":
		return !contains(is, was)
	case "uniqueItems":
		return string(is) == "true"
	case "readOnly", "writeOnly", "contentMediaType", "contentEncoding":
		return false // they say something and refuse nothing
	}
	return true
}

func numbers(was, is json.RawMessage) (a, b float64, ok bool) {
	if was == nil || json.Unmarshal(was, &a) != nil || json.Unmarshal(is, &b) != nil {
		return 0, 0, false
	}
	return a, b, true
}

// contains tells whether a list has every value of another.
func contains(list, values json.RawMessage) bool {
	var have, want []json.RawMessage
	if values == nil || json.Unmarshal(list, &have) != nil || json.Unmarshal(values, &want) != nil {
		return false
	}
	for _, v := range want {
		if !slices.ContainsFunc(have, func(h json.RawMessage) bool { return sameJSON(h, v) }) {
			return false
		}
	}
	return true
}

func sameJSON(a, b json.RawMessage) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return bytes.Equal(compact(a), compact(b))
}

func compact(text []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return text
	}
	return b.Bytes()
}

func text(s string) json.RawMessage {
	b, _ := json.Marshal(s) // a text always has a JSON form
	return b
}

func truth(b bool) json.RawMessage {
	if b {
		return json.RawMessage("true")
	}
	return json.RawMessage("false")
}
