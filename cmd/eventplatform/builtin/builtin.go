// Package builtin holds what the platform starts with when nothing is configured: a few schemas, the streams that take them, and demonstration events
// of these streams.
package builtin

import (
	"embed"
	"io/fs"
)

//go:embed schemas
var schemas embed.FS

//go:embed streams.yaml
var streams []byte

// StreamsName is what messages call the built-in stream configuration.
const StreamsName = "the built-in streams"

// Schemas is the built-in schema repository: <title>/<version>.yaml.
func Schemas() fs.FS {
	repository, err := fs.Sub(schemas, "schemas")
	if err != nil {
		panic("builtin: the embedded folder is named otherwise: " + err.Error())
	}
	return repository
}

// Streams is the built-in stream configuration, YAML.
func Streams() []byte { return streams }
