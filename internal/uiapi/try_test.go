package uiapi

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestPlacesInATextAreFound(t *testing.T) {
	text := "{\n \"é\": [1, {\"a/b~\": \"😀\", \"x\" : 2}],\n \"é\": {\"in\": [[7]]}, \"😀\": 3 }"
	for _, tt := range []struct {
		pointer, member string
		line, column    int
		marked          string
	}{
		{"", "", 1, 1, "{"},
		{"/é", "", 3, 7, "{"},
		{"/é/in/0/0", "", 3, 16, "7"},
		{"/é/in/0/9", "", 3, 15, "["},
		{"/é/nothing/more", "", 3, 7, "{"},
		{"", "😀", 3, 22, `"😀"`},
		{"", "nothing", 1, 1, "{"},
		{"/😀", "", 3, 27, "3"},
	} {
		start, end := resolve([]byte(text), tt.pointer, tt.member)
		p := placeOf([]byte(text), start, end)
		units := utf16.Encode([]rune(text))
		if got := string(utf16.Decode(units[p.Start:p.End])); p.Line != tt.line || p.Column != tt.column || got != tt.marked {
			t.Errorf("%q %q: line %d, column %d, %q; want %d, %d, %q", tt.pointer, tt.member, p.Line, p.Column, got, tt.line, tt.column, tt.marked)
		}
	}
	first := `{"l": [1, {"a/b~": "😀", "x" : 2}]}`
	if start, end := resolve([]byte(first), "/l/1/a~1b~0", ""); first[start:end] != `"😀"` {
		t.Errorf("escapes: %q", first[start:end])
	}
	for _, at := range [][2]int{{-5, 3}, {1000, 2000}, {5, 2}} {
		if p := placeOf([]byte("a\nb"), at[0], at[1]); p.Line < 1 || p.End < p.Start {
			t.Errorf("%v: %+v", at, p)
		}
	}
}

func TestATryTellsWhatIsWrongAndWhere(t *testing.T) {
	f := intakeFixture(t)
	body := "[\n " + note(`"good"`) + ",\n " + strings.Replace(note(`1`), `"text"`, `"tags":[{"name":"a"},{"name":"B","z":1}],"text"`, 1) + "]"
	var v Verdict
	if status := f.ask(t, "POST", "/ui/api/try", body, &v); status != 200 || v.Status != 207 || v.OK || len(v.Events) != 2 {
		t.Fatalf("%d %+v", status, v)
	}
	if e := v.Events[0]; e.Status != "accepted" || e.Topic != "dc.notes" || e.Problems != nil || e.Offset != nil {
		t.Errorf("%+v", e)
	}
	e := v.Events[1]
	if e.Status != "invalid" || len(e.Problems) != 3 || !bytes.Contains(e.Event, []byte(`"id"`)) {
		t.Fatalf("%+v", e)
	}
	for i, want := range []struct{ message, pointer, marked, keyword, rule string }{
		{`'.text' should be string`, "/text", "1", "type", `{"type":"string","description":"What is noted."}`},
		{`'.tags[1]' should NOT have additional properties`, "/tags/1", `"z"`, "additionalProperties", `{"additionalProperties":false}`},
		{`'.tags[1].name' should match pattern "^[a-z]+$"`, "/tags/1/name", `"B"`, "pattern", `{"type":"string","pattern":"^[a-z]+$"}`},
	} {
		p := e.Problems[i]
		if p.Message != want.message || p.Pointer != want.pointer || p.Keyword != want.keyword || string(p.Rule) != want.rule || p.SchemaURI != "/note/1.0.0" {
			t.Errorf("%+v %s; want %+v", p, p.Rule, want)
		}
		if p.Place == nil || p.Place.Line != 3 || body[p.Place.Start:p.Place.End] != want.marked {
			t.Errorf("%s is at %+v", want.message, p.Place)
		}
	}
	if count := accepted(t, f); count != 0 {
		t.Errorf("a dry run produced %d events", count)
	}
}

func TestATryTellsOfEverythingElse(t *testing.T) {
	f := intakeFixture(t)
	for _, tt := range []struct {
		name, body   string
		status       int
		message      string
		line, column int
	}{
		{"good", note(`"x"`), 200, "", 0, 0},
		{"empty", "", 400, "", 0, 0},
		{"no JSON", "{\n  x", 400, "at byte 4", 2, 3},
		{"cut off", `{"a":`, 400, "", 1, 6},
		{"no event", `3`, 400, "", 1, 1},
		{"missing", " \n" + strings.Replace(note(`"x"`), `"text"`, `"no"`, 1), 400, "required property 'text'", 2, 1},
		{"no schema", `{"meta":{"stream":"notes"}}`, 400, "", 1, 1},
		{"unknown schema", strings.Replace(note(`"x"`), "1.0.0", "7.0.0", 1), 400, "/note/7.0.0", 1, 1},
		{"unknown stream", strings.Replace(note(`"x"`), "notes", "what", 1), 400, "what", 1, 1},
	} {
		var v Verdict
		if status := f.ask(t, "POST", "/ui/api/try", tt.body, &v); status != 200 || v.Status != tt.status || v.OK != (tt.message == "" && tt.status == 200) {
			t.Errorf("%s: %d %+v", tt.name, status, v)
			continue
		}
		if tt.line == 0 {
			continue
		}
		if len(v.Events) != 1 || len(v.Events[0].Problems) == 0 {
			t.Errorf("%s: %+v", tt.name, v)
			continue
		}
		if p := v.Events[0].Problems[0]; !strings.Contains(p.Message, tt.message) || p.Place == nil || p.Place.Line != tt.line || p.Place.Column != tt.column {
			t.Errorf("%s: %+v %+v", tt.name, p, p.Place)
		}
	}
	if status := f.ask(t, "POST", "/ui/api/try", strings.Repeat(" ", tryBytes+1), nil); status != 413 {
		t.Errorf("a long text: %d", status)
	}
}

func TestSendingIsForReal(t *testing.T) {
	f := intakeFixture(t)
	var v Verdict
	if status := f.ask(t, "POST", "/ui/api/send", note(`"x"`), &v); status != 200 || v.Status != 201 || !v.OK || *v.Events[0].Offset != 7 {
		t.Errorf("%d %+v", status, v)
	}
	if count := accepted(t, f); count != 1 {
		t.Errorf("%d events are there", count)
	}
}

func TestRulesAreFoundInSchemas(t *testing.T) {
	source := []byte(`{"required":["a"],"properties":{"a/b":{"type":"string"},"long":{"type":"string","enum":["` + strings.Repeat("x", ruleBytes) + `"]},"p%q":{"type":"null"}}}`)
	for path, want := range map[string]string{
		"#/properties/a~1b/type": `{"type":"string"}`, "#/required": `{"required":["a"]}`, "#/properties/long/type": `{"type":"string"}`,
		"#/properties/long/enum": "", "#/properties/none/type": `{"properties":`, "elsewhere#/a": "", "#/": "", "#/properties/p%25q/type": `{"type":"null"}`,
	} {
		got := string(ruleAt(source, path))
		if want == `{"properties":` { // as much of the path as there is
			want = got
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestOtherSitesCannotSend(t *testing.T) {
	f := intakeFixture(t)
	for _, path := range []string{"/ui/api/send", "/ui/api/try"} {
		r := httptest.NewRequest("POST", path, strings.NewReader(note(`"x"`)))
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		f.Handler().ServeHTTP(w, r)
		if w.Code != 403 {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

// accepted is how many events the test double counts.
func accepted(t *testing.T, f *fixture) int {
	t.Helper()
	var a Accepted
	if status := f.ask(t, "GET", "/ui/api/accepted", "", &a); status != 200 {
		t.Fatalf("status %d", status)
	}
	return a.Count
}
