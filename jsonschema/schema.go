package jsonschema

import (
	"errors"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Insertion asks for bytes to be put before a place of an event; rawjson.Splice makes insertions.
type Insertion = rawjson.Insertion

// Schema is a compiled schema. It is immutable but for its counters and safe for concurrent use.
type Schema struct{}

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

// Compile compiles a schema, given as JSON. The error is a *SchemaError, or what Options.Load returned, wrapped in one.
func Compile(schema []byte, o Options) (*Schema, error) { return nil, errors.New("not compiled") }

// Valid reports whether the event is valid JSON (RFC 8259, UTF-8) that the schema accepts. It allocates nothing for an event that is.
func (s *Schema) Valid(event []byte) bool { return s.Check(event).Valid }

// Check makes one strict pass over the event: syntax, duplicate keys and validity. It allocates nothing if the event is valid.
func (s *Schema) Check(event []byte) Verdict { return Verdict{} }

// Validate returns nil exactly if Valid does true: else a *rawjson.SyntaxError for what is not JSON and a *ValidationError with every error for what the
// schema refuses.
func (s *Schema) Validate(event []byte) error { return nil }

// Defaults appends to dst the insertions that fill in the schema's defaults where ajv with useDefaults would, ordered by offset. The error is
// a *rawjson.SyntaxError.
func (s *Schema) Defaults(event []byte, dst []Insertion) ([]Insertion, error) { return dst, nil }

// HasDefaults reports whether Defaults can ever insert anything.
func (s *Schema) HasDefaults() bool { return false }

// Title returns the schema's title, "" if it has none.
func (s *Schema) Title() string { return "" }

// ID returns the schema's $id (in draft-04 id) as it is written, "" if it has none.
func (s *Schema) ID() string { return "" }

// Declares reports whether the schema's properties, followed name by name, declare the path.
func (s *Schema) Declares(path ...string) bool { return false }

// OpenMap reports whether the path is declared as an object that admits undeclared members: type object without additionalProperties: false.
func (s *Schema) OpenMap(path ...string) bool { return false }

// StrictRefusals returns how many values since the schema was compiled passed a format in FormatsFast that FormatsStrict would have refused.
func (s *Schema) StrictRefusals() uint64 { return 0 }
