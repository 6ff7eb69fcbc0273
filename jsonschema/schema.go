package jsonschema

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Insertion asks for bytes to be put before a place of an event; rawjson.Splice makes insertions.
type Insertion = rawjson.Insertion

// Schema is a compiled schema. It is immutable but for its counter and safe for concurrent use.
type Schema struct {
	root          *node
	id, title     string
	hasDefaults   bool
	plainDefaults bool // Defaults needs no parsed event
	lax           atomic.Uint64
}

// Verdict is what one pass over an event found.
type Verdict struct {
	// Valid tells that the event is JSON and that the schema accepts it.
	Valid bool
	// Duplicates tells that some object of the event, at whatever depth, has two members with the same key. The verdict is on the event as
	// JSON.parse reads it (the last one counts); rawjson.DropDuplicates makes it so for everyone else.
	Duplicates bool
	// Syntax says why the event is not JSON; nil if it is.
	Syntax *rawjson.SyntaxError
}

// ErrTooCostly is returned for an event on which the schema's combinators would take too many steps. Such an event is not valid.
var ErrTooCostly = errors.New("the schema takes too many steps for this event")

// Compile compiles a schema, given as JSON. The error is a *SchemaError.
func Compile(schema []byte, o Options) (*Schema, error) { return compile(schema, o, true) }

// Valid reports whether the event is valid JSON (RFC 8259, UTF-8) that the schema accepts. It allocates nothing for an event that is.
func (s *Schema) Valid(event []byte) bool { return s.Check(event).Valid }

// Check makes one strict pass over the event: syntax, duplicate keys and validity. It allocates nothing if the event is valid and has no duplicates.
func (s *Schema) Check(event []byte) Verdict {
	ok, undecided := s.accepts(event)
	if ok {
		return Verdict{Valid: true}
	}
	return s.recheck(event, undecided)
}

// recheck finds out what the first pass stumbled over.
func (s *Schema) recheck(event []byte, undecided bool) Verdict {
	if err := syntaxError(event); err != nil {
		return Verdict{Syntax: err}
	}
	buf := plainBuffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= largeBuffer {
			plainBuffers.Put(buf)
		}
	}()
	*buf = rawjson.DropDuplicates((*buf)[:0], event)
	plain := *buf
	v := Verdict{Duplicates: len(plain) != len(event)}
	if v.Duplicates {
		v.Valid, undecided = s.accepts(plain)
	}
	if undecided {
		errs, done := s.explain(parse(plain), len(plain))
		v.Valid = done && len(errs) == 0
	}
	return v
}

// largeBuffer is the size in bytes of the largest buffer that is kept for the next event.
const largeBuffer = 1 << 20

var plainBuffers = sync.Pool{New: func() any { return new([]byte) }}

func syntaxError(event []byte) *rawjson.SyntaxError {
	err := rawjson.Check(event)
	if err == nil {
		return nil
	}
	var syntax *rawjson.SyntaxError
	errors.As(err, &syntax)
	return syntax
}

// Validate returns nil exactly if Valid does true: else a *rawjson.SyntaxError for what is not JSON, a *ValidationError with everything that the
// schema refuses, or ErrTooCostly.
func (s *Schema) Validate(event []byte) error {
	if ok, _ := s.accepts(event); ok {
		return nil
	}
	if err := syntaxError(event); err != nil {
		return err
	}
	errs, done := s.explain(parse(event), len(event))
	switch {
	case !done:
		return ErrTooCostly
	case len(errs) > 0:
		return &ValidationError{Errors: errs}
	}
	return nil
}

// HasDefaults reports whether Defaults can ever insert anything.
func (s *Schema) HasDefaults() bool { return s.hasDefaults }

// Title returns the schema's title, "" if it has none.
func (s *Schema) Title() string { return s.title }

// ID returns the schema's $id (in draft-04 id) as it is written, "" if it has none.
func (s *Schema) ID() string { return s.id }

// StrictRefusals returns how many events since the schema was compiled were accepted in FormatsFast that FormatsStrict would have refused.
func (s *Schema) StrictRefusals() uint64 { return s.lax.Load() }

// Declares reports whether the schema's properties, followed name by name, declare the path.
func (s *Schema) Declares(path ...string) bool { return s.at(path) != nil }

// OpenMap reports whether the path is declared as an object that admits undeclared members: type object without additionalProperties: false.
func (s *Schema) OpenMap(path ...string) bool {
	n := s.at(path)
	return n != nil && n.types&typeObject != 0 && n.types != anyType && (n.obj == nil || !n.obj.closed)
}

// at returns the node of a path of declared properties.
func (s *Schema) at(path []string) *node {
	n := s.root.target()
	for _, name := range path {
		if n.obj == nil {
			return nil
		}
		p := n.obj.declared(name)
		if p == nil {
			return nil
		}
		n = p.node.target()
	}
	return n
}
