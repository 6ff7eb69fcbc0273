// Package jsonschema compiles a JSON Schema (draft-04, draft-06 or draft-07, as ajv 6 reads them) to a program that validates the bytes of an
// event in one pass without allocating, and lists what it refuses in ajv's order and words.
package jsonschema
