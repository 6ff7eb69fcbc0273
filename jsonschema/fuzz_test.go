package jsonschema

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

var fuzzSchemas = []string{
	`{"type":"object","required":["a"],"properties":{"a":{"type":"string","maxLength":3,"format":"date-time"},"b":{"enum":[1,"x",null]}},"additionalProperties":{"type":"integer","maximum":9007199254740991}}`,
	`{"properties":{"a":{"default":{"b":1},"properties":{"b":{"default":2}}}},"patternProperties":{"^a":{"minLength":1}},"propertyNames":{"maxLength":5}}`,
	`{"anyOf":[{"items":{"$ref":"#"},"uniqueItems":true},{"type":["string","null"],"pattern":"^(?!x)"}],"not":{"const":{"a":1}}}`,
	`{"items":[{"multipleOf":0.1},{"default":3}],"additionalItems":false,"contains":{"type":"number"},"if":{"minItems":2},"then":{"maxItems":2}}`,
}

// FuzzValidate checks that all answers about an event agree, for some schemas.
func FuzzValidate(f *testing.F) {
	var schemas []*Schema
	for _, text := range fuzzSchemas {
		s, err := Compile([]byte(text), Options{})
		if err != nil {
			f.Fatal(err)
		}
		schemas = append(schemas, s)
	}
	for _, event := range []string{`{"a":"abc","b":1,"c":5}`, `{"a":{}}`, `[1,"x",[null,null],{"a":1}]`, `[0.3]`, `{"a":1,"\u0061":2}`, `"x"`, `[[[]]]`, `1e1000`, `{"a":"2020-02-20T20:02:20Z"}`} {
		f.Add([]byte(event))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		if len(event) > 1<<12 {
			return
		}
		for _, s := range schemas {
			consistent(t, s, event)
			if s.Valid(event) && (!json.Valid(event) || !utf8.Valid(event)) {
				t.Fatalf("%q is valid", event)
			}
		}
	})
}

// FuzzCompile checks that every schema is refused or gives a validator whose answers agree.
func FuzzCompile(f *testing.F) {
	for _, text := range fuzzSchemas {
		f.Add([]byte(text), []byte(`{"a":[1]}`))
	}
	for _, text := range []string{`{"$ref":"#/definitions/a","definitions":{"a":{"$id":"x","type":"null"}}}`, `{"$id":"http://x/a","items":{"$id":"b","$ref":"a#"}}`, `true`,
		`{"dependencies":{"a":["b"],"c":{"minProperties":2}},"oneOf":[{},{"required":["a"]}]}`, `{"$schema":"http://json-schema.org/draft-04/schema#","maximum":1,"exclusiveMaximum":true}`,
		`{"pattern":"(a|b)\\1[^\\d-x]{2,}$","format":"regex"}`} {
		f.Add([]byte(text), []byte(`{"a":1,"c":"x"}`))
	}
	f.Fuzz(func(t *testing.T, schema, event []byte) {
		if len(schema) > 1<<12 || len(event) > 1<<10 {
			return
		}
		s, err := Compile(schema, Options{UnknownFormats: UnknownFormatsIgnore})
		if err != nil {
			_ = err.Error()
			return
		}
		consistent(t, s, event)
	})
}
