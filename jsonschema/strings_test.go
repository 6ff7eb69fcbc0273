package jsonschema

import "testing"

func TestStrings(t *testing.T) {
	runChecks(t, Options{}, []check{
		{`{"maxLength":2}`, `"ab"`, ""},
		{`{"maxLength":2}`, `"abc"`, "'' should NOT be longer than 2 characters"},
		{`{"maxLength":2}`, `"\u0061\u0062"`, ""},
		{`{"maxLength":2}`, `"\u0061\u0062\u0063"`, "'' should NOT be longer than 2 characters"},
		{`{"maxLength":1}`, `"😀"`, ""},
		{`{"maxLength":1}`, `"\ud83d\ude00"`, ""},
		{`{"maxLength":1}`, `"\ud83d"`, ""},
		{`{"maxLength":1}`, `"\ud83d\ud83d"`, "'' should NOT be longer than 1 characters"},
		{`{"minLength":2}`, `"é"`, "'' should NOT be shorter than 2 characters"},
		{`{"minLength":2}`, `"éé"`, ""},
		{`{"minLength":2}`, `""`, "'' should NOT be shorter than 2 characters"},
		{`{"minLength":1e0,"maxLength":2.0}`, `"ab"`, ""},
		{`{"maxLength":1e30}`, `"ab"`, ""},
		{`{"pattern":"^a+$"}`, `"aaa"`, ""},
		{`{"pattern":"^a+$"}`, `"\u0061"`, ""},
		{`{"pattern":"^\"a'"}`, `"b"`, `'' should match pattern "^"a'"`},
		{`{"minLength":3,"pattern":"b","format":"uuid"}`, `"a"`, `'' should NOT be shorter than 3 characters, '' should match pattern "b", '' should match format "uuid"`},
		{`{"pattern":"a","format":"date","maxLength":0}`, `5`, ""},
		{`{"type":"string","maxLength":3}`, `"\"\"\""`, ""},
		{`{"type":"string","maxLength":3}`, `"\"\"\"\""`, "'' should NOT be longer than 3 characters"},
	})
}

func TestUnknownFormats(t *testing.T) {
	if _, err := Compile([]byte(`{"properties":{"a":{"format":"nonsense"}}}`), Options{}); err == nil || err.Error() != `schema #/properties/a/format: unknown format "nonsense"` {
		t.Error(err)
	}
	if _, err := Compile([]byte(`{"definitions":{"a":{"format":"nonsense"}}}`), Options{}); err != nil {
		t.Error("a definition that nothing refers to:", err)
	}
	runChecks(t, Options{UnknownFormats: UnknownFormatsIgnore}, []check{{`{"format":"nonsense"}`, `"x"`, ""}})
	runChecks(t, Options{}, []check{{`{"format":"idn-email"}`, `"x"`, ""}, {`{"format":"iri"}`, `" "`, ""}})
	runChecks(t, Options{Formats: FormatsStrict}, []check{{`{"format":"idn-email"}`, `"x"`, `'' should match format "idn-email"`}})
}

func TestStrictRefusals(t *testing.T) {
	s, err := Compile([]byte(`{"properties":{"dt":{"format":"date-time"},"u":{"format":"uri-reference"}}}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{`{"dt":"2020-02-20T20:02:20Z","u":"/a?b#c"}`, `{"dt":"2020-02-30T20:02:20Z"}`, `{"dt":"2020-02-30 20:02:20Z","u":"^"}`, `{"u":"\""}`} {
		if !s.Valid([]byte(event)) {
			t.Errorf("%s is not valid", event)
		}
	}
	s.Valid([]byte(`{"dt":"2020-02-20","u":"^"}`))
	if got := s.StrictRefusals(); got != 3 {
		t.Errorf("%d events counted, want 3", got)
	}
}
