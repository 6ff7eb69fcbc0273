package schema

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/jsonschema"
)

// identity returns the $id of a schema as an event names it, "" without one.
func identity(source []byte) string {
	start, end, ok := rawjson.Find(source, "$id")
	if !ok || source[start] != '"' {
		return ""
	}
	return strings.TrimSuffix(string(rawjson.AppendUnquoted(nil, source[start:end])), "#")
}

// claim is which schema a document says it is.
type claim struct {
	uri     string // the name under which it may be used
	foreign string // the URI that it claims besides, "" if none: it must belong to nobody
}

// checkIdentity decides which schema a document is. It is used only under the name that it was asked for by, so that it can never stand in for
// another; one that calls itself by another's name, or is a meta-schema, is not used at all.
func checkIdentity(ref reference, source []byte) (claim, error) {
	id := identity(source)
	if ref.moving() {
		named, err := parseURI(id)
		if err != nil || named.moving() {
			return claim{}, fmt.Errorf("its $id %q is no version of %s", id, ref.title)
		}
		if named.title != ref.title {
			return claim{"/" + ref.title + "/" + named.version, named.uri}, nil
		}
		return claim{uri: named.uri}, nil
	}
	absolute := strings.HasPrefix(id, "http://") || strings.HasPrefix(id, "https://")
	if id == "" || id == ref.uri || absolute && strings.HasSuffix(id, ref.uri) {
		return claim{uri: ref.uri}, nil
	}
	if other, err := parseURI(id); err == nil && !other.moving() {
		return claim{ref.uri, other.uri}, nil
	}
	return claim{}, fmt.Errorf("its $id is %q: a schema must be called what its place is called", id)
}

// compile makes a Schema of a document. The error's text is for anybody.
func compile(uri string, source []byte, load func(uri string) ([]byte, error)) (*Schema, error) {
	validator, err := jsonschema.Compile(source, jsonschema.Options{Load: load})
	if err != nil {
		return nil, err
	}
	s := &Schema{
		URI:       uri,
		Version:   uri[strings.LastIndexByte(uri, '/')+1:],
		Title:     validator.Title(),
		Validator: validator,
		Source:    source,
		digest:    sha256.Sum256(source),
	}
	if start, end, ok := rawjson.Find(source, "examples"); ok && source[start] == '[' {
		for e := rawjson.NewElements(source[start:end]); e.Next(); {
			s.Examples = append(s.Examples, json.RawMessage(e.Value()))
		}
	}
	return s, nil
}

// publicReason is an error's text without any place of this machine.
func publicReason(err error) string {
	var schemaErr *jsonschema.SchemaError
	if errors.As(err, &schemaErr) {
		at := schemaErr.Pointer
		if at == "" {
			at = "/"
		}
		return "at " + at + ": " + schemaErr.Reason
	}
	return err.Error()
}
