package schema

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/eventplatform/eventplatform/jsonschema"
)

// Schema is one version of a schema, compiled. It is shared and must not be changed.
type Schema struct {
	// URI is what events name: "/<title>/<version>". For a schema asked for as "latest" or "current" it is the version that was found.
	URI string
	// Title is the schema's title.
	Title string
	// Version is the last part of URI.
	Version string
	// Validator is the compiled schema.
	Validator *jsonschema.Schema
	// Source is the schema as JSON, its members in the order of the file.
	Source []byte
	// Examples are the schema's examples, in order.
	Examples []json.RawMessage
	// Base is the repository that it was found in, as it was configured.
	Base string
	// File is where it was read, for the operator: never to be told to senders.
	File string

	digest [sha256.Size]byte
	etag   string
}
