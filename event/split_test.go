package event

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

func mustPlan(t testing.TB, paths ...string) *Plan {
	t.Helper()
	p, err := NewPlan(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanRefusesEmptySegments(t *testing.T) {
	for _, path := range []string{"", ".", "a..b", ".a", "a."} {
		if _, err := NewPlan(path); err == nil {
			t.Errorf("NewPlan(%q) succeeded", path)
		}
	}
}

func TestScanFindsFields(t *testing.T) {
	p := mustPlan(t, "$schema", "meta.stream", "meta.id", "a.b.c")
	cases := []struct{ name, event, path, want string }{
		{"plain", `{"$schema":"/x/1.0.0","meta":{"stream":"s"}}`, "$schema", `"/x/1.0.0"`},
		{"nested", `{"meta":{"stream":"s"}}`, "meta.stream", `"s"`},
		{"spaces", " {\t\"meta\" :\r\n{ \"stream\" : \"s\" } } ", "meta.stream", `"s"`},
		{"parent", `{"meta": {"stream":"s"} }`, "meta", `{"stream":"s"}`},
		{"absent", `{"meta":{}}`, "meta.stream", ""},
		{"null is present", `{"meta":{"stream":null}}`, "meta.stream", "null"},
		{"escaped names", `{"m\u0065ta":{"\u0073tream":"s"}}`, "meta.stream", `"s"`},
		{"last duplicate", `{"meta":{"stream":"a"},"meta":{"stream":"b"}}`, "meta.stream", `"b"`},
		{"last duplicate, escaped", `{"$schema":"a","\u0024schema":"b"}`, "$schema", `"b"`},
		{"last duplicate lacks it", `{"meta":{"stream":"a"},"meta":{"x":1}}`, "meta.stream", ""},
		{"last duplicate is no object", `{"meta":{"stream":"a"},"meta":5}`, "meta.stream", ""},
		{"dotted key is another", `{"meta.stream":"a"}`, "meta.stream", ""},
		{"deeper key is another", `{"x":{"$schema":"a"}}`, "$schema", ""},
		{"brackets in strings", `{"x":"}]{","y":["\"}"],"$schema":"z"}`, "$schema", `"z"`},
		{"three deep", `{"a":{"b":{"c":[1,2]}}}`, "a.b.c", `[1,2]`},
		{"not an object", `["$schema"]`, "$schema", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fields := make([]Field, p.Len())
			src := []byte(c.event)
			if end := p.Scan(src, rawjson.SkipSpace(src, 0), fields); end < 0 {
				t.Fatal("the structure could not be followed")
			}
			if got := string(fields[p.Slot(c.path)].In(src)); got != c.want {
				t.Errorf("%s is %q, want %q", c.path, got, c.want)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	p := mustPlan(t, "id")
	cases := []struct {
		body string
		want []string // nil: the structure cannot be followed
	}{
		{`{"id":1}`, []string{`{"id":1}`}},
		{` [ {"id":1} , {"id":2} ] `, []string{`{"id":1}`, `{"id":2}`}},
		{`[]`, []string{}},
		{`{}`, []string{`{}`}},
		{`[1,"x",null,true,[],{}]`, []string{"1", `"x"`, "null", "true", "[]", "{}"}},
		{``, nil}, {` `, nil}, {`5`, nil}, {`"x"`, nil}, {`null`, nil},
		{`{`, nil}, {`[`, nil}, {`[{}`, nil}, {`[{},]`, nil}, {`[,{}]`, nil}, {`{}x`, nil}, {`{}{}`, nil}, {`[{}]]`, nil}, {`{"a"}`, nil},
		{`{"a":1,}`, nil}, {`{"a" 1}`, nil}, {`{,}`, nil}, {`{"a`, nil}, {`{"a\`, nil}, {`[{} {}]`, nil}, {`{"a":`, nil}, {`{a:1}`, nil},
	}
	var s Splitter
	for _, c := range cases {
		ok := s.Split(p, []byte(c.body))
		if ok != (c.want != nil) {
			t.Errorf("Split(%q) = %v", c.body, ok)
			continue
		}
		if !ok {
			continue
		}
		if s.Len() != len(c.want) {
			t.Errorf("Split(%q) found %d events, want %d", c.body, s.Len(), len(c.want))
			continue
		}
		for i, want := range c.want {
			if got := string(s.Fields(i)[0].In([]byte(c.body))); got != want {
				t.Errorf("event %d of %q is %q, want %q", i, c.body, got, want)
			}
		}
	}
}

func TestSplitStopsAtTheBound(t *testing.T) {
	p := mustPlan(t, "id")
	s := Splitter{Max: 2}
	for body, tooMany := range map[string]bool{`[1,2]`: false, `[1,2,3]`: true, `[1,2,3,{`: true, `[1,2`: false, `{}`: false} {
		if ok := s.Split(p, []byte(body)); s.TooMany() != tooMany || ok && tooMany {
			t.Errorf("%s: split %v, too many %v", body, ok, s.TooMany())
		}
	}
}

func TestSplitDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := mustPlan(t, "$schema", "meta.stream", "meta.id", "meta.dt")
	one := `{"$schema":"/x/1.0.0","meta":{"stream":"s","dt":"2024-01-01T00:00:00Z"},"x":[1,2,{"y":"z"}]}`
	body := []byte("[" + one + "," + one + "," + one + "]")
	var s Splitter
	if n := testing.AllocsPerRun(100, func() { s.Split(p, body) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzSplit holds the scan against encoding/json: of a body that is JSON it finds the same events and fields, of one that is not it crashes never.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		`{"$schema":"/a/1.0.0","meta":{"stream":"s","id":"i","dt":"d"}}`, `[{"meta":{"stream":"a"},"meta":{"stream":"b"}},{"meta":null}]`,
		`{"m\u0065ta":{"stre\u0061m":1}}`, `[]`, `[1,[2],{"$schema":{}}]`, `{"meta":{"stream":"\"}"}}`, `[{"a":"\\"},`, `{"meta":{"meta":{"stream":1}}}`,
	} {
		f.Add([]byte(s))
	}
	p := mustPlan(f, "$schema", "meta.stream", "meta.id")
	f.Fuzz(func(t *testing.T, body []byte) {
		var s Splitter
		ok := s.Split(p, body)
		if rawjson.Check(body) != nil {
			return
		}
		var whole any
		if json.Unmarshal(body, &whole) != nil {
			return
		}
		events, isArray := whole.([]any)
		if _, isObject := whole.(map[string]any); isObject {
			events = []any{whole}
		} else if !isArray {
			if ok {
				t.Fatalf("%q is neither object nor array, and was split", body)
			}
			return
		}
		if !ok || s.Len() != len(events) {
			t.Fatalf("%q: split %v into %d events, want %d", body, ok, s.Len(), len(events))
		}
		for i, want := range events {
			for _, path := range [][]string{{}, {"$schema"}, {"meta"}, {"meta", "stream"}, {"meta", "id"}} {
				got := s.Fields(i)[p.Slot(joined(path))].In(body)
				wantValue, has := at(want, path)
				if has != (got != nil) {
					t.Fatalf("%q: event %d has %v: %v, found %q", body, i, path, has, got)
				}
				if has && !sameJSON(got, wantValue) {
					t.Fatalf("%q: %v of event %d is %v, found %q", body, path, i, wantValue, got)
				}
			}
		}
	})
}

func joined(path []string) string {
	var b bytes.Buffer
	for i, name := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return b.String()
}

// at follows a path in parsed JSON.
func at(v any, path []string) (any, bool) {
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = object[name]; !ok {
			return nil, false
		}
	}
	return v, true
}

func sameJSON(raw []byte, want any) bool {
	var got any
	if json.Unmarshal(raw, &got) != nil {
		return false
	}
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
