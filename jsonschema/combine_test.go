package jsonschema

import "testing"

func TestCombinators(t *testing.T) {
	runChecks(t, Options{}, []check{
		{`{"const":{"a":[1,"x"]}}`, `{"a":[1.0,"\u0078"]}`, ""},
		{`{"const":1}`, `"1"`, "'' should be equal to constant"},
		{`{"const":null}`, `null`, ""},
		{`{"enum":["a",1,true,null]}`, `1e0`, ""},
		{`{"enum":["a",1,true,null]}`, `"\u0061"`, ""},
		{`{"enum":["a",1,true,null]}`, `false`, "'' should be equal to one of the allowed values"},
		{`{"enum":["a","b","c","d","e","f","g","h","i","j"]}`, `"j"`, ""},
		{`{"enum":["a","b","c","d","e","f","g","h","i","j"]}`, `"k"`, "'' should be equal to one of the allowed values"},
		{`{"enum":[[1],{"b":2,"a":1}]}`, `{"a":1,"b":2}`, ""},
		{`{"enum":[[1],{"b":2,"a":1}]}`, `{"a":1}`, "'' should be equal to one of the allowed values"},
		{`{"not":{"type":"null"}}`, `null`, "'' should NOT be valid"},
		{`{"not":{}}`, `1`, "'' should NOT be valid"},
		{`{"not":{"type":"null"}}`, `1`, ""},
		{`{"anyOf":[{"type":"null"},{"minimum":2}]}`, `1`, "'' should be null, '' should be >= 2, '' should match some schema in anyOf"},
		{`{"anyOf":[{"type":"null"},{"minimum":2}]}`, `2`, ""},
		{`{"anyOf":[{"type":"null"},{"title":"anything"}]}`, `2`, ""},
		{`{"oneOf":[{"type":"number"},{"minimum":2}]}`, `1`, ""},
		{`{"oneOf":[{"type":"number"},{"minimum":2}]}`, `3`, "'' should match exactly one schema in oneOf"},
		{`{"oneOf":[{"type":"null"},{"minimum":2}]}`, `1`, "'' should be null, '' should be >= 2, '' should match exactly one schema in oneOf"},
		{`{"allOf":[{"type":"null"},{"minimum":2}]}`, `1`, "'' should be null, '' should be >= 2"},
		{`{"if":{"type":"number"},"then":{"minimum":2},"else":{"type":"string"}}`, `1`, `'' should be >= 2, '' should match "then" schema`},
		{`{"if":{"type":"number"},"then":{"minimum":2},"else":{"type":"string"}}`, `null`, `'' should be string, '' should match "else" schema`},
		{`{"if":{"type":"number"},"then":{"minimum":2}}`, `null`, ""},
		{`{"if":false}`, `null`, ""},
		{`{"if":true,"else":false}`, `null`, ""},
		{`{"enum":[1],"const":2,"not":{},"allOf":[false]}`, `3`,
			"'' should be equal to constant, '' should be equal to one of the allowed values, '' should NOT be valid, '' boolean schema is false"},
	})
}

func TestRefs(t *testing.T) {
	runChecks(t, Options{}, []check{
		{`{"$ref":"#/definitions/a","minimum":9,"definitions":{"a":{"type":"integer"}}}`, `1`, ""},
		{`{"type":"integer","$ref":"#/definitions/a","definitions":{"a":{"minimum":2}}}`, `1.5`, "'' should be integer, '' should be >= 2"},
		{`{"type":"string","minLength":1,"$ref":"#/definitions/a","definitions":{"a":{"minimum":2}}}`, `3`, ""},
		{`{"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}}}`, `{"next":{"next":{"v":"x"}}}`, "'.next.next.v' should be integer"},
		{`{"definitions":{"a%b":{"type":"null"}},"$ref":"#/definitions/a%25b"}`, `1`, "'' should be null"},
		{`{"definitions":{"x":{"$id":"#here","type":"null"}},"items":{"$ref":"#here"}}`, `[1]`, "'[0]' should be null"},
		{`{"$id":"http://x/base.json","definitions":{"x":{"$id":"other.json","definitions":{"y":{"type":"null"}}}},"$ref":"other.json#/definitions/y"}`, `1`, "'' should be null"},
		{`{"$id":"/a/1.0.0","properties":{"p":{"$id":"/fragment/1.0.0","type":"null"},"q":{"$id":"/fragment/1.0.0","type":"string"}}}`, `{"p":1,"q":1}`, "'.p' should be null, '.q' should be string"},
		{`{"$ref":"http://json-schema.org/draft-07/schema#"}`, `{"minLength":-1}`, "'.minLength' should be >= 0"},
		{`{"$ref":"https://json-schema.org/draft-04/schema"}`, `{"type":"nonsense"}`, "'.type' should be equal to one of the allowed values, '.type' should be array, '.type' should match some schema in anyOf"},
	})
	s, err := Compile([]byte(`{"properties":{"a":{"$ref":"#/definitions/a"},"b":{"$ref":"#/definitions/b"}},"definitions":{"a":{"type":"null"},"b":{"items":{"$ref":"#/definitions/b"},"type":"array"}}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	refused := s.Validate([]byte(`{"a":1,"b":[1]}`)).(*ValidationError)
	// What has no $ref of its own is put in place; what has is a function of its own.
	if a, b := refused.Errors[0].SchemaPath, refused.Errors[1].SchemaPath; a != "#/definitions/a/type" || b != "#/type" {
		t.Errorf("schema paths %s and %s", a, b)
	}
}
