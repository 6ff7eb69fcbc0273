package uiapi

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/schema"
)

func TestSchemasAreListedWithTheirVersions(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Schemas = testSchemas(t) })
	var all Schemas
	if status := f.ask(t, "GET", "/ui/api/schemas", "", &all); status != 200 || len(all.Schemas) != 3 {
		t.Fatalf("%d %+v", status, all)
	}
	note := all.Schemas[2]
	if note.Title != "note" || !slices.Equal(note.Versions, []string{"1.0.0", "1.1.0", "1.1.5"}) || !slices.Equal(note.Streams, []string{"notes", "late"}) {
		t.Errorf("%+v", note)
	}
	var one SchemaVersion
	if status := f.ask(t, "GET", "/ui/api/schema?title=note&version=1.0.0", "", &one); status != 200 {
		t.Fatalf("status %d", status)
	}
	if one.URI != "/note/1.0.0" || one.Description != "A note." || len(one.Fields) != 12 || !strings.Contains(one.YAML, "title: note\n") || !json.Valid([]byte(one.Document)) {
		t.Errorf("%+v", one)
	}
	for path, status := range map[string]int{
		"schema?title=nothing": 404, "schema?title=note&version=9.9.9": 404, "schema?title=broken": 422, "schema?title=../x": 400, "schema": 400,
		"schema/diff?title=note&from=1.0.0&to=9.9.9": 404, "schema.json?title=note&version=1.0.0": 200, "schema.yaml?title=no": 404,
	} {
		if got := f.ask(t, "GET", "/ui/api/"+path, "", &json.RawMessage{}); got != status {
			t.Errorf("%s: status %d, want %d", path, got, status)
		}
	}
	w := httptest.NewRecorder()
	f.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/ui/api/schema.yaml?title=note&version=1.1.0", nil))
	if !strings.HasPrefix(w.Body.String(), "title: note\n") || w.Header().Get("Content-Type") != "text/yaml; charset=utf-8" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}

func TestFieldsOfASchema(t *testing.T) {
	var got []string
	for _, f := range fieldsOf([]byte(`{"required":["b"],"allOf":[{"properties":{"a":{"type":"number"}}},{"required":["x"],"properties":{"x":{}}}],"properties":{
		"b":{"type":["string","null"],"enum":["x",null],"default":"x","examples":[1]},"a":{"type":"integer","minimum":0},
		"l":{"type":"array","items":{"type":"array","items":{"type":"object","properties":{"in":{"type":"string"}},"additionalProperties":false}}},
		"m":{"additionalProperties":{"type":"object","properties":{"c.d":true}}}}}`)) {
		rules, err := json.Marshal(f.Rules)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %v %s", f.Path, f.Type, f.Required, rules))
	}
	want := []string{
		`a integer false {"minimum":0}`, `x  true null`, `b string|null true {"enum":["x",null]}`, `l array false null`, `l[] array false null`,
		`l[][] object false {"additionalProperties":false}`, `l[][].in string false null`, `m  false null`, `m.* object false null`, `m.*.c.d  false null`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	deep := strings.Repeat(`{"properties":{"a":`, 1000) + "{}" + strings.Repeat("}}", 1000)
	if n := len(fieldsOf([]byte(deep))); n != deepest+1 {
		t.Errorf("%d fields of a deep schema", n)
	}
	if n := len(fieldsOf([]byte(`{"properties":[1],"required":3}`))); n != 0 {
		t.Errorf("%d fields of nonsense", n)
	}
}

func TestChangesBetweenVersions(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"nothing", `{"a":{"type":"string"}}`, `{"a":{"type":"string"}}`, ""},
		{"added", `{}`, `{"a":{"type":"string"}}`, "added a string"},
		{"added and required", `{}`, `{"a":{"type":"string"}},"required":["a"]`, "added a string!"},
		{"required in what is optional and new", `{}`, `{"o":{"type":"object","required":["a"],"properties":{"a":{}}}}`, "added o object, added o.a "},
		{"required in what was there", `{"o":{"type":"object"}}`, `{"o":{"type":"object","required":["a"],"properties":{"a":{}}}}`, "added o.a !"},
		{"removed", `{"a":{"type":"string"}}`, `{}`, "removed a string!"},
		{"type", `{"a":{"type":"string"}}`, `{"a":{"type":"integer"}}`, `changed a type "string"→"integer"!`},
		{"required", `{"a":{}}`, `{"a":{}},"required":["a"]`, "changed a required false→true!"},
		{"not required any more", `{"a":{}},"required":["a"]`, `{"a":{}}`, "changed a required true→false!"},
		{"longer", `{"a":{"maxLength":1}}`, `{"a":{"maxLength":2}}`, "changed a maxLength 1→2"},
		{"shorter", `{"a":{"maxLength":2}}`, `{"a":{"maxLength":1}}`, "changed a maxLength 2→1!"},
		{"bounded", `{"a":{}}`, `{"a":{"minimum":1}}`, "changed a minimum →1!"},
		{"less", `{"a":{"minimum":2}}`, `{"a":{"minimum":1}}`, "changed a minimum 2→1"},
		{"unbounded", `{"a":{"minimum":2}}`, `{"a":{}}`, "changed a minimum 2→"},
		{"more values", `{"a":{"enum":[1]}}`, `{"a":{"enum":[2, 1]}}`, "changed a enum [1]→[2,1]"},
		{"fewer values", `{"a":{"enum":[1,2]}}`, `{"a":{"enum":[2]}}`, "changed a enum [1,2]→[2]!"},
		{"values at all", `{"a":{}}`, `{"a":{"enum":[2]}}`, "changed a enum →[2]!"},
		{"pattern", `{"a":{"pattern":"a"}}`, `{"a":{"pattern":"b"}}`, `changed a pattern "a"→"b"!`},
		{"closed", `{"a":{"type":"object"}}`, `{"a":{"type":"object","additionalProperties":false}}`, "changed a additionalProperties →false!"},
		{"description", `{"a":{"description":"x"}}`, `{"a":{"description":"y"}}`, `changed a description "x"→"y"`},
		{"default", `{"a":{"default":1}}`, `{"a":{"default": 2}}`, `changed a default 1→2`},
		{"space", `{"a":{"enum":[1,2]}}`, `{"a":{"enum":[ 1, 2 ]}}`, ""},
	} {
		var got []string
		for _, c := range changes(fieldsOf([]byte(`{"properties":`+tt.from+`}`)), fieldsOf([]byte(`{"properties":`+tt.to+`}`))) {
			s := string(c.Kind) + " " + c.Path + " " + c.Type
			if c.Kind == Changed {
				s = fmt.Sprintf("%s %s %s %s→%s", c.Kind, c.Path, c.What, compact(c.Was), compact(c.Is))
			}
			if c.Breaking {
				s += "!"
			}
			got = append(got, s)
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, strings.Join(got, ", "), tt.want)
		}
	}
}

func TestADiffTellsWhetherVersionsAreCompatible(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Schemas = testSchemas(t) })
	var d Diff
	if status := f.ask(t, "GET", "/ui/api/schema/diff?title=note&from=1.0.0&to=1.1.0", "", &d); status != 200 || !d.Compatible || len(d.Changes) != 1 || d.Changes[0].Path != "text" {
		t.Errorf("%d %+v", status, d)
	}
}

// What is written as YAML is read as the JSON that it was.
func TestYAMLIsReadAsTheSame(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `1.0`, `"a b"`, `null`, `{"a":{},"b":[],"c":[[1,[2]],[{}],{"d":[{"e":1,"f":{"g":null}}]}]}`, `[[[]],[{"a":1},{"b":[1]}]]`,
		`{"yes":"no","on":"off","null":"~","1":"1","- a":"# b","a: b":"c: d","":"","é":"\u00e9\n\"","emoji":"\ud83d\ude00","t":"true","d":"2020-01-01","x":"a #b","$id":"/a/1.0.0","s":"a "}`,
		`{"deep":` + strings.Repeat(`{"a":[`, 50) + `1` + strings.Repeat(`]}`, 50) + `}`,
	} {
		yaml := appendYAML(nil, []byte(text))
		back, err := schema.ToJSON(yaml)
		if err != nil {
			t.Errorf("%s is written as\n%s\nwhich cannot be read: %v", text, yaml, err)
			continue
		}
		var got, want any
		if json.Unmarshal(back, &got) != nil || json.Unmarshal([]byte(text), &want) != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is written as\n%s\nwhich is read as %s", text, yaml, back)
		}
	}
}

func TestExamplesAndFieldsOfStreams(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Schemas = testSchemas(t) })
	var e ExampleEvent
	status := f.ask(t, "GET", "/ui/api/example?stream=old.notes", "", &e)
	if status != 200 || !strings.Contains(e.Event, `"stream":"notes"`) || strings.Contains(e.Event, "2019") || !strings.Contains(e.Event, `"n":1.0`) {
		t.Errorf("example: %d %+v", status, e)
	}
	if status := f.ask(t, "GET", "/ui/api/example?stream=eventgate.error.validation", "", nil); status != 404 {
		t.Errorf("example without one: %d", status)
	}
	var fields Fields
	if status := f.ask(t, "GET", "/ui/api/fields?streams=eventgate.error.validation,bare", "", &fields); status != 200 || len(fields.Fields) != 5 || fields.Fields[2].Path != "meta.stream" {
		t.Errorf("fields: %d %+v", status, fields)
	}
	if status := f.ask(t, "GET", "/ui/api/fields?streams=nothing", "", nil); status != 404 {
		t.Errorf("fields of no stream: %d", status)
	}
}
