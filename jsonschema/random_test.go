package jsonschema

import (
	"encoding/json"
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// drawn makes random schemas and instances that often have to do with each other: from few names, numbers and texts.
type drawn struct {
	t    *rapid.T
	refs bool // use $ref and definitions
	// plain leaves out what the oracles of the tests do not agree about.
	plain bool
}

var (
	drawnNames   = []string{"a", "b", "c", "a-b", "it's", "2", "10", "é\n", "long_name_of_a_property"}
	drawnNumbers = []string{"0", "1", "2", "3", "-1", "1.5", "1.0", "2e0", "100", "0.5", "-0"}
	drawnTexts   = []string{`""`, `"a"`, `"ab"`, `"abc"`, `"b1"`, `"\u0061"`, `"😀"`, `"2020-02-30T29:00:00Z"`, `"2020-02-20T09:00:00Z"`, `"a b"`}
)

func (d drawn) pick(list ...string) string { return rapid.SampledFrom(list).Draw(d.t, "pick") }
func (d drawn) int(low, high int) int      { return rapid.IntRange(low, high).Draw(d.t, "int") }

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (d drawn) instance(depth int) string {
	kind := d.int(0, 9)
	if depth == 0 {
		kind %= 5
	}
	switch kind {
	case 0, 1:
		return d.pick(drawnNumbers...)
	case 2, 3:
		return d.pick(drawnTexts...)
	case 4:
		return d.pick("true", "false", "null")
	case 5, 6:
		var elems []string
		for range d.int(0, 4) {
			elems = append(elems, d.instance(depth-1))
		}
		return "[" + strings.Join(elems, ",") + "]"
	}
	var members []string
	seen := map[string]bool{}
	for range d.int(0, 5) {
		if name := d.pick(drawnNames...); !seen[name] {
			seen[name] = true
			members = append(members, quoted(name)+":"+d.instance(depth-1))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// root draws a whole schema.
func (d drawn) root(depth int) string {
	s := d.schema(depth)
	if !d.refs || s[0] != '{' {
		return s
	}
	definitions := `"definitions":{"x":` + d.schema(1) + `,"y":` + d.schema(1) + "}"
	if s == "{}" {
		return "{" + definitions + "}"
	}
	return "{" + definitions + "," + s[1:]
}

func (d drawn) schema(depth int) string {
	switch d.int(0, 19) {
	case 0:
		return d.pick("true", "false", "{}")
	case 1, 2:
		if d.refs {
			return `{"$ref":"` + d.pick("#/definitions/x", "#/definitions/y") + `"}`
		}
	}
	var keywords []string
	seen := map[string]bool{}
	for range d.int(1, 5) {
		keyword, value := d.keyword(depth)
		if keyword != "" && !seen[keyword] {
			seen[keyword] = true
			keywords = append(keywords, quoted(keyword)+":"+value)
		}
	}
	return "{" + strings.Join(keywords, ",") + "}"
}

func (d drawn) keyword(depth int) (keyword, value string) {
	if depth == 0 {
		switch d.int(0, 16) {
		case 0, 1, 2:
			return "type", d.pick(`"number"`, `"integer"`, `"string"`, `"array"`, `"object"`, `"boolean"`, `"null"`)
		case 3:
			return "type", d.pick(`["string","null"]`, `["integer","object"]`, `["array"]`, `["number","boolean"]`)
		case 4:
			return d.pick("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"), d.pick("0", "1", "1.5", "2", "1e1")
		case 5:
			return "multipleOf", d.pick("1", "2", "0.5", "1.5")
		case 6:
			return d.pick("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), d.pick("0", "1", "2", "3")
		case 7:
			return "pattern", d.pick(`"^a"`, `"b$"`, `"^[^b]+$"`, `"\\d"`, `"^.$"`, `"^(?!a)"`)
		case 8:
			if d.plain {
				return "", ""
			}
			return "format", d.pick(`"date-time"`, `"uri-reference"`, `"email"`, `"uuid"`)
		case 9:
			return "uniqueItems", d.pick("true", "false")
		case 10:
			return "required", d.pick(`["a"]`, `["a","b"]`, `["it's","c"]`, `[]`)
		case 11:
			return "const", d.instance(1)
		case 12:
			return "enum", d.pick(`[1,"a",null]`, `["ab",[1],{"a":1}]`, `[true,2]`, `["2020-02-20T09:00:00Z","abc"]`)
		case 13:
			return "additionalProperties", "false"
		case 14:
			return "additionalItems", "false"
		case 15:
			return "title", `"x"`
		}
		if d.plain {
			return "", ""
		}
		return "default", d.instance(1)
	}
	switch d.int(0, 20) {
	case 0, 1, 2, 3, 4:
		return "properties", d.schemas(depth, drawnNames)
	case 5:
		return "patternProperties", d.schemas(depth, []string{"^a", "b", "^.$", "[0-9]"})
	case 6:
		return "additionalProperties", d.schema(depth - 1)
	case 7:
		return "propertyNames", d.schema(0)
	case 8:
		return "dependencies", fmt.Sprintf(`{"a":["b","c"],"b":%s,"it's":["a"]}`, d.schema(depth-1))
	case 9, 10:
		return "items", d.schema(depth - 1)
	case 11:
		return "items", "[" + d.schema(depth-1) + "," + d.schema(depth-1) + "]"
	case 12:
		return "additionalItems", d.schema(depth - 1)
	case 13:
		return "contains", d.schema(depth - 1)
	case 14:
		return "not", d.schema(depth - 1)
	case 15, 16:
		return d.pick("anyOf", "oneOf", "allOf"), "[" + d.schema(depth-1) + "," + d.schema(depth-1) + "]"
	case 17:
		return "if", d.schema(depth - 1)
	case 18:
		return d.pick("then", "else"), d.schema(depth - 1)
	}
	return d.keyword(0)
}

func (d drawn) schemas(depth int, names []string) string {
	var members []string
	seen := map[string]bool{}
	for range d.int(1, 4) {
		if name := d.pick(names...); !seen[name] {
			seen[name] = true
			members = append(members, quoted(name)+":"+d.schema(depth-1))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}
