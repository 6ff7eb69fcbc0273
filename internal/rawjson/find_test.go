package rawjson

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestCheckFind(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{}`, ""}, {` {"a":1}`, ""}, {`{"a":1,"meta" : {"b":[2]} , "c":3}`, `{"b":[2]}`}, {`{"meta":1,"meta":"last"}`, `"last"`}, {`{"m\u0065ta":null}`, "null"},
		{`{"a":{"meta":1}}`, ""}, {`[{"meta":1}]`, ""}, {`"meta"`, ""}, {`{"metadata":1,"met":2}`, ""},
	} {
		start, end, err := CheckFind([]byte(c.text), "meta")
		if err != nil || (start >= 0) != (c.want != "") || (start >= 0 && c.text[start:end] != c.want) {
			t.Errorf("%s: %d, %d, %v", c.text, start, end, err)
		}
	}
}

// What CheckFind says is what Check and Find say, of every text.
func TestCheckFindIsCheckAndFind(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, text string) {
		b := []byte(text)
		start, end, err := CheckFind(b, "a")
		if want := Check(b); fmt.Sprint(err) != fmt.Sprint(want) {
			t.Errorf("%q: %v, Check says %v", text, err, want)
		} else if want != nil {
			return
		}
		wantStart, wantEnd, ok := Find(b, "a")
		if ok != (start >= 0) || (ok && (start != wantStart || end != wantEnd)) {
			t.Errorf("%q: %d to %d, Find says %d to %d, %v", text, start, end, wantStart, wantEnd, ok)
		}
	}
	for _, texts := range [][]string{accepted, refused} {
		for _, text := range texts {
			check(t, text)
			check(t, ` {"a":`+text+`,"b":2}`)
			check(t, `{"b":2,"a" :`+text+` } `)
		}
	}
	pieces := []string{`{`, `}`, `"a"`, `"\u0061"`, `"b"`, `:`, `,`, ` `, "\n", `1`, `[`, `]`, `null`, "\xff", `"`, `{"a":`, `"a":2`}
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, p := range rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces") {
			text += p
		}
		check(t, text)
	})
}
