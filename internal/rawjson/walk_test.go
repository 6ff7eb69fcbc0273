package rawjson

import (
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	const text = ` {"a":{"b":[1,{"c":2}],"b":"x"}, "\u0061\"": 3, "a" : { "c" : {"d": null } } } `
	for _, test := range []struct {
		path []string
		want string
	}{
		{[]string{"a"}, `{ "c" : {"d": null } }`},
		{[]string{"a", "c", "d"}, `null`},
		{[]string{"a\""}, `3`},
		{[]string{"a", "b"}, ""},
		{[]string{"b"}, ""},
		{[]string{"a\"", "x"}, ""},
		{nil, `{"a":{"b":[1,{"c":2}],"b":"x"}, "\u0061\"": 3, "a" : { "c" : {"d": null } } }`},
	} {
		start, end, ok := Find([]byte(text), test.path...)
		if got := text[start:end]; got != test.want || ok != (test.want != "") {
			t.Errorf("%v: %q, %v", test.path, got, ok)
		}
	}
}

func TestMembersAndElements(t *testing.T) {
	const text = ` { "a" : 1 ,"b":[ {"x":"]"} , "}" ],"c\\":{}, "":-1.5e3}`
	var got []string
	for m := NewMembers([]byte(text)); m.Next(); {
		if text[m.KeyStart()] != '"' || text[m.ValueStart()] != m.Value()[0] {
			t.Errorf("wrong places of %s", m.Key())
		}
		got = append(got, string(m.Key()), string(m.Value()))
	}
	if want := []string{`"a"`, `1`, `"b"`, `[ {"x":"]"} , "}" ]`, `"c\\"`, `{}`, `""`, `-1.5e3`}; !slices.Equal(got, want) {
		t.Errorf("members %q", got)
	}
	const array = `[ 1,"a,]" ,{"b":[2]},null , [] ]`
	got = nil
	for e := NewElements([]byte(array)); e.Next(); {
		if array[e.Start()] != e.Value()[0] {
			t.Errorf("wrong place of %s", e.Value())
		}
		got = append(got, string(e.Value()))
	}
	if want := []string{`1`, `"a,]"`, `{"b":[2]}`, `null`, `[]`}; !slices.Equal(got, want) {
		t.Errorf("elements %q", got)
	}
	if m, e := NewMembers([]byte("[1]")), NewElements([]byte("{}")); m.Next() || e.Next() {
		t.Error("members of an array or elements of an object")
	}
}

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		raw, text string
		want      bool
	}{
		{`"abc"`, "abc", true},
		{`"\u0061bc"`, "abc", true},
		{`"a\/b"`, "a/b", true},
		{`"a\/b"`, `a\/b`, false},
		{`"\ud83d\ude00"`, "😀", true},
		{`"\ud83d"`, "\ufffd", false},
		{`""`, "", true},
		{`"a"`, "", false},
		{`"a"`, "ab", false},
		{`"\n"`, "\n", true},
		{`"\u0061"`, "ab", false},
	} {
		if got := Equal([]byte(test.raw), test.text); got != test.want {
			t.Errorf("%s == %q: %v", test.raw, test.text, got)
		}
	}
}

func TestQuoting(t *testing.T) {
	for _, test := range []struct{ raw, text, quoted string }{
		{`"a\"\\\/\b\f\n\r\t"`, "a\"\\/\b\f\n\r\t", `"a\"\\/\b\f\n\r\t"`},
		{`"\u0001\u001f\u007f\u2028"`, "\x01\x1f\x7f\u2028", "\"\\u0001\\u001f\x7f\u2028\""},
		{`"\ud83d\ude00é"`, "😀é", `"😀é"`},
		{`"\udc00\ud800"`, "\ufffd\ufffd", "\"\ufffd\ufffd\""},
	} {
		text := AppendUnquoted(nil, []byte(test.raw))
		if string(text) != test.text {
			t.Errorf("%s unquoted: %q", test.raw, text)
		}
		if got := string(AppendQuoted(nil, text)); got != test.quoted {
			t.Errorf("%q quoted: %s", text, got)
		}
	}
	if got := string(AppendQuoted(nil, AppendIdentity(nil, []byte(`"\uDC00x\ud834"`)))); got != `"\udc00x\ud834"` {
		t.Errorf("halves of pairs quoted: %s", got)
	}
	if got := string(AppendQuoted(nil, []byte("a\xffb"))); got != "\"a\ufffdb\"" {
		t.Errorf("invalid UTF-8 quoted: %s", got)
	}
}

func TestSplice(t *testing.T) {
	got := Splice([]byte("> "), []byte(`{"a":{}}`), []Insertion{{6, []byte(`"b":1`)}, {7, []byte(`,"c":2`)}, {7, []byte(`,"d":3`)}, {8, []byte("\n")}})
	if want := `> {"a":{"b":1},"c":2,"d":3}` + "\n"; string(got) != want {
		t.Errorf("got %s", got)
	}
	if got := Splice(nil, []byte("1"), nil); string(got) != "1" {
		t.Errorf("got %s", got)
	}
}
