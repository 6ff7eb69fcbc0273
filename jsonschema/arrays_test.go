package jsonschema

import "testing"

func TestArrays(t *testing.T) {
	runChecks(t, Options{}, []check{
		{`{"maxItems":1}`, `[1,2]`, "'' should NOT have more than 1 items"},
		{`{"minItems":1}`, `[]`, "'' should NOT have fewer than 1 items"},
		{`{"minItems":1}`, `{}`, ""},
		{`{"items":{"type":"string"}}`, `["a",1,null]`, "'[1]' should be string, '[2]' should be string"},
		{`{"items":[{"type":"string"},{"type":"number"}]}`, `["a",1,null]`, ""},
		{`{"items":[{"type":"string"},{"type":"number"}]}`, `[1,"a"]`, "'[0]' should be string, '[1]' should be number"},
		{`{"items":[true],"additionalItems":false}`, `[1,2]`, "'' should NOT have more than 1 items"},
		{`{"items":[true],"additionalItems":{"type":"null"}}`, `[1,2,null]`, "'[1]' should be null"},
		{`{"items":{},"additionalItems":false}`, `[1,2]`, ""},
		{`{"items":false}`, `[1]`, "'[0]' boolean schema is false"},
		{`{"contains":{"type":"string"}}`, `[1,"a"]`, ""},
		{`{"contains":{"type":"string"}}`, `[1,2]`, "'[0]' should be string, '[1]' should be string, '' should contain a valid item"},
		{`{"contains":{}}`, `[]`, "'' should contain a valid item"},
		{`{"items":[{"type":"string"}],"maxItems":1,"contains":{"const":3}}`, `[1,2]`,
			"'' should NOT have more than 1 items, '[0]' should be string, '[0]' should be equal to constant, '[1]' should be equal to constant, '' should contain a valid item"},
	})
}

func TestUniqueItems(t *testing.T) {
	const many = `0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20`
	runChecks(t, Options{}, []check{
		{`{"uniqueItems":true}`, `[1,2,"1",[1],{"a":1},null,true,false,0,""]`, ""},
		{`{"uniqueItems":false}`, `[1,1]`, ""},
		{`{"uniqueItems":true}`, `[1,1.0]`, "'' should NOT have duplicate items (items ## 0 and 1 are identical)"},
		{`{"uniqueItems":true}`, `[1,2,1,2,3]`, "'' should NOT have duplicate items (items ## 1 and 3 are identical)"},
		{`{"uniqueItems":true}`, `["a","\u0061"]`, "'' should NOT have duplicate items (items ## 0 and 1 are identical)"},
		{`{"uniqueItems":true}`, `[{"a":1,"b":[2]},{"b":[2e0],"\u0061":1}]`, "'' should NOT have duplicate items (items ## 0 and 1 are identical)"},
		{`{"uniqueItems":true}`, `[[1,2],[2,1]]`, ""},
		{`{"uniqueItems":true}`, `[[1],[1,1],[[1]]]`, ""},
		{`{"uniqueItems":true}`, `[` + many + `]`, ""},
		{`{"uniqueItems":true}`, `[` + many + `,7]`, "'' should NOT have duplicate items (items ## 7 and 21 are identical)"},
		// With scalar types ajv looks from the end for an element that it has seen, and skips those of other types.
		{`{"uniqueItems":true,"items":{"type":"integer"}}`, `[1,2,1,2,3]`, "'' should NOT have duplicate items (items ## 3 and 1 are identical)"},
		{`{"uniqueItems":true,"items":{"type":"string"}}`, `[1,1]`, "'[0]' should be string, '[1]' should be string"},
		{`{"uniqueItems":true,"items":{"type":["string","integer"]}}`, `["1",1]`, ""},
		{`{"uniqueItems":true,"items":{"type":"string"}}`, `["__proto__","__proto__"]`, ""},
		{`{"uniqueItems":true,"items":{"type":["string"]}}`, `["__proto__","__proto__"]`, "'' should NOT have duplicate items (items ## 1 and 0 are identical)"},
		{`{"uniqueItems":true}`, `["__proto__","__proto__"]`, "'' should NOT have duplicate items (items ## 0 and 1 are identical)"},
	})
}
