package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"pgregory.net/rapid"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// decoded is an event as CEL's own maps and lists have it, numbers as they are declared.
func decoded(v any, s *shape) any {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			v[name] = decoded(m, s.member(name))
		}
	case []any:
		for i, e := range v {
			v[i] = decoded(e, (&rawList{shape: s}).elements())
		}
	case json.Number:
		return newNumber(v.String(), s)
	}
	return v
}

// onMap is the verdict on the decoded event.
func (f *Filter) onMap(t testing.TB, event []byte) bool {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	verdict, _, err := f.program.Eval(map[string]any{
		"event": types.DefaultTypeAdapter.NativeToValue(decoded(v, f.types.root)), "topic": "dc.pages", "timestamp": time.UnixMilli(1_700_000_000_000).UTC()})
	return err == nil && verdict == types.True
}

// fieldsOf are places of the test schema, texts, numbers and others, with some that events do not have.
var (
	textFields   = []string{"event.title", "event.meta.domain", "event['$schema']", "event.extra.s", "event.params", "event.labels.en", "event.tags[1]", "topic", "event.changes[0].name"}
	numberFields = []string{"event.namespace", "event.size", "event.score", "event.length.new", "event.extra.n", "event.changes[1].by", "size(event.tags)", "size(event.title)"}
	listFields   = []string{"event.tags", "event.extra.l", "['a', 'b']"}
	mapFields    = []string{"event.labels", "event.extra", "event.extra.m"}
)

func genExpression(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		pick := func(of []string) string { return rapid.SampledFrom(of).Draw(t, "operand") }
		compare := rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">="})
		if depth == 0 {
			switch rapid.IntRange(0, 10).Draw(t, "form") {
			case 0:
				return pick(textFields) + " " + compare.Draw(t, "op") + " " + rapid.SampledFrom([]string{"'a'", "'é\"'", "''", "event.title"}).Draw(t, "text")
			case 1:
				return pick(numberFields) + " " + compare.Draw(t, "op") + " " + rapid.SampledFrom([]string{"1", "1.5", "-3.0", "event.score", "event.namespace"}).Draw(t, "number")
			case 2:
				return "has(" + rapid.SampledFrom([]string{"event.title", "event['$schema']", "event.extra.n", "event.labels.en", "event.meta.domain"}).Draw(t, "field") + ")"
			case 3:
				return pick(textFields) + " in " + pick(listFields)
			case 4:
				return pick(listFields) + ".exists(x, x == " + pick(textFields) + ")"
			case 5:
				return "event.changes." + rapid.SampledFrom([]string{"all", "exists", "exists_one"}).Draw(t, "macro") + "(c, c.by > 1 || c.name == 'a')"
			case 6:
				return "event.bot"
			case 7:
				return pick(listFields) + " == " + pick(listFields)
			case 8:
				return "'en' in " + pick(mapFields) + " || " + pick(mapFields) + " == " + pick(mapFields)
			case 9:
				return "event.extra.m.exists(k, event.extra.m[k] == 1) || size(event.extra) > 1"
			default:
				return "(" + pick(numberFields) + " == null) || " + pick(numberFields) + " in [1, 2.5]"
			}
		}
		inner := genExpression(depth - 1)
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			return "!(" + inner.Draw(t, "a") + ")"
		case 1:
			return "(" + inner.Draw(t, "a") + ") && (" + inner.Draw(t, "b") + ")"
		case 2:
			return "(" + inner.Draw(t, "a") + ") || (" + inner.Draw(t, "b") + ")"
		default:
			return "(" + inner.Draw(t, "a") + ") ? (" + inner.Draw(t, "b") + ") : (" + inner.Draw(t, "c") + ")"
		}
	})
}

func genEvent() *rapid.Generator[string] {
	texts := rapid.SampledFrom([]string{`"a"`, `"\u0061"`, `"é\""`, `""`, `"b"`, `"\ud83d\ude00"`})
	numbers := rapid.SampledFrom([]string{`1`, `1.0`, `-3`, `2.5`, `1e2`, `12345678901234567890`, `null`, `"x"`})
	var value func(depth int) *rapid.Generator[string]
	value = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			if depth == 0 {
				return rapid.OneOf(texts, numbers, rapid.Just("true")).Draw(t, "scalar")
			}
			if rapid.Bool().Draw(t, "list") {
				return "[" + strings.Join(rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "elements"), " , ") + "]"
			}
			var members []string
			for _, name := range []string{"n", "s", "l", "m", "en"} {
				if rapid.Bool().Draw(t, "has") {
					members = append(members, fmt.Sprintf("%q: %s", name, value(depth-1).Draw(t, name)))
				}
			}
			return "{" + strings.Join(members, ",") + "}"
		})
	}
	return rapid.Custom(func(t *rapid.T) string {
		members, fields := []string(nil), map[string]*rapid.Generator[string]{
			"$schema": texts, "title": texts, "bot": rapid.SampledFrom([]string{"true", "false", "null", `"x"`}), "namespace": numbers, "size": numbers, "score": numbers,
			"tags": rapid.SampledFrom([]string{`["a","b"]`, `[]`, `["a"]`, `null`, `[1,"a"]`}), "length": rapid.SampledFrom([]string{`{"new":1}`, `{"new":1.0,"old":2}`, `3`}),
			"changes": rapid.SampledFrom([]string{`[{"name":"a","by":1},{"by":2}]`, `[{"name":"b"}]`, `[]`, `[1]`}), "params": value(1), "extra": value(2),
			"labels": rapid.SampledFrom([]string{`{"en":"a"}`, `{}`, `{"de":"b","en":null}`}), "meta": rapid.SampledFrom([]string{`{"domain":"a"}`, `{}`, `1`}),
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			of := fields[name]
			if rapid.IntRange(0, 3).Draw(t, "has "+name) > 0 {
				members = append(members, fmt.Sprintf("%q:%s", name, of.Draw(t, name)))
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	})
}

// The verdict on an event's bytes is the one that the same program gives on CEL's own maps and lists.
func TestVerdictOnBytesIsThatOnAMap(t *testing.T) {
	known := pages(t)
	rapid.Check(t, func(rt *rapid.T) {
		expression := genExpression(rapid.IntRange(0, 2).Draw(rt, "depth")).Draw(rt, "expression")
		f, err := known.Compile(expression)
		if err != nil {
			rt.Fatalf("%s: %v", expression, err)
		}
		event := []byte(genEvent().Draw(rt, "event"))
		if onBytes, onMap := f.Keep("dc.pages", 1_700_000_000_000, event), f.onMap(t, event); onBytes != onMap {
			rt.Fatalf("%s is %v on bytes and %v on a map of %s", expression, onBytes, onMap, event)
		}
	})
}

// Whatever is written and whatever the event is, nothing panics, and the verdict is the one on a map.
func FuzzFilter(f *testing.F) {
	f.Add(`event.title == "x" || has(event['$schema'])`, pageEvent)
	f.Add(`event.changes.exists(c, c.by > 10 && c['name'] == 'y')`, pageEvent)
	f.Add(`event.extra.deep.n in [7.0] ? dyn(event).x == 1 : event.tags.all(t, t < 'c')`, `{"extra":{"deep":{"n":7}},"x":1.0,"tags":["a"],"tags":["d"]}`)
	f.Add(`type(event.params) == list && event.params + [1] == [1]`, `{"params":[]}`)
	f.Add(`event.labels.map(k, event.labels[k]).exists(v, v.matches('^o+$'))`, pageEvent)
	known := pages(f)
	f.Fuzz(func(t *testing.T, expression, event string) {
		filter, err := known.Compile(expression)
		if err != nil || rawjson.Check([]byte(event)) != nil || !strings.HasPrefix(event, "{") || deep([]byte(event)) || strings.Contains(event, `\u`) {
			return
		}
		again, err := known.Compile(expression + " \n")
		if err != nil || again.Key() != filter.Key() {
			t.Fatalf("%q and the same with a space are not the same: %v", expression, err)
		}
		if onBytes, onMap := filter.Keep("dc.pages", 1_700_000_000_000, []byte(event)), filter.onMap(t, []byte(event)); onBytes != onMap {
			t.Fatalf("%s is %v on bytes and %v on a map of %s", expression, onBytes, onMap, event)
		}
	})
}

// What is written is the same filter if it means the same, and another if it does not.
func TestKey(t *testing.T) {
	known := pages(t)
	key := func(expression string) string {
		t.Helper()
		f, err := known.Compile(expression)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return f.Key()
	}
	for _, same := range [][2]string{
		{`event.title=="a"`, "  event . title ==\n\t'a' "}, {`(event.bot)`, `event.bot`}, {`event.bot&&(event.minor)`, `event.bot && event.minor // why`},
		{`has(event.bot)`, `has( event.bot )`}, {`event.tags.exists(x,x=='a')`, `event.tags.exists( x, x == "a" )`},
	} {
		if key(same[0]) != key(same[1]) {
			t.Errorf("%q and %q are two filters", same[0], same[1])
		}
	}
	all := map[string]string{}
	for _, e := range []string{
		`event.title == "a"`, `event.title == "a "`, `event.title != "a"`, `event.title == "\"a"`, `event.title == r'\"a'`, `event.score == 1.0`, `event.score == 1`, `event.score == 1u`,
		`event.score == 0.1`, `event.score == 0.10000000000000002`, `event.namespace == 9007199254740993`, `event.namespace == 9007199254740992`,
		`event.bot && event.minor || event.bot`, `event.bot && (event.minor || event.bot)`, `!(event.bot && event.minor)`, `!event.bot && event.minor`,
		`1 - (2 - 3) == event.namespace`, `1 - 2 - 3 == event.namespace`, `event.tags.exists(x, x == 'a')`, `event.tags.all(x, x == 'a')`, `event.title == 'a\nb'`, `event.title == 'a\\nb'`,
		`event.extra['a.b'] == 1`, `event.extra.a.b == 1`, `event.extra['a` + "`" + `b'] == 1`, `b'a' == b'\x61\x00'`, `b'a' == b'a'`, `-1 == event.namespace`, `- 2 == event.namespace`,
	} {
		k := key(e)
		if other, ok := all[k]; ok {
			t.Errorf("%q and %q are one filter", e, other)
		}
		all[k] = e
	}
	others, err := NewTypes(nil, Schema{"users", []byte(userSchema)})
	if err != nil {
		t.Fatal(err)
	}
	f, err := others.Compile(`event.score == 1`)
	if err != nil {
		t.Fatal(err)
	}
	if f.Key() == key(`event.score == 1`) {
		t.Error("the types do not count")
	}
}

// An event that takes more steps than it may is not delivered, and that is told.
func TestBudget(t *testing.T) {
	failed := 0
	known, err := NewTypes(func() { failed++ }, Schema{"pages", []byte(pageSchema)})
	if err != nil {
		t.Fatal(err)
	}
	f, err := known.Compile(`event.changes.exists(a, event.changes.exists(b, a.by + b.by == 1))`)
	if err != nil {
		t.Fatal(err)
	}
	event := func(n int) []byte {
		return []byte(`{"changes":[` + strings.Repeat(`{"by":1},`, n) + `{"by":0}]}`)
	}
	if !f.Keep("t", 0, event(20)) || failed != 0 {
		t.Errorf("20 changes are too many; %d failed", failed)
	}
	if f.Keep("t", 0, []byte(`{"changes":[`+strings.Repeat(`{"by":9},`, 5_000)+`{"by":9}]}`)) || failed != 1 {
		t.Errorf("25,000,000 comparisons were made; %d failed", failed)
	}
	if f, err = known.Compile(`event.extra == event.extra`); err != nil {
		t.Fatal(err)
	}
	nested := func(n int) []byte {
		return []byte(`{"extra":` + strings.Repeat(`{"a":`, n) + `1` + strings.Repeat(`}`, n) + `}`)
	}
	if !f.Keep("t", 0, nested(60)) || f.Keep("t", 0, nested(4_000)) || failed != 2 {
		t.Errorf("what is nested deeply is compared; %d failed", failed)
	}
	if f, err = known.Compile(`1 / event.namespace == 1`); err != nil {
		t.Fatal(err)
	}
	if f.Keep("t", 0, []byte(`{"namespace":0}`)) || f.Keep("t", 0, []byte(`{}`)) || f.Keep("t", 0, []byte(`{"namespace":"x"}`)) || failed != 3 {
		t.Errorf("%d failed", failed)
	}
}

func TestFields(t *testing.T) {
	written := map[string]string{}
	known := pages(t)
	for _, f := range known.Fields() {
		written[f.Path] = f.Type
		if f.Path != "topic" && f.Path != "timestamp" {
			if _, err := known.Compile("has(" + f.Path + ")"); err != nil {
				t.Errorf("%s is listed: %v", f.Path, err)
			}
		}
	}
	for path, want := range map[string]string{
		"event['$schema']": "string", "event['odd name']": "string", "event.meta.domain": "string", "event.meta.offset": "int", "event.tags": "list", "event.params": "dyn",
		"event.length.new": "int", "event.score": "double", "topic": "string", "timestamp": "timestamp",
	} {
		if written[path] != want {
			t.Errorf("%s is %q", path, written[path])
		}
	}
}

func BenchmarkKeep(b *testing.B) {
	known := pages(b)
	for _, e := range []string{`event.meta.domain == 'en.example.org'`, `event.meta.domain == 'en.example.org' && !event.bot && event.length.new - event.length.old > 10`, `event.changes.exists(c, c.by > 10)`} {
		f, err := known.Compile(e)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(e, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Keep("dc.pages", 1, []byte(pageEvent))
			}
		})
	}
}
