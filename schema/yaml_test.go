package schema

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestYAMLBecomesJSONInOrder(t *testing.T) {
	for _, c := range []struct{ yaml, json string }{
		{"z: 1\na: 2\nm: {y: 1.50, b: 0x10}", `{"z":1,"a":2,"m":{"y":1.50,"b":16}}`},
		{"a: 'x'\nb: \"y\\n\"\nc: plain text\nd: ~\ne: true\nf: null", `{"a":"x","b":"y\n","c":"plain text","d":null,"e":true,"f":null}`},
		{"a: >\n  folded\n  text\nb: |\n  kept\n  lines\n", `{"a":"folded text\n","b":"kept\nlines\n"}`},
		{"- 1\n- [2, 3]\n- {}\n- []", `[1,[2,3],{},[]]`},
		{"base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3, z: 4}\nalias: *b", `{"base":{"x":1,"y":2},"use":{"x":1,"y":3,"z":4},"alias":{"x":1,"y":2}}`},
		{"1: a\ntrue: b\n1.0: c", `{"1":"a","true":"b","1.0":"c"}`},
		{"a: !!str 12", `{"a":"12"}`},
		{"# only\nkey: 'https://json-schema.org/draft-07/schema#' # comment", `{"key":"https://json-schema.org/draft-07/schema#"}`},
		{"big: 9007199254740993\nsmall: -9223372036854775808\ne: 1e3", `{"big":9007199254740993,"small":-9223372036854775808,"e":1e3}`},
		{`{"json": ["as", {"it": "is"}]}`, `{"json": ["as", {"it": "is"}]}`},
		{"date: 2020-01-01\nyes: yes\nno: no", `{"date":"2020-01-01","yes":"yes","no":"no"}`},
	} {
		got, err := ToJSON([]byte(c.yaml))
		if err != nil || string(got) != c.json {
			t.Errorf("%q:\n got %s %v\nwant %s", c.yaml, got, err, c.json)
		}
	}
}

func TestYAMLThatIsRefused(t *testing.T) {
	for _, bad := range []string{
		"", "# nothing", "a: [", "a: *nowhere", "a: 1\na: 2", "a: 1\n---\nb: 2", "a: .inf", "a: &x [*x]", strings.Repeat("[", 100000),
		"<<: 7", strings.Repeat("- ", 100000) + "x", strings.Repeat("{a: ", 100000),
	} {
		if got, err := ToJSON([]byte(bad)); err == nil {
			t.Errorf("%.40q became %.40s", bad, got)
		}
	}
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		n, m := string(rune('0'+i)), string(rune('0'+i-1))
		b.WriteString("a" + n + ": &a" + n + " [" + strings.TrimSuffix(strings.Repeat("*a"+m+",", 10), ",") + "]\n")
	}
	if _, err := ToJSON([]byte(b.String())); err == nil {
		t.Error("a document that unfolds to a billion values was taken")
	}
}

func FuzzYAML(f *testing.F) {
	for _, s := range []string{"a: 1", "- x\n- {b: [1]}", "a: &x 1\nb: *x", "<<: {a: 1}\nb: 2", `{"a":1}`, "a: |\n  x\n", "? a\n: b", "a: !!str 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			return
		}
		out, err := ToJSON([]byte(s))
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q became %q, which is no JSON", s, out)
		}
		if out[0] == '{' {
			if again, err := ToJSON(out); err != nil || string(again) != string(out) {
				t.Errorf("%q became %s, which is not stable: %s %v", s, out, again, err)
			}
		}
	})
}
