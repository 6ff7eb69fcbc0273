package streamconfig

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// anySetting draws a JSON value of a few levels.
func anySetting(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.StringMatching(`[a-z.é"\\]{0,4}`).AsAny(),
		rapid.Float64Range(-1e6, 1e6).AsAny(),
		rapid.Map(rapid.IntRange(-5, 5), func(i int) any { return float64(i) }),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	list := rapid.Map(rapid.SliceOfN(anySetting(depth-1), 0, 3), func(l []any) any { return l })
	object := rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-c]{1,2}`), anySetting(depth-1), 0, 3), func(m map[string]any) any { return m })
	return rapid.OneOf(append(scalars, list, object)...)
}

var anyObject = rapid.MapOfN(rapid.StringMatching(`[a-d]`), anySetting(3), 0, 4)

func asValue(t *rapid.T, v any) *value {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	file := "x"
	var faults []Fault
	out, err := readJSON(&file, text, &faults)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%s: %v %v", text, err, faults)
	}
	return out
}

func asAny(t *rapid.T, v *value) any {
	var out any
	if err := json.Unmarshal(v.appendJSON(nil), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// replaceRecursive is PHP's array_replace_recursive on Go values: lists and objects are maps by key.
func replaceRecursive(base, over any) any {
	a, aOK := phpArray(base)
	b, bOK := phpArray(over)
	if !aOK || !bOK {
		return over
	}
	out := maps.Clone(a)
	for key, v := range b {
		old, has := a[key]
		if has {
			v = replaceRecursive(old, v)
		}
		out[key] = v
	}
	_, aList := base.([]any)
	_, bList := over.([]any)
	if !aList || !bList {
		return out
	}
	list := make([]any, len(out))
	for i := range list {
		list[i] = out[strconv.Itoa(i)]
	}
	return list
}

func phpArray(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case []any:
		m := map[string]any{}
		for i, item := range v {
			m[strconv.Itoa(i)] = item
		}
		return m, true
	}
	return nil, false
}

func TestMergeIsReplaceRecursive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, over := anyObject.Draw(t, "base"), anyObject.Draw(t, "over")
		got := asAny(t, merge(asValue(t, base), asValue(t, over)))
		want := replaceRecursive(any(base), any(over))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// TestWhatAStreamHasItMeets holds that a stream meets every part of its own settings as a constraint, and that one more constraint never finds more.
func TestWhatAStreamHasItMeets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := anyObject.Draw(t, "settings")
		s := &Stream{Name: "s", settings: asValue(t, settings)}
		part := withoutNulls(settings)
		for _, key := range slices.Sorted(maps.Keys(part)) {
			if rapid.Bool().Draw(t, "leave out "+key) {
				delete(part, key)
			}
		}
		if !s.MeetsConstraints(&Constraints{asValue(t, part)}) {
			t.Fatalf("%v does not meet %v", settings, part)
		}
		other := anyObject.Draw(t, "other")
		both := maps.Clone(part)
		maps.Copy(both, other)
		if s.MeetsConstraints(&Constraints{asValue(t, both)}) && !s.MeetsConstraints(&Constraints{asValue(t, other)}) {
			t.Fatalf("%v meets %v but not %v", settings, both, other)
		}
	})
}

// withoutNulls drops members that are null, which no constraint meets, at every depth.
func withoutNulls(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			out[k] = withoutNulls(v)
		case []any:
			if !slices.ContainsFunc(v, func(e any) bool { _, isArray := phpArray(e); return isArray }) {
				out[k] = v
			}
		default:
			out[k] = v
		}
	}
	return out
}

// TestAnAnswerReadByTheClientIsTheSame holds that a client's configuration answers what its server's does.
func TestAnAnswerReadByTheClientIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		streams := map[string]any{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b.c", `/^j\..+/`, `/k/i`, "é"}), 0, 4, rapid.ID).Draw(t, "names") {
			settings := maps.Clone(anyObject.Draw(t, "settings of "+name))
			if rapid.Bool().Draw(t, "prefixes") {
				settings["topic_prefixes"] = []any{"p.", "q."}
			}
			streams[name] = settings
		}
		text, err := json.Marshal(map[string]any{"streams": streams})
		if err != nil {
			t.Fatal(err)
		}
		served, err := Parse("x.json", text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseAnswer("uri", append(append([]byte(`{"streams":`), served.allStreams()...), '}'), "streams")
		if err != nil {
			t.Fatal(err)
		}
		if string(got.allStreams()) != string(served.allStreams()) {
			t.Fatalf("\n got %s\nwant %s", got.allStreams(), served.allStreams())
		}
		for _, name := range []string{"a", "b.c", "j.x", "K", "zzz"} {
			a, okA := served.Lookup(name)
			b, okB := got.Lookup(name)
			if okA != okB || okA && string(a.AppendSettings(nil, name)) != string(b.AppendSettings(nil, name)) {
				t.Fatalf("%s is another stream", name)
			}
		}
	})
}
