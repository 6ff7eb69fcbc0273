package rawjson

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDropDuplicates(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`{}`, `{}`},
		{` 1 `, ` 1 `},
		{`{"a":1,"b":2}`, `{"a":1,"b":2}`},
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{`{ "a" : 1 , "a" : [2] , "b" : 3 }`, `{ "a" : [2] , "b" : 3 }`},
		{`{"a":1,"a":2,"a":3}`, `{"a":3}`},
		{`{"a":1,"\u0061":2}`, `{"a":2}`},
		{`{"\ud800":1,"\ud801":2,"\uD800":3}`, `{"\ud800":3,"\ud801":2}`},
		{`{"x":{"a":{"q":1},"a":{"q":1,"q":2}},"y":[{"b":1,"b":2}],"x":{"c":1,"c":[{"d":1,"d":2}]}}`, `{"x":{"c":[{"d":2}]},"y":[{"b":2}]}`},
		{`[{"a":1,"b":1,"c":1,"b":2,"a":2},[{"a":1,"a":2}]]`, `[{"a":2,"b":2,"c":1},[{"a":2}]]`},
	} {
		if got := string(DropDuplicates(nil, []byte(test.in))); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.in, got, test.want)
		}
	}
}

// TestDropDuplicatesMeansTheSame compares with encoding/json, for which the last duplicate wins too.
func TestDropDuplicatesMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawValue(t, 4)
		got := DropDuplicates(nil, []byte(text))
		var a, b any
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := json.Unmarshal(got, &b); err != nil {
			t.Fatalf("%s became %s: %v", text, got, err)
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%s became %s", text, got)
		}
		if again := DropDuplicates(nil, got); len(again) != len(got) {
			t.Fatalf("%s became %s, which still has duplicates", text, got)
		}
	})
}

// drawValue draws a JSON text whose objects have few names to choose from and do not all hold objects again: encoding/json merges those.
func drawValue(t *rapid.T, depth int) string {
	n := rapid.IntRange(0, 6).Draw(t, "kind")
	if depth == 0 {
		n %= 4
	}
	switch n {
	case 4, 5:
		var s strings.Builder
		s.WriteString("{")
		for i := range rapid.IntRange(0, 24).Draw(t, "members") {
			if i > 0 {
				s.WriteString(",")
			}
			s.WriteString(rapid.SampledFrom([]string{`"a"`, `"b"`, `"\u0061"`, `"c" `, ` "d"`, `"\ud83d\ude00"`, `"😀"`, `"e\n"`}).Draw(t, "key"))
			s.WriteString(":" + drawValue(t, depth-1))
		}
		return s.String() + "}"
	case 6:
		return "[" + drawValue(t, depth-1) + ", " + drawValue(t, depth-1) + "]"
	}
	return rapid.SampledFrom([]string{"1", `"x"`, "null", "[ ]"}).Draw(t, "scalar")
}

// TestDropDuplicatesIsLinear ends in time only if every byte is copied once, not once a level.
func TestDropDuplicatesIsLinear(t *testing.T) {
	const depth = 4000
	text := strings.Repeat(`{"a":1,"a":`, depth) + `"` + strings.Repeat("x", 1<<20) + `"` + strings.Repeat("}", depth)
	got := DropDuplicates(nil, []byte(text))
	if want := strings.Repeat(`{"a":`, depth); !strings.HasPrefix(string(got), want) || len(got) != len(want)+1<<20+2+depth {
		t.Errorf("wrong result of %d bytes", len(got))
	}
}
