package jsonschema

// Options says how to read a schema. The zero value reads it as ajv 6.12.6 does with its default options.
type Options struct {
	// Load returns the schema (JSON) that a $ref names by an absolute URI without a fragment. Nil: a $ref outside the schema is an error.
	Load func(uri string) ([]byte, error)
	// Formats says how the format keyword is checked.
	Formats FormatMode
	// UnknownFormats says what to do with a format that no draft from 4 to 7 names.
	UnknownFormats UnknownFormats
	// Draft is the draft of a schema without $schema.
	Draft Draft
	// Limits bounds what a schema may cost. Zero fields have defaults.
	Limits Limits
}

// FormatMode says how the format keyword is checked.
type FormatMode uint8

const (
	// FormatsFast checks formats as ajv's mode "fast" does: 30 February is a date.
	FormatsFast FormatMode = iota
	// FormatsStrict checks formats as their RFCs define them.
	FormatsStrict
)

// UnknownFormats says what to do with a format that no draft from 4 to 7 names.
type UnknownFormats uint8

const (
	// UnknownFormatsFail makes an unknown format an error of the schema.
	UnknownFormatsFail UnknownFormats = iota
	// UnknownFormatsIgnore accepts every value for an unknown format.
	UnknownFormatsIgnore
)

// Draft is a version of JSON Schema.
type Draft uint8

const (
	// Draft7 is draft-07.
	Draft7 Draft = iota
	// Draft6 is draft-06.
	Draft6
	// Draft4 is draft-04.
	Draft4
)

// Limits bounds what a schema may cost. A zero field means the default.
type Limits struct {
	// Bytes is the size of a schema with everything it loads (default 16 MiB).
	Bytes int
	// Depth is the nesting of a schema (default 256).
	Depth int
	// Refs is the number of $refs (default 10,000).
	Refs int
	// Enum is the number of values of one enum (default 100,000).
	Enum int
	// Nodes is the number of subschemas of the program (default 100,000).
	Nodes int
	// Steps is how many subschemas may be applied to one and the same value: the product of nested combinators (default 10,000).
	Steps int
}
