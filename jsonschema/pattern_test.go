package jsonschema

import (
	"strings"
	"testing"
	"time"
)

func TestPatterns(t *testing.T) {
	steps := stepsFor(0)
	for _, test := range []struct{ pattern, matching, other string }{
		{`^\d+$`, "0123", "৪২"},
		{`^\w+$`, "aZ_9", "é"},
		{`^\s+$`, " \t\n\v\f\r\u00a0\u1680\u2028\u2029\u3000\ufeff", "\u0085"},
		{`^\S$`, "\u180e", "\u2003"},
		{`^.$`, "a", "\n"},
		{`^.$`, "é", "😀"}, // two UTF-16 code units
		{`^..$`, "😀", "é"},
		{`^[^x]{2}$`, "😀", "é"},
		{`^😀$`, "😀", "😁"},
		{`^[😀]+$`, "😀😀", "é"}, // a class of two halves
		{`\ud83d`, "😀", "é"},
		{`a$`, "ba", "a\n"},
		{`^a`, "ab", "\na"},
		{`^[^]$`, "\n", ""},
		{`^a[]?$`, "a", ""},
		{`\cA`, "\x01", "cA"},
		{`\c`, `\c`, "c"},
		{`[\b]`, "\b", "b"},
		{`^\x41\u0042\0$`, "AB\x00", "AB"},
		{`^\x4$`, "x4", "4"},
		{`^\101$`, "A", "101"},
		{`^a{,2}$`, "a{,2}", "aa"},
		{`^a{2}$`, "aa", "a"},
		{`^]}{$`, "]}{", ""},
		{`^(?!a)`, "b", "a"},
		{`^(a|b)\1$`, "aa", "ab"},
		{`^(?<x>a|b)\k<x>$`, "bb", "ba"},
		{`(?<=a)b`, "ab", "cb"},
		{`^\k$`, "k", `\k`},
		{`^[\d-x]+$`, "1-x", "a"},
		{`\bfoo\b`, "a foo!", "éfoo_"},
		{`^(?=a)*b`, "b", "a"},
		{`^(?:a{1,1001})$`, strings.Repeat("a", 1001), strings.Repeat("a", 1002)},
		{`^\/a\-b$`, "/a-b", `\/a-b`},
		{`^[a-c]{1,2}(x|yz)?$`, "abyz", "abyzx"},
	} {
		p, err := compilePattern(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		if !p.match([]byte(test.matching), &steps) {
			t.Errorf("%s does not match %q", test.pattern, test.matching)
		}
		if p.match([]byte(test.other), &steps) {
			t.Errorf("%s matches %q", test.pattern, test.other)
		}
	}
	for _, pattern := range []string{`(`, `)`, `a**`, `*`, `[b-a]`, `a{2,1}`, `\`, `[`, `(?<a`, `(?<1>x)`, `(?x)`, `^*`, `(?<=a)*`, `{1}`, strings.Repeat("(", 300) + strings.Repeat(")", 300)} {
		if _, err := compilePattern(pattern); err == nil {
			t.Errorf("%s was compiled", pattern)
		}
	}
	if p, err := compilePattern(`^\d{1,2}\/\d{1,7}\/\d{1,7}$`); err != nil || p.table == nil {
		t.Error("a simple pattern got no table", err)
	}
}

// TestCatastrophicPattern sees that a pattern which backtracks for ever ends, as a text that does not match.
func TestCatastrophicPattern(t *testing.T) {
	s, err := Compile([]byte(`{"pattern":"^(?=a)(a+)+$"}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if s.Valid([]byte(`"` + strings.Repeat("a", 5000) + `!"`)) {
		t.Error("valid")
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}
