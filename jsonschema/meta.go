package jsonschema

import (
	_ "embed"
	"strings"
	"sync"
)

// The meta-schemas that json-schema.org publishes.
var (
	//go:embed meta/draft-04.json
	draft4Schema []byte
	//go:embed meta/draft-06.json
	draft6Schema []byte
	//go:embed meta/draft-07.json
	draft7Schema []byte
)

var metaSchemas = [...]struct {
	name string
	src  []byte
}{
	Draft7: {"draft-07", draft7Schema},
	Draft6: {"draft-06", draft6Schema},
	Draft4: {"draft-04", draft4Schema},
}

var compiledMeta [len(metaSchemas)]struct {
	once   sync.Once
	schema *Schema
}

// metaSchema returns the meta-schema of a draft, compiled when it is first asked for.
func metaSchema(draft Draft) *Schema {
	m := &compiledMeta[draft]
	m.once.Do(func() {
		s, err := compile(metaSchemas[draft].src, Options{}, false)
		if err != nil {
			panic("jsonschema: an embedded meta-schema does not compile: " + err.Error())
		}
		m.schema = s
	})
	return m.schema
}

// draftOf returns the draft that a meta-schema's URI names, with http or https, with or without the empty fragment.
func draftOf(uri string) (Draft, bool) {
	uri = strings.TrimSuffix(uri, "#")
	for draft, m := range metaSchemas {
		if uri == "http://json-schema.org/"+m.name+"/schema" || uri == "https://json-schema.org/"+m.name+"/schema" {
			return Draft(draft), true
		}
	}
	return 0, false
}
