package eventgate

import (
	"bytes"
	_ "embed"
	"encoding/json"
)

//go:embed openapi.json
var openAPI []byte

// spec is the OpenAPI description with the service's name and version.
func spec(c HandlerConfig) []byte {
	version, err := json.Marshal(c.Version)
	if err != nil {
		return openAPI
	}
	var b bytes.Buffer
	if err := json.Compact(&b, bytes.Replace(openAPI, []byte(`"{version}"`), version, 1)); err != nil {
		return openAPI
	}
	return b.Bytes()
}
