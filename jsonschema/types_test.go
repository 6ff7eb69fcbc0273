package jsonschema

import "testing"

func TestTypes(t *testing.T) {
	runChecks(t, Options{}, []check{
		{`{"type":"integer"}`, `1.0`, ""},
		{`{"type":"integer"}`, `1e2`, ""},
		{`{"type":"integer"}`, `-0`, ""},
		{`{"type":"integer"}`, `12345678901234567890123`, ""},
		{`{"type":"integer"}`, `1e-400`, "'' should be integer"},
		{`{"type":"integer"}`, `9007199254740993.5`, "'' should be integer"},
		{`{"type":"integer"}`, `"1"`, "'' should be integer"},
		{`{"type":"number"}`, `1e999`, ""},
		{`{"type":["string","null"]}`, `null`, ""},
		{`{"type":["string","null"]}`, `false`, "'' should be string,null"},
		{`{"type":["string"]}`, `false`, "'' should be string"},
		{`{"type":"boolean"}`, `0`, "'' should be boolean"},
		{`{"type":"null"}`, `{}`, "'' should be null"},
		{`{"type":"object"}`, `[]`, "'' should be object"},
		{`{"type":"array"}`, `{}`, "'' should be array"},
		// A type is reported when the turn of its group of keywords comes, if the schema has any; else first.
		{`{"type":"object","required":["a"],"maxLength":1}`, `"xy"`, "'' should NOT be longer than 1 characters, '' should be object"},
		{`{"type":"object","maxLength":1}`, `"xy"`, "'' should be object, '' should NOT be longer than 1 characters"},
		{`{"type":"integer","enum":[1]}`, `"x"`, "'' should be integer, '' should be equal to one of the allowed values"},
		{`{"type":"string","minLength":1,"enum":["a"]}`, `1`, "'' should be string, '' should be equal to one of the allowed values"},
		{`true`, `1`, ""},
		{`false`, `1`, "'' boolean schema is false"},
		{`{"properties":{"a":false}}`, `{"a":1}`, "'.a' boolean schema is false"},
	})
}
