package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Schema is what the events of a stream are like.
type Schema struct {
	// Name is how errors name it, such as the stream's name.
	Name string
	// Source is the JSON Schema; nil is any event, with fields of any name and type.
	Source []byte
}

// kind is the type of a place in an event.
type kind uint8

const (
	dynamic kind = iota // any type
	boolean
	integer
	number
	text
	list
	object
)

func (k kind) String() string {
	return [...]string{"dyn", "bool", "int", "double", "string", "list", "object"}[k]
}

// shape is what is known of the values at a place in the events of all schemas.
type shape struct {
	kind        kind
	description string
	members     map[string]*shape // of an object
	others      *shape            // its members that are not declared; nil: there are none
	elements    *shape            // of a list

	from     string // the schema that said so first
	conflict string // what another schema says
	typeName string // of an object with declared members, for CEL
}

// maxDepth bounds the nesting of schemas that is looked at; what is deeper is dynamic.
const maxDepth = 32

// document is the part of a JSON Schema that tells types.
type document struct {
	Type        json.RawMessage            `json:"type"`
	Description string                     `json:"description"`
	Properties  map[string]json.RawMessage `json:"properties"`
	Additional  json.RawMessage            `json:"additionalProperties"`
	Items       json.RawMessage            `json:"items"`
	AllOf       []json.RawMessage          `json:"allOf"`
	AnyOf       json.RawMessage            `json:"anyOf"`
	OneOf       json.RawMessage            `json:"oneOf"`
	Ref         json.RawMessage            `json:"$ref"`
}

// anything is the shape of which nothing is known.
func anything(from string) *shape { return &shape{kind: dynamic, from: from} }

// read makes the shape that a schema describes.
func read(source []byte, from string, depth int) (*shape, error) {
	var d document
	switch source = bytes.TrimSpace(source); {
	case depth > maxDepth, len(source) == 0, source[0] != '{':
		return anything(from), nil // true, false
	}
	if err := json.Unmarshal(source, &d); err != nil {
		return nil, fmt.Errorf("the schema of %s: %w", from, err)
	}
	s := &shape{kind: d.kind(), description: strings.TrimSpace(d.Description), from: from}
	var err error
	switch s.kind {
	case list:
		s.elements, err = read(d.Items, from, depth+1)
	case object:
		err = s.readMembers(&d, depth)
	}
	for _, part := range d.AllOf {
		p, e := read(part, from, depth+1)
		if e != nil {
			return nil, e
		}
		if p.kind != dynamic {
			s = narrowed(s, p)
		}
	}
	return s, err
}

// narrowed is what holds if two schemas hold at once.
func narrowed(s, p *shape) *shape {
	if s.kind == dynamic {
		p.description = s.description
		return p
	}
	if s.kind == p.kind && len(s.members) == 0 && len(p.members) > 0 {
		s.others = nil // what made it open was only that nothing was declared
	}
	return merge(s, p)
}

// kind is the type that a schema says: null besides it is left out, as a field may always be missing.
func (d *document) kind() kind {
	var names []string
	if json.Unmarshal(d.Type, &names) != nil {
		names = []string{""}
		_ = json.Unmarshal(d.Type, &names[0]) // what is no text says nothing
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "null" })
	slices.Sort(names)
	if slices.Equal(names, []string{"integer", "number"}) {
		names = names[1:]
	}
	if len(names) != 1 {
		return dynamic
	}
	switch names[0] {
	case "boolean":
		return boolean
	case "integer":
		return integer
	case "number":
		return number
	case "string":
		return text
	case "array":
		return list
	case "object":
		return object
	}
	if d.Properties != nil {
		return object
	}
	return dynamic
}

// readMembers reads what an object may hold. One that declares members has no others, whatever JSON Schema's default is: else no misspelt name could be
// told. Only a schema for the others, or for members that are declared elsewhere, admits them.
func (s *shape) readMembers(d *document, depth int) error {
	s.members = make(map[string]*shape, len(d.Properties))
	for name, source := range d.Properties {
		m, err := read(source, s.from, depth+1)
		if err != nil {
			return err
		}
		s.members[name] = m
	}
	var err error
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(d.Additional), []byte("{")):
		s.others, err = read(d.Additional, s.from, depth+1)
	case len(d.Properties) == 0, d.AnyOf != nil, d.OneOf != nil, d.Ref != nil:
		s.others = anything(s.from)
	}
	return err
}

// merge is what is known of a place that two schemas describe.
func merge(a, b *shape) *shape {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.kind == dynamic, b.kind == dynamic:
		return &shape{kind: dynamic, description: a.description, from: a.from}
	case a.kind == integer && b.kind == number:
		a.kind = number
	case a.kind == number && b.kind == integer:
	case a.kind != b.kind:
		a.conflict = fmt.Sprintf("is of type %s in %s and of type %s in %s", a.kind, a.from, b.kind, b.from)
	}
	if a.description == "" {
		a.description = b.description
	}
	a.elements, a.others = merge(a.elements, b.elements), merge(a.others, b.others)
	for name, m := range b.members {
		if a.members == nil {
			a.members = map[string]*shape{}
		}
		a.members[name] = merge(a.members[name], m)
	}
	return a
}

// member is the shape of a member; nil if there is none of this name.
func (s *shape) member(name string) *shape {
	if s == nil || s.kind == dynamic {
		return nil
	}
	if m := s.members[name]; m != nil {
		return m
	}
	return s.others
}

// name gives names to the objects that declare members.
func (s *shape) name(path string, all map[string]*shape) {
	if s == nil {
		return
	}
	if len(s.members) > 0 {
		s.typeName = "object " + path // the space keeps it apart from what an expression can name
		all[s.typeName] = s
	}
	for name, m := range s.members {
		m.name(path+"."+name, all)
	}
	s.others.name(path+".*", all)
	s.elements.name(path+"[]", all)
}

// sign writes all that is known, so that equal knowledge has equal signs.
func (s *shape) sign(b *strings.Builder) {
	if s == nil {
		return
	}
	b.WriteByte("?bidsAO!"[s.kind])
	if s.conflict != "" {
		b.WriteByte('!')
	}
	b.WriteByte('{')
	for _, name := range slices.Sorted(maps.Keys(s.members)) {
		fmt.Fprintf(b, "%q", name)
		s.members[name].sign(b)
	}
	b.WriteByte('*')
	s.others.sign(b)
	b.WriteByte('[')
	s.elements.sign(b)
	b.WriteByte('}')
}
