package jsonschema

import (
	"fmt"
	"strings"
	"testing"
)

func TestObjects(t *testing.T) {
	runChecks(t, Options{}, []check{
		{`{"required":["a","b'c"]}`, `{}`, "'' should have required property 'a', '' should have required property 'b'c'"},
		{`{"required":["toString","__proto__"]}`, `{}`, "'' should have required property 'toString', '' should have required property '__proto__'"},
		// Those with a schema of their own come when that schema's turn comes.
		{`{"required":["a","b","c"],"properties":{"b":{"type":"null"},"c":{},"a":{"type":"null"}}}`, `{"x":1}`,
			"'' should have required property 'c', '' should have required property 'b', '' should have required property 'a'"},
		{`{"maxProperties":1}`, `{"a":1,"b":2}`, "'' should NOT have more than 1 properties"},
		{`{"maxProperties":1}`, `{"a":1,"a":2}`, ""},
		{`{"minProperties":2}`, `{"a":1,"a":2}`, "'' should NOT have fewer than 2 properties"},
		{`{"properties":{"a-b":{"type":"null"},"it's\n":{"type":"null"},"_$x9":{"type":"null"}}}`, `{"a-b":1,"it's\n":1,"_$x9":1}`,
			`'['a-b']' should be null, '['it\'s\n']' should be null, '._$x9' should be null`},
		// Names that look like array indices come first, in the schema and in the event.
		{`{"properties":{"b":{"type":"null"},"10":{"type":"null"},"9":{"type":"null"}}}`, `{"b":1,"10":1,"9":1}`,
			"'['9']' should be null, '['10']' should be null, '.b' should be null"},
		{`{"additionalProperties":false}`, `{"b":1,"2":1,"1":1,"01":1}`, strings.Repeat("'' should NOT have additional properties, ", 3) + "'' should NOT have additional properties"},
		{`{"additionalProperties":{"type":"null"},"properties":{"a":{}}}`, `{"it's":1,"a":1,"\u0061b":null}`, "'['it's']' should be null"},
		{`{"additionalProperties":false,"patternProperties":{"^x":{"type":"null"}},"properties":{"x1":{"maximum":0}}}`, `{"x1":1,"x2":1,"y":1}`,
			"'' should NOT have additional properties, '.x1' should be <= 0, '['x1']' should be null, '['x2']' should be null"},
		{`{"patternProperties":{"a":{"type":"number"},"b":{"maximum":1}}}`, `{"\u0061b":2,"b":1}`, "'['ab']' should be <= 1"},
		{`{"propertyNames":{"maxLength":2,"pattern":"^a"}}`, `{"abc":1,"b":1,"ab":1}`,
			"'' should NOT be longer than 2 characters, '' property name 'abc' is invalid, '' should match pattern \"^a\", '' property name 'b' is invalid"},
		{`{"dependencies":{"a":["b"],"c":{"required":["d"]},"e":["f","g"]}}`, `{"a":1,"c":1,"e":1,"f":1}`,
			"'' should have property b when property a is present, '' should have properties f, g when property e is present, '' should have required property 'd'"},
		{`{"dependencies":{"a":["b"]}}`, `{"b":1}`, ""},
		{`{"properties":{"\u0061\"":{"type":"null"}}}`, `{"a\u0022":1}`, `'['a"']' should be null`},
		{`{"properties":{"":{"type":"null"}}}`, `{"":1}`, `'['']' should be null`},
	})
}

func TestErrorDetails(t *testing.T) {
	s, err := Compile([]byte(`{"properties":{"a/b":{"items":{"enum":[1,"x",{"10":1,"2":1.0}]}},"$m":{"propertyNames":{"maxLength":1}}}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	refused, ok := s.Validate([]byte(`{"a/b":[1,2],"$m":{"xy":1}}`)).(*ValidationError)
	if !ok || len(refused.Errors) != 3 {
		t.Fatal(refused)
	}
	for i, want := range []string{
		`{enum ['a/b'][1] #/properties/a~1b/items/enum {"allowedValues":[1,"x",{"2":1,"10":1}]} should be equal to one of the allowed values /a~1b/1 }`,
		`{maxLength .$m #/properties/%24m/propertyNames/maxLength {"limit":1} should NOT be longer than 1 characters /$m xy}`,
		`{propertyNames .$m #/properties/%24m/propertyNames {"propertyName":"xy"} property name 'xy' is invalid /$m }`,
	} {
		e := refused.Errors[i]
		got := fmt.Sprintf("{%s %s %s %s %s %s %s}", e.Keyword, e.DataPath, e.SchemaPath, e.Params, e.Message, e.Pointer, e.PropertyName)
		if got != want {
			t.Errorf("error %d\n got %s\nwant %s", i, got, want)
		}
	}
}

// TestManyProperties compiles objects with so many names that the set of those seen does not fit the stack, and names that hash alike.
func TestManyProperties(t *testing.T) {
	for _, n := range []int{1, 7, 64, 65, 128, 129, 700, 5000} {
		for _, form := range []string{`"p%d"`, `"abcdefgh_%06d_abcdefgh"`} {
			var properties, required, members []string
			for i := range n {
				name := fmt.Sprintf(form, i)
				properties = append(properties, name+`:{"type":"integer"}`)
				required = append(required, name)
				members = append(members, name+":1")
			}
			schema := `{"additionalProperties":false,"properties":{` + strings.Join(properties, ",") + `},"required":[` + strings.Join(required, ",") + `]}`
			s, err := Compile([]byte(schema), Options{})
			if err != nil {
				t.Fatal(err)
			}
			event := "{" + strings.Join(members, ",") + "}"
			if !s.Valid([]byte(event)) {
				t.Errorf("%d properties like %s: not valid", n, form)
			}
			for _, i := range []int{0, n / 2, n - 1} {
				less := "{" + strings.Join(append(append([]string{}, members[:i]...), members[i+1:]...), ",") + "}"
				if s.Valid([]byte(less)) {
					t.Errorf("%d properties like %s: valid without %d", n, form, i)
				}
				wrong := strings.Replace(event, members[i], strings.Replace(members[i], ":1", ":null", 1), 1)
				if s.Valid([]byte(wrong)) {
					t.Errorf("%d properties like %s: valid with null at %d", n, form, i)
				}
				if v := s.Check([]byte("{" + members[i] + "," + event[1:])); !v.Valid || !v.Duplicates {
					t.Errorf("%d properties like %s: %+v with a duplicate", n, form, v)
				}
			}
			if s.Valid([]byte(`{"x":1,` + event[1:])) {
				t.Errorf("%d properties like %s: valid with another one", n, form)
			}
		}
	}
}

func TestDuplicates(t *testing.T) {
	s, err := Compile([]byte(`{"properties":{"a":{"type":"integer"}},"additionalProperties":{"type":["object","integer"]}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	many := func(last string) string {
		var b strings.Builder
		for i := range 200 {
			fmt.Fprintf(&b, `"k%d":%d,`, i, i)
		}
		return "{" + b.String() + last + "}"
	}
	for _, test := range []struct {
		event             string
		valid, duplicates bool
	}{
		{`{"a":1}`, true, false},
		{`{"a":1,"a":2}`, true, true},
		{`{"a":"x","\u0061":2}`, true, true},
		{`{"a":2,"a":"x"}`, false, true},
		{`{"m":{"x":{"b":1,"c":2,"b":3}}}`, true, true},
		{`{"m":1,"m":2}`, true, true},
		{`{"m":"x","m":2}`, true, true},
		{`{"m":2,"\u006d":"x"}`, false, true},
		{`{"m":{"x":[[{"b":1,"b":1}]]}}`, true, true},
		{`{"x":"wrong","m":{"b":1,"b":1}}`, false, true},
		{many(`"k":1`), true, false},
		{many(`"k199":1`), true, true},
		{many(`"k7":"x","k7":1`), true, true},
		{`{"m":` + many(`"\u006b7":1`) + `}`, true, true},
		{`{"\ud800":1,"\ud801":1}`, true, false},
	} {
		v := s.Check([]byte(test.event))
		if v.Valid != test.valid || v.Duplicates != test.duplicates || v.Syntax != nil {
			t.Errorf("%.60s: %+v", test.event, v)
		}
		if (s.Validate([]byte(test.event)) == nil) != test.valid {
			t.Errorf("%.60s: %v", test.event, s.Validate([]byte(test.event)))
		}
	}
	if v := s.Check([]byte(`{"a":1`)); v.Syntax == nil || v.Valid || v.Syntax.Offset != 6 {
		t.Errorf("%+v", v)
	}
	if v := s.Check([]byte(`{"a":"x"`)); v.Syntax == nil {
		t.Errorf("a syntax error behind what the schema refuses: %+v", v)
	}
}
