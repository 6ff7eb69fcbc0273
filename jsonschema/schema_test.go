package jsonschema

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

func TestSchemaQueries(t *testing.T) {
	s, err := Compile([]byte(`{"$id":"/a/1.0.0","title":"a","type":"object","properties":{"meta":{"type":"object","properties":{"id":{"type":"string"}}},
		"map":{"type":"object","additionalProperties":{"type":"string"}},"closed":{"type":"object","additionalProperties":false},"any":{},
		"ref":{"$ref":"#/definitions/r"},"list":{"type":["object","null"]}},"definitions":{"r":{"type":"object","properties":{"x":{}}}}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.ID() != "/a/1.0.0" || s.Title() != "a" || s.HasDefaults() {
		t.Errorf("id %q, title %q, defaults %v", s.ID(), s.Title(), s.HasDefaults())
	}
	for path, want := range map[string][2]bool{"": {true, true}, "meta": {true, true}, "meta.id": {true, false}, "meta.x": {false, false}, "map": {true, true}, "map.x": {false, false},
		"closed": {true, false}, "any": {true, false}, "ref": {true, true}, "ref.x": {true, false}, "list": {true, true}, "nothing": {false, false}} {
		names := strings.Split(path, ".")
		if path == "" {
			names = nil
		}
		if got := [2]bool{s.Declares(names...), s.OpenMap(names...)}; got != want {
			t.Errorf("%q: declared, open = %v, want %v", path, got, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	for _, test := range []struct{ schema, event, after string }{
		{`{"properties":{"a":{"default":1}}}`, `{}`, `{"a":1}`},
		{`{"properties":{"a":{"default":1}}}`, ` { } `, ` { "a":1} `},
		{`{"properties":{"a":{"default":1},"b":{"default":[1.0]}}}`, `{"c":0 }`, `{"c":0 ,"a":1,"b":[1.0]}`},
		{`{"properties":{"a":{"default":1}}}`, `{"a":null}`, `{"a":null}`},
		{`{"properties":{"a":{"default":1}}}`, `{"\u0061":null}`, `{"\u0061":null}`},
		{`{"properties":{"a":{"default":1}}}`, `[]`, `[]`},
		{`{"properties":{"a":{"properties":{"b":{"default":1}}}}}`, `{}`, `{}`},
		{`{"properties":{"a":{"properties":{"b":{"default":1}}}}}`, `{"a":{},"x":{}}`, `{"a":{"b":1},"x":{}}`},
		{`{"properties":{"a":{"default":{},"properties":{"b":{"default":"é\""}}}}}`, `{}`, `{"a":{"b":"é\""}}`},
		{`{"items":{"properties":{"b":{"default":1}}}}`, `[{},1,{"b":2}]`, `[{"b":1},1,{"b":2}]`},
		{`{"additionalProperties":{"properties":{"b":{"default":1}}}}`, `{"x":{},"y":{"z":0}}`, `{"x":{"b":1},"y":{"z":0,"b":1}}`},
		{`{"definitions":{"d":{"properties":{"b":{"default":1}}}},"$ref":"#/definitions/d"}`, `{}`, `{"b":1}`},
		{`{"items":[{},{"default":2}]}`, `[]`, `[null,2]`},
		{`{"items":[{},{"default":2}]}`, `[1]`, `[1,2]`},
		{`{"allOf":[{"properties":{"a":{"default":1}}},{"properties":{"a":{"default":2}}}]}`, `{}`, `{"a":1}`},
		{`{"anyOf":[{"properties":{"a":{"default":1}}}],"properties":{"b":{"default":1}}}`, `{}`, `{"b":1}`},
		{`{"not":{"properties":{"a":{"default":1}}}}`, `{}`, `{}`},
		{`{"properties":{"a":{"default":5,"maximum":1}}}`, `{}`, `{"a":5}`},
	} {
		s, err := Compile([]byte(test.schema), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.schema, err)
			continue
		}
		ins, err := s.Defaults([]byte(test.event), nil)
		if got := string(rawjson.Splice(nil, []byte(test.event), ins)); err != nil || got != test.after {
			t.Errorf("%s: %s became %s, want %s (%v)", test.schema, test.event, got, test.after, err)
		}
	}
	runChecks(t, Options{}, []check{
		{`{"required":["a"],"properties":{"a":{"default":1}}}`, `{}`, ""},
		{`{"required":["a"],"properties":{"a":{"type":"integer","default":1}},"maxProperties":1}`, `{"b":1}`, "'' should NOT have more than 1 properties"},
		{`{"required":["a"],"properties":{"a":{"type":"integer","default":1}},"minProperties":2}`, `{"b":1}`, ""},
		// A default that its own schema refuses does not refuse an event.
		{`{"properties":{"a":{"default":5,"maximum":1}}}`, `{}`, ""},
		{`{"required":["a"],"properties":{"a":{"default":5,"maximum":1}}}`, `{}`, "'' should have required property 'a'"},
	})
	s, err := Compile([]byte(`{"properties":{"a":{"default":1}}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Defaults([]byte(`{`), nil); err == nil {
		t.Error("no error for what is not JSON")
	}
}

func TestSchemaErrors(t *testing.T) {
	for schema, want := range map[string]string{
		`{`:                       "schema #: not JSON: unexpected end of the text in an object at byte 1",
		`1`:                       "schema #: a schema is an object or a boolean",
		`{"$schema":"http://x/"}`: `schema #/$schema: unknown meta-schema "http://x/": known are draft-04, draft-06 and draft-07 of http://json-schema.org/`,
		`{"properties":{"a/b":{"type":"strin"}}}`: "schema #/properties/a~1b/type: should be equal to one of the allowed values (enum of the meta-schema of draft-07)",
		`{"minLength":-1}`:                        "schema #/minLength: should be >= 0 (minimum of the meta-schema of draft-07)",
		`{"required":["a","a"]}`:                  "schema #/required: should NOT have duplicate items (items ## 1 and 0 are identical) (uniqueItems of the meta-schema of draft-07)",
		`{"items":[]}`:                            "schema #/items: should be object,boolean (type of the meta-schema of draft-07)",
		`{"pattern":"("}`:                         `schema #/pattern: should match format "regex" (format of the meta-schema of draft-07)`,
		`{"patternProperties":{"(":{}}}`:          `schema #/patternProperties: should match format "regex" (format of the meta-schema of draft-07)`,
		`{"$ref":"#/definitions/a"}`:              `schema #: $ref "#/definitions/a" names nothing: there is no /definitions`,
		`{"items":{"$ref":"#a"}}`:                 `schema #/items: $ref "#a" names nothing: no schema has the $id "#a"`,
		`{"items":{"$ref":"http://x/y"}}`:         `schema #/items: $ref "http://x/y" is outside the schema`,
		`{"$ref":"#"}`:                            "schema #: the schema refers back to itself for the same value: it can never be decided",
		`{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}},"$ref":"#/definitions/a"}`: `schema #/definitions/b: $ref "#/definitions/b" leads in a circle`,
		`{"properties":{"a":{"default":{},"$ref":"#"}}}`:                                                           "",
		`{"properties":{"a":{"default":{},"allOf":[{"$ref":"#"}]}}}`:                                               `schema #: the default of "a" fills in defaults without end`,
		`{"$schema":"http://json-schema.org/draft-04/schema#","exclusiveMaximum":1}`:                               "schema #: should have property maximum when property exclusiveMaximum is present (dependencies of the meta-schema of draft-04)",
		`{"$schema":"http://json-schema.org/draft-06/schema#","items":5}`:                                          "schema #/items: should be object,boolean (type of the meta-schema of draft-06)",
	} {
		_, err := Compile([]byte(schema), Options{})
		got := ""
		if err != nil {
			got = err.Error()
			var se *SchemaError
			if !errors.As(err, &se) {
				t.Errorf("%s: a %T", schema, err)
			}
		}
		if want == "" && got != "" && !strings.Contains(got, "without end") || want != "" && !strings.HasPrefix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", schema, got, want)
		}
	}
	_, err := Compile([]byte(`{"$ref":"http://x/y"}`), Options{Load: func(string) ([]byte, error) { return nil, os.ErrNotExist }})
	if !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestHostileSchemas sees that schemas that are made to cost much are refused, or cheap after all.
func TestHostileSchemas(t *testing.T) {
	doubling := func(keyword string, n int) string {
		var s strings.Builder
		s.WriteString(`{"$ref":"#/definitions/d0","definitions":{`)
		for i := range n {
			fmt.Fprintf(&s, `"d%d":{%q:[{"$ref":"#/definitions/d%d"},{"$ref":"#/definitions/d%d"}]},`, i, keyword, i+1, i+1)
		}
		fmt.Fprintf(&s, `"d%d":{"type":"null"}}}`, n)
		return s.String()
	}
	chain := func(n int) string {
		var s strings.Builder
		s.WriteString(`{"$ref":"#/definitions/d0","definitions":{`)
		for i := range n {
			fmt.Fprintf(&s, `"d%d":{"allOf":[{"$ref":"#/definitions/d%d"}]},`, i, i+1)
		}
		fmt.Fprintf(&s, `"d%d":{}}}`, n)
		return s.String()
	}
	enum := func(n int) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, `"value %d",`, i)
		}
		return `{"enum":[` + s.String() + `null]}`
	}
	for name, test := range map[string]struct{ schema, want string }{
		"nested deep":      {strings.Repeat(`{"items":`, 1000) + "{}" + strings.Repeat("}", 1000), "nested deeper than 256"},
		"nested deeper":    {strings.Repeat(`{"not":`, 100_000), "not JSON"},
		"doubling allOf":   {doubling("allOf", 30), "more than 10000 subschemas apply to the same value"},
		"doubling anyOf":   {doubling("anyOf", 20), "more than 10000 subschemas apply to the same value"},
		"a chain of $refs": {chain(5000), "$refs and combinators are nested deeper than 64"},
		"a long enum":      {enum(100_001), "enum has more than 100000 values"},
		"a 17 MB schema":   {`{"title":"` + strings.Repeat("x", 17<<20) + `"}`, "larger than"},
		"a long pattern":   {`{"pattern":"` + strings.Repeat("a", 70_000) + `"}`, ""},
		"repeated repeats": {`{"pattern":"^((((a{1,900}){1,900}){1,900}){1,900})$"}`, ""},
		"many subschemas":  {`{"items":[` + strings.Repeat(`{"type":"null"},`, 100_001) + `{}]}`, "more than 100000 subschemas"},
		"a far multipleOf": {`{"multipleOf":1e-100000000}`, "beyond"},
	} {
		start := time.Now()
		s, err := Compile([]byte(test.schema), Options{})
		switch {
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %s", name, err, test.want)
		case err == nil:
			s.Valid([]byte(`"` + strings.Repeat("a", 100_000) + `"`))
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// TestHostileEvents sees that events that are made to cost much end.
func TestHostileEvents(t *testing.T) {
	multiplying := `{"anyOf":[{"items":{"$ref":"#"},"maxItems":0},{"items":{"$ref":"#"},"maxItems":0}]}`
	s, err := Compile([]byte(multiplying), Options{})
	if err != nil {
		t.Fatal(err)
	}
	deep := []byte(strings.Repeat("[", 40) + "1" + strings.Repeat("]", 40))
	if s.Valid(deep) {
		t.Error("valid")
	}
	if err := s.Validate(deep); !errors.Is(err, ErrTooCostly) {
		t.Errorf("%.100v", err)
	}
	// Patterns that backtrack, again and again.
	s, err = Compile([]byte(`{"items":{"pattern":"^(?=a)(a+)+$"}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if event := []byte("[" + strings.Repeat(`"`+strings.Repeat("a", 100)+`!",`, 1000) + `""]`); !errors.Is(s.Validate(event), ErrTooCostly) {
		t.Error("a thousand texts on which a pattern backtracks are not too costly")
	}
	// Every level reads all that is inside once more.
	s, err = Compile([]byte(strings.Repeat(`{"allOf":[`, 60)+`{"items":{"$ref":"#"}}`+strings.Repeat("]}", 60)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if event := []byte(strings.Repeat("[", 4000) + strings.Repeat("1,", 500_000) + "1" + strings.Repeat("]", 4000)); !errors.Is(s.Validate(event), ErrTooCostly) {
		t.Error("reading half a million numbers a quarter million times is not too costly")
	}
	s, err = Compile([]byte(`{"uniqueItems":true,"items":{"items":{"type":"string"}}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Valid([]byte(strings.Repeat(`[[1],`, 2000) + "1" + strings.Repeat("]", 2000)))
	many := []byte("[" + strings.Repeat("[1],", 200_000) + "2]")
	refused, ok := s.Validate(many).(*ValidationError)
	if !ok || len(refused.Errors) != maxErrors {
		t.Errorf("%d errors are listed", len(refused.Errors))
	}
	if s.Valid([]byte(strings.Repeat("[", 5000))) || s.Valid([]byte(strings.Repeat(`{"a":`, 5000))) {
		t.Error("valid")
	}
}
