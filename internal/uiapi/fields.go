package uiapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Field is one field that a schema declares.
type Field struct {
	// Path is dotted; elements of lists are "[]", members of any name "*".
	Path string `json:"path"`
	// Type is the schema's type, several joined by "|"; "" for any.
	Type        string `json:"type"`
	Required    bool   `json:"required"`
	Description string `json:"description,omitempty"`
	// Rules are the other keywords of the field, as the schema writes them: pattern, format, enum, minLength and so on.
	Rules map[string]json.RawMessage `json:"rules,omitempty"`
	// Default and Examples are the schema's, as JSON.
	Default  json.RawMessage   `json:"default,omitempty"`
	Examples []json.RawMessage `json:"examples,omitempty"`
}

const (
	// mostFields and deepest bound what is told of one schema.
	mostFields = 5000
	deepest    = 32
)

// fieldsOf lists the fields of a schema in the order of its text, parents before what is in them.
func fieldsOf(source []byte) []Field {
	w := fieldWalk{fields: []Field{}, seen: map[string]int{}}
	w.inside(source, "", 0)
	return w.fields
}

type fieldWalk struct {
	fields []Field
	seen   map[string]int // index by path
}

// shape is what is read of a subschema.
type shape struct {
	Required             []string          `json:"required"`
	Description          string            `json:"description"`
	Default              json.RawMessage   `json:"default"`
	Examples             []json.RawMessage `json:"examples"`
	Properties           json.RawMessage   `json:"properties"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	Items                json.RawMessage   `json:"items"`
	AllOf                []json.RawMessage `json:"allOf"`
}

// told are the keywords that are a field's own columns, or lead to other fields.
var told = []string{
	"type", "description", "title", "default", "examples", "properties", "required", "additionalProperties", "items", "allOf", "$id", "$schema",
	"definitions", "$comment",
}

// inside lists what is in an object or list.
func (w *fieldWalk) inside(source []byte, path string, depth int) {
	var s shape
	if depth > deepest || json.Unmarshal(source, &s) != nil {
		return // a boolean schema, or one that says something else than its keywords mean: the document shows it
	}
	for _, part := range s.AllOf {
		w.inside(part, path, depth+1)
	}
	for m := rawjson.NewMembers(s.Properties); m.Next(); {
		name := string(rawjson.AppendUnquoted(nil, m.Key()))
		w.field(m.Value(), join(path, name), slices.Contains(s.Required, name), depth)
	}
	if isObject(s.AdditionalProperties) {
		w.field(s.AdditionalProperties, join(path, "*"), false, depth)
	}
	if isObject(s.Items) {
		w.field(s.Items, path+"[]", false, depth)
	}
}

func (w *fieldWalk) field(source []byte, path string, required bool, depth int) {
	if len(w.fields) == mostFields {
		return
	}
	f := Field{Path: path, Type: typeOf(source), Required: required}
	var s shape
	if json.Unmarshal(source, &s) == nil {
		f.Description, f.Default, f.Examples = s.Description, s.Default, s.Examples
	}
	for m := rawjson.NewMembers(source); m.Next(); {
		keyword := string(rawjson.AppendUnquoted(nil, m.Key()))
		closed := keyword == "additionalProperties" && string(m.Value()) == "false"
		if slices.Contains(told, keyword) && !closed {
			continue
		}
		if f.Rules == nil {
			f.Rules = map[string]json.RawMessage{}
		}
		f.Rules[keyword] = m.Value()
	}
	if i, known := w.seen[path]; known { // several parts of an allOf say something of it
		f.Required = f.Required || w.fields[i].Required
		w.fields[i] = f
	} else {
		w.seen[path] = len(w.fields)
		w.fields = append(w.fields, f)
	}
	w.inside(source, path, depth+1)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func isObject(text []byte) bool { return len(text) > 0 && text[0] == '{' }

// typeOf is a subschema's type, several joined by "|".
func typeOf(source []byte) string {
	var one struct {
		Type json.RawMessage `json:"type"`
	}
	var list []string
	if json.Unmarshal(source, &one) != nil {
		return ""
	}
	if json.Unmarshal(one.Type, &list) == nil {
		return strings.Join(list, "|")
	}
	return textOf(source, "type")
}

// Fields answers GET fields: each path once, with the type of the first schema that has it.
type Fields struct {
	Fields []Field `json:"fields"`
}

// fields are those of all the streams' newest schemas.
func (s *Server) fields(r *http.Request, _ viewer) (any, error) {
	answer, known := Fields{Fields: []Field{}}, map[string]bool{}
	for _, name := range names(r) {
		st, err := s.find(name)
		if err != nil {
			return nil, err
		}
		if st.SchemaTitle == "" {
			continue
		}
		found, err := s.lookup(r.Context(), st.SchemaTitle, "latest")
		if err != nil {
			continue // what has no schema has no fields to choose from
		}
		for _, f := range fieldsOf(found.Source) {
			if !known[f.Path] && !strings.HasSuffix(f.Path, "*") && len(answer.Fields) < mostFields {
				known[f.Path] = true
				answer.Fields = append(answer.Fields, Field{Path: f.Path, Type: f.Type, Description: f.Description})
			}
		}
	}
	return answer, nil
}

// mostNames bounds how many streams one question can be about.
const mostNames = 500

func names(r *http.Request) []string {
	list := strings.FieldsFunc(r.URL.Query().Get("streams"), func(c rune) bool { return c == ',' })
	return list[:min(len(list), mostNames)]
}
