package rawjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// accepted are texts that every strict parser reads (RFC 8259).
var accepted = []string{
	`[[] ]`, `[""]`, `[]`, `["a"]`, `[false]`, `[null, 1, "1", {}]`, `[null]`, "[1\n]", ` [1]`, `[1,null,null,null,2]`, `[2] `,
	`[123e65]`, `[0e+1]`, `[0e1]`, `[ 4]`, `[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]`, `[20e1]`, `[-0]`, `[-123]`, `[-1]`,
	`[1E22]`, `[1E-2]`, `[1E+2]`, `[123e45]`, `[123.456e78]`, `[1e-2]`, `[1e+2]`, `[123]`, `[123.456789]`, `0`, `-0.5e-10`,
	`{"asd":"sdf", "dfg":"fgh"}`, `{"asd":"sdf"}`, `{"a":"b","a":"c"}`, `{"a":"b","a":"b"}`, `{}`, `{"":0}`, `{"foo\u0000bar": 42}`,
	`{ "min": -1.0e+28, "max": 1.0e+28 }`, `{"a":[]}`, `{"title":"\u041f\u043e"}`, "{\n\"a\": \"b\"\n}",
	`["\u0060\u012a\u12AB"]`, `["\uD801\udc37"]`, `["\ud83d\ude39\ud83d\udc8d"]`, `["\"\\\/\b\f\n\r\t"]`, `["\\u0000"]`, `["\""]`, `["a/*b*/c/*d//e"]`,
	`["\\a"]`, `["\\n"]`, `["\u0012"]`, `["\uFFFF"]`, `["asd"]`, `[ "asd"]`, `["\uDBFF\uDFFF"]`, `["new\u00A0line"]`, "[\"\U0010ffff\"]", "[\"\uffff\"]",
	`["\u0000"]`, `["\u002c"]`, "[\"\u03c0\"]", "[\"\U0001bfff\"]", `["asd "]`, `" "`, `["\uD834\uDd1e"]`, `["\u0821"]`, `["\u0123"]`, "[\"\u2028\"]", "[\"\u2029\"]",
	`["\u0061\u30af\u30EA\u30b9"]`, `["new\u000Aline"]`, "[\"\x7f\"]", `["\uA66D"]`, `["\u005C"]`, "[\"⍂㈴⍂\"]", `["\u200B"]`, `["\u2064"]`,
	`["\uFDD0"]`, `["\uFFFE"]`, `["\u0022"]`, "[\"€𝄞\"]", "[\"a\x7fa\"]", `false`, `42`, `-0.1`, `null`, `"asd"`, `true`, `""`, "[\"a\"]\n", `[true]`, " [] ", "\t\r\n 1",
	`["\ud800"]`, `["\udc00\ud800"]`, `["\ud800abc"]`,
}

// refused are texts that no strict parser reads.
var refused = []string{
	"[1 true]", "[a\xe5]", `["": 1]`, `[""],`, `[,1]`, `[1,,2]`, `["x",,]`, `["x"]]`, `["",]`, `["x"`, `[x`, `[3[4]]`, "[\xff]", `[1:2]`, `[,]`, `[-]`, `[   , ""]`,
	"[\"a\",\n4\n,1,", `[1,]`, `[1,,]`, "[\"\va\"\\f]", `[*]`, `[""`, `[1,`, "[1,\n1\n,1", `[{}`, `[fals]`, `[nul]`, `[tru]`, "123\x00", `[++1234]`, `[+1]`, `[+Inf]`, `[-01]`,
	`[-1.0.]`, `[-2.]`, `[-NaN]`, `[.-1]`, `[.2e-3]`, `[0.1.2]`, `[0.3e+]`, `[0.3e]`, `[0.e1]`, `[0E+]`, `[0E]`, `[0e+]`, `[0e]`, `[1.0e+]`, `[1.0e-]`, `[1.0e]`, `[1 000.0]`, `[1eE2]`,
	`[2.e+3]`, `[2.e-3]`, `[2.e3]`, `[9.e+]`, `[Inf]`, `[NaN]`, "[\uff11]", `[1+2]`, `[0x1]`, `[0x42]`, `[Infinity]`, `[0e+-1]`, `[-123.123foo]`, "[123\xe5]", "[1e1\xe5]", "[0\xe5]",
	`[-Infinity]`, `[-foo]`, `[- 1]`, `[-012]`, `[-.123]`, `[-1x]`, `[1ea]`, "[1e\xe5]", `[1.]`, `[.123]`, `[1.2a-3]`, `[1.8011670033376514H-308]`, `[012]`, `["x", truth]`, `{[: "x"}`,
	`{"x", null}`, `{"x"::"b"}`, `{🇨🇭}`, `{"a":"a" 123}`, `{key: 'value'}`, "{\"\xb9\":\"0\",}", `{"a" b}`, `{:"b"}`, `{"a" "b"}`, `{"a":`, `{"a"`, `{1:1}`, `{9999E9999:1}`,
	`{null:null,null:null}`, `{"id":0,,,,,}`, `{'a':0}`, `{"id":0,}`, `{"a":"b"}/**/`, `{"a":"b"}/**//`, `{"a":"b"}//`, `{"a":"b"}/`, `{"a":"b",,"c":"d"}`, `{a: "b"}`, `{"a":"a`,
	`{ "foo" : "bar", "a" }`, `{"a":"b"}#`, ` `, `["\uD800\"]`, `["\uD800\u"]`, `["\uD800\u1"]`, `["\uD800\u1x"]`, `[é]`, "[\"\\\x00\"]", `["\x00"]`, `["\\\"]`, "[\"\\\t\"]", `["\🌀"]`,
	`["\"]`, `["\u00A"]`, `["\uD834\uDd"]`, `["\uD800\uD800\x"]`, "[\"\\u\xe5\"]", `["\a"]`, `["\uqqqq"]`, "[\"\\\xe5\"]", `[\u0020"asd"]`, `[\n]`, `"`, `['single quote']`, `abc`, `["\`,
	"[\"a\x00a\"]", "[\"new\nline\"]", "[\"\t\"]", "\"\\UA66D\"", `""x`, "[\u2060]", "\ufeff", "", "<.>", `[<null>]`, `[1]x`, `[1]]`, `["asd]`, "aå", `[True]`, `1]`, `{"x": true,`, `[][]`, `]`,
	"\xef\xbb{}", "\xe5", `[`, "[\x00]", `2@`, `{}}`, `{"":`, `{"a":/*comment*/"b"}`, `{"a": true} "x"`, `['`, `[,`, `[{`, `["a`, `["a"`, `{`, `{]`, `{,`, `{[`, `{"a`, `{'a'`, `["\{["\{["\{["\{`,
	"\xe9", `*`, `{"a":"b"}#{}`, `[\u000A""]`, `[1`, `[ false, nul`, `[ true, fals`, `[ false, tru`, `{"asd":"asd"`, "å", "[\u2060]", "[\f]", "\u00a0[]", "[\"\xff\"]", "[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]",
	"[\"\xf4\x90\x80\x80\"]", "[\"\xe6\x97\xa5\xd1\x88\xfa\"]", "[\"\x80\"]", "[\"\xe0\xff\"]", "tru", "nulll", "falsee", "-", "--1", "01", "1e5.5", "{\"a\":1 \"b\":2}",
}

func TestCheck(t *testing.T) {
	for _, text := range accepted {
		if err := Check([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if !json.Valid([]byte(text)) {
			t.Errorf("%q is not valid after all", text)
		}
	}
	for _, text := range refused {
		if err := Check([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
		if json.Valid([]byte(text)) && utf8.ValidString(text) {
			t.Errorf("%q is valid after all", text)
		}
	}
}

func TestCheckDepth(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if err := Check(nested(MaxDepth)); err != nil {
		t.Error(err)
	}
	if err := Check(nested(MaxDepth + 1)); err == nil || err.Error() != "arrays and objects nested deeper than 4096 at byte 4096" {
		t.Error(err)
	}
	for _, open := range []string{"[", `{"a":`, `[{"":`} {
		if Check(bytes.Repeat([]byte(open), 100_000)) == nil {
			t.Errorf("100000 %s were accepted", open)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, test := range []struct {
		text, want string
	}{
		{`{"a":1`, "unexpected end of the text in an object at byte 6"},
		{`{"a"}`, "unexpected '}', expected a colon after the key at byte 4"},
		{`{"a":}`, "unexpected '}', expected a value at byte 5"},
		{`{a:1}`, "unexpected 'a', expected a key in double quotes at byte 1"},
		{`[1 2]`, "unexpected '2', expected a comma or the array's closing bracket at byte 3"},
		{`{"a":1 2}`, "unexpected '2', expected a comma or the object's closing brace at byte 7"},
		{`"a`, "unexpected end of the text in a string at byte 2"},
		{"\"a\tb\"", `unescaped control character '\t' in a string at byte 2`},
		{`"\x"`, "invalid escape in a string: unexpected 'x' at byte 2"},
		{"\"ab\xff\"", "invalid UTF-8 in a string at byte 3"},
		{`01`, "unexpected '1' after the value at byte 1"},
		{`-`, "unexpected end of the text in a number at byte 1"},
		{`1.x`, "invalid number: unexpected 'x' at byte 2"},
		{`nul`, "unexpected end of the text, expected a value at byte 3"},
		{``, "unexpected end of the text, expected a value at byte 0"},
		{"\ufeff{}", `unexpected '\ufeff', expected a value at byte 0`},
	} {
		if err := Check([]byte(test.text)); err == nil || err.Error() != test.want {
			t.Errorf("%q:\n got %v\nwant %s", test.text, err, test.want)
		}
	}
}

// TestScanStringEverywhere puts every special byte at every place of strings of many lengths: the scanners read eight bytes at a time, and of long
// strings 32.
func TestScanStringEverywhere(t *testing.T) {
	for length := range 3*longRun + 9 {
		for at := range length {
			for _, c := range []byte{'"', '\\', 0, 0x1f, 0x7f, 0x80, 0xff, ' ', '!', '#'} {
				text := []byte(`["` + strings.Repeat("x", length) + `",1]`)
				text[2+at] = c
				if got, want := Check(text) == nil, json.Valid(text) && utf8.Valid(text); got != want {
					t.Fatalf("%q: accepted = %v", text, got)
				}
				plain := 2 + length // where the closing quote is, unless the byte is one or takes its meaning
				if c == '"' {
					plain = 2 + at
				}
				if end, escaped := StringEnd(text, 1); escaped != (c == '\\') || end != plain+1 && (c != '\\' || at < length-1) {
					t.Fatalf("%q: the string ends before %d, escaped = %v", text, end, escaped)
				}
			}
		}
	}
}

// FuzzCheck compares with encoding/json, which accepts invalid UTF-8 and nests deeper.
func FuzzCheck(f *testing.F) {
	for _, text := range accepted {
		f.Add([]byte(text))
	}
	for _, text := range refused {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := Check(text)
		want := json.Valid(text) && utf8.Valid(text)
		if err == nil != want && !strings.Contains(string(text), strings.Repeat("[", 100)) && bytes.Count(text, []byte("{")) < MaxDepth {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil {
			useChecked(t, text)
		}
		// Whatever the text is, walking it must end.
		for m := NewMembers(text); m.Next(); {
			_ = Equal(m.Key(), "a")
		}
		for e := NewElements(text); e.Next(); {
			_ = e.Value()
		}
		DropDuplicates(nil, text)
	})
}

func useChecked(t *testing.T, text []byte) {
	start := SkipSpace(text, 0)
	if end := End(text, start); SkipSpace(text, end) != len(text) {
		t.Fatalf("%q: the value ends at %d", text, end)
	}
	plain := DropDuplicates(nil, text)
	if Check(plain) != nil || len(DropDuplicates(nil, plain)) != len(plain) {
		t.Fatalf("%q: without duplicates %q", text, plain)
	}
	if text[start] == '"' {
		raw := text[start:End(text, start)]
		var want string
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if got := string(AppendUnquoted(nil, raw)); got != want {
			t.Fatalf("%q: unquoted %q, want %q", raw, got, want)
		}
		identity := AppendIdentity(nil, raw)
		if again := AppendQuoted(nil, identity); !EqualKeys(raw, again) || !Equal(raw, string(identity)) {
			t.Fatalf("%q: quoted again %q", raw, again)
		}
	}
}
