package event

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// filled is src with the values filled in.
func filled(t testing.TB, src string, values map[string]string) string {
	t.Helper()
	p := mustPlan(t, slices.Sorted(maps.Keys(values))...)
	fields := make([]Field, p.Len())
	if p.Scan([]byte(src), rawjson.SkipSpace([]byte(src), 0), fields) < 0 {
		t.Fatalf("the structure of %q cannot be followed", src)
	}
	bySlot := make([][]byte, p.Len())
	for path, v := range values {
		bySlot[p.Slot(path)] = []byte(v)
	}
	ins, _ := p.Fill(nil, nil, []byte(src), fields, bySlot)
	return string(rawjson.Splice(nil, []byte(src), ins))
}

func TestFill(t *testing.T) {
	cases := []struct {
		name, src string
		values    map[string]string
		want      string
	}{
		{"into an object", `{"meta":{"a":1}}`, map[string]string{"meta.id": `"x"`}, `{"meta":{"a":1,"id":"x"}}`},
		{"into an empty object", `{"meta":{ }}`, map[string]string{"meta.id": `"x"`}, `{"meta":{ "id":"x"}}`},
		{"an absent parent", `{"a":1}`, map[string]string{"h.r.u": `"x"`, "h.ip": `"y"`}, `{"a":1,"h":{"ip":"y","r":{"u":"x"}}}`},
		{"into the empty event", `{}`, map[string]string{"dt": `"x"`}, `{"dt":"x"}`},
		{"present stays", `{"meta":{"id":null}}`, map[string]string{"meta.id": `"x"`}, `{"meta":{"id":null}}`},
		{"a parent that is no object", `{"meta":5}`, map[string]string{"meta.id": `"x"`, "dt": `"y"`}, `{"meta":5,"dt":"y"}`},
		{"the last duplicate", `{"meta":{"id":1},"meta":{}}`, map[string]string{"meta.id": `"x"`}, `{"meta":{"id":1},"meta":{"id":"x"}}`},
		{"several places", `{"b":{},"a":{"x":1}}`, map[string]string{"a.i": "1", "b.i": "2", "c": "3"}, `{"b":{"i":2},"a":{"x":1,"i":1},"c":3}`},
		{"not an object", `[1]`, map[string]string{"a": "1"}, `[1]`},
		{"a name that needs escapes", `{}`, map[string]string{`a"b`: "1"}, `{"a\"b":1}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := filled(t, c.src, c.values); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What is parsed after filling in is what a program would get that sets the fields of the parsed event.
func TestFillMeansWhatSettingFieldsMeans(t *testing.T) {
	names := rapid.SampledFrom([]string{"a", "b", "meta", "id"})
	rapid.Check(t, func(t *rapid.T) {
		src := drawObject(t, names, 3)
		values := map[string]string{}
		for range rapid.IntRange(1, 5).Draw(t, "paths") {
			path := strings.Join(rapid.SliceOfN(names, 1, 3).Draw(t, "path"), ".")
			if !overlaps(values, path) {
				values[path] = rapid.SampledFrom([]string{`1`, `"x"`, `{}`, `null`}).Draw(t, "value")
			}
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(src), &want); err != nil {
			t.Fatal(err)
		}
		for path, v := range values {
			var value any
			if err := json.Unmarshal([]byte(v), &value); err != nil {
				t.Fatal(err)
			}
			setAbsent(want, strings.Split(path, "."), value)
		}
		var got map[string]any
		paths := slices.Sorted(maps.Keys(values))
		p, err := NewPlan(paths...)
		if err != nil {
			t.Fatal(err)
		}
		fields, bySlot := make([]Field, p.Len()), make([][]byte, p.Len())
		if p.Scan([]byte(src), 0, fields) < 0 {
			t.Fatalf("the structure of %s cannot be followed", src)
		}
		for _, path := range paths {
			bySlot[p.Slot(path)] = []byte(values[path])
		}
		ins, _ := p.Fill(nil, nil, []byte(src), fields, bySlot)
		spliced := rawjson.Splice(nil, []byte(src), ins)
		if err := json.Unmarshal(spliced, &got); err != nil {
			t.Fatalf("%s with %v became %s: %v", src, values, spliced, err)
		}
		a, errA := json.Marshal(got)
		b, errB := json.Marshal(want)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Fatalf("%s with %v became %s, want %s", src, values, a, b)
		}
	})
}

// overlaps reports whether a path is one of those in values, above it or below it.
func overlaps(values map[string]string, path string) bool {
	for other := range values {
		if strings.HasPrefix(other+".", path+".") || strings.HasPrefix(path+".", other+".") {
			return true
		}
	}
	return false
}

func setAbsent(object map[string]any, path []string, value any) {
	if len(path) == 1 {
		if _, has := object[path[0]]; !has {
			object[path[0]] = value
		}
		return
	}
	child, has := object[path[0]]
	if !has {
		child = map[string]any{}
		object[path[0]] = child
	}
	if below, ok := child.(map[string]any); ok {
		setAbsent(below, path[1:], value)
	}
}

// drawObject writes an object as text, with unequal keys (encoding/json merges the objects of equal ones).
func drawObject(t *rapid.T, names *rapid.Generator[string], depth int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range rapid.SliceOfNDistinct(names, 0, 4, rapid.ID).Draw(t, "names") {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, "space"))
		if name == "a" && rapid.Bool().Draw(t, "escaped") {
			name = `\u0061`
		}
		b.WriteString(`"` + name + `":`)
		if depth > 0 && rapid.Bool().Draw(t, "nested") {
			b.WriteString(drawObject(t, names, depth-1))
		} else {
			b.WriteString(rapid.SampledFrom([]string{"1", `"}"`, "[{}]", "null"}).Draw(t, "leaf"))
		}
	}
	b.WriteString("}")
	return b.String()
}

func TestIDsAreUUIDs(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_123)
	seen := map[string]bool{}
	for range 1000 {
		text := string(AppendID(nil, now))
		id, err := uuid.Parse(text)
		if err != nil || len(text) != 36 || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%q is not a UUID of version 7: %v", text, err)
		}
		if ms := int64(id[0])<<40 | int64(id[1])<<32 | int64(id[2])<<24 | int64(id[3])<<16 | int64(id[4])<<8 | int64(id[5]); ms != now.UnixMilli() {
			t.Fatalf("%q was made at %d", text, ms)
		}
		if seen[text] {
			t.Fatalf("%q was made twice", text)
		}
		seen[text] = true
	}
}

func TestTimesAreWrittenAsJavaScriptWritesThem(t *testing.T) {
	at := time.Date(2024, 3, 4, 7, 6, 7, 8_999_999, time.FixedZone("", 2*3600))
	if got := string(AppendTime(nil, at)); got != "2024-03-04T05:06:07.008Z" {
		t.Error(got)
	}
}
