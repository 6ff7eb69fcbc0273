package filter

import (
	"errors"
	"strings"
	"testing"
)

const pageSchema = `{"title":"test/page","type":"object","properties":{
	"$schema":{"type":"string"},
	"meta":{"type":"object","properties":{"domain":{"type":"string"},"dt":{"type":"string"}}},
	"title":{"type":"string","description":"The page's title"},"bot":{"type":"boolean"},"minor":{"type":"boolean"},
	"namespace":{"type":"integer"},"size":{"type":["integer","null"]},"score":{"type":"number"},
	"tags":{"type":"array","items":{"type":"string"}},
	"changes":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"by":{"type":"integer"}}}},
	"length":{"type":"object","properties":{"old":{"type":"integer"},"new":{"type":"integer"}}},
	"params":{"type":["array","object","string"]},
	"labels":{"type":"object","additionalProperties":{"type":"string"}},
	"extra":{"type":"object"},
	"odd name":{"type":"string"}}}`

const userSchema = `{"title":"test/user","type":"object","properties":{"user":{"type":"string"},"namespace":{"type":"string"},"score":{"type":"integer"},
	"meta":{"type":"object","properties":{"domain":{"type":"string"}}}}}`

const pageEvent = `{"$schema":"/test/page/1.0.0","meta":{"domain":"en.example.org","dt":"2026-01-02T03:04:05Z","stream":"x"},"title":"A \"quoted\" \u00e9","bot":false,
	"namespace":4,"size":null,"score":1.5,"tags":["a","b"],"changes":[{"name":"x","by":1},{"name":"y","by":20}],"length":{"old":10,"new":30},
	"params":{"k":[1,2.5]},"labels":{"en":"one"},"extra":{"deep":{"n":7}},"odd name":"v"}`

func pages(t testing.TB) *Types {
	t.Helper()
	types, err := NewTypes(nil, Schema{"pages", []byte(pageSchema)})
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func TestKeep(t *testing.T) {
	types := pages(t)
	for _, c := range []struct {
		expression string
		want       bool
	}{
		{`event.title == "A \"quoted\" é"`, true},
		{`event['$schema'] == '/test/page/1.0.0' && event.meta.domain == event['meta']['domain']`, true},
		{`event["odd name"] == 'v'`, true},
		{`event.meta.domain.endsWith(".example.org")`, true},
		{`event.meta.domain in ['de.example.org', 'en.example.org']`, true},
		{`event.title.matches('^A "')`, true},
		{`topic == 'dc.pages' && timestamp > timestamp('2020-01-01T00:00:00Z')`, true},
		{`timestamp(event.meta.dt) < timestamp`, false}, // 2026 and 2023
		// Numbers of both kinds.
		{`event.namespace == 4.0 && event.namespace < 4.5 && event.score == 1.5 && event.score > 1`, true},
		{`event.score == 1 || event.score != 1`, true},
		{`event.namespace in [1, 4]`, true}, {`event.score in [1, 2]`, false}, {`event.namespace in [1.5, 4.0]`, true},
		{`event.length.new - event.length.old == 20`, true},
		// What is missing or null.
		{`event.bot`, false}, {`!event.bot`, true}, {`event.minor`, false}, {`!event.minor`, true},
		{`event.size > 1`, false}, {`!(event.size > 1)`, true}, {`event.size == null`, true}, {`event.minor == null`, false},
		{`event.minor == true || event.namespace == 4`, true}, {`event.namespace == 4 || event.minor == true`, true},
		{`event.minor != true`, false}, {`!(event.minor == true)`, true},
		{`event.minor == true && event.namespace == 4`, false},
		{`has(event.minor)`, false}, {`has(event.size)`, true}, {`has(event['$schema'])`, true}, {`!has(event.meta.dt)`, false},
		{`event.minor ? true : event.bot == false`, true},
		// Lists and maps.
		{`'a' in event.tags && !('c' in event.tags)`, true}, {`event.tags.exists(x, x == 'b')`, true}, {`event.tags.all(x, x.size() == 1)`, true},
		{`event.tags == ['a', 'b'] && size(event.tags) == 2 && event.tags[1] == 'b'`, true}, {`event.tags[7] == 'b'`, false},
		{`event.changes.exists(c, c.by > 10 && c['name'] == 'y')`, true}, {`event.changes.filter(c, c.by > 10).size() == 1`, true},
		{`event.changes.map(c, c.by) == [1, 20]`, true}, {`event.changes.exists_one(c, c.name == 'x')`, true},
		{`event.labels.en == 'one'`, true}, {`event.labels.de == 'one'`, false}, {`'en' in event.labels`, true}, {`has(event.labels.de)`, false},
		{`event.labels.exists(k, k == 'en')`, true}, {`event.labels == {'en': 'one'}`, true},
		// Dynamic places.
		{`event.extra.deep.n == 7 && event.extra.deep.n < 7.5`, true}, {`event.extra.nothing.n == 7`, false}, {`event.extra.deep.n == 'x'`, false},
		{`event.params.k[1] == 2.5`, true}, {`event.params == 'x'`, false}, {`dyn(event).meta.stream == 'x'`, true},
		{`event.extra.deep == {'n': 7}`, true},
		// Placed by the streamer.
		{`event.meta.partition == 0`, false},
		{`event.tags.exists(event, event == 'a')`, true},
		{`true`, true}, {`false`, false},
		{`event.extra == event.extra && dyn(event.changes) == dyn(event).changes`, true}, {`[event.extra] == [event.extra] && event.extra in [1, event.extra]`, true},
		{`1 / event.namespace == 0 && 1 / (event.namespace - 4) == 0`, false},
	} {
		f, err := types.Compile(c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if got := f.Keep("dc.pages", 1_700_000_000_000, []byte(pageEvent)); got != c.want {
			t.Errorf("%s is %v", c.expression, got)
		}
	}
}

func TestErrors(t *testing.T) {
	types, err := NewTypes(nil, Schema{"pages", []byte(pageSchema)}, Schema{"users", []byte(userSchema)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		expression   string
		line, column int
		message      string
		nearest      string
	}{
		{`event.titel == "A"`, 1, 7, "event has no field 'titel'", "event.title"},
		{"event.title == 'A' &&\n  event.meta.domian == 'x'", 2, 14, "event.meta has no field 'domian'", "event.meta.domain"},
		{`event.title == 'é' && event.titel == 'x'`, 1, 29, "event has no field 'titel'", "event.title"},
		{`event['$shema'] == 'x'`, 1, 7, "event has no field '$shema'", "event['$schema']"},
		{`has(event.titel)`, 1, 11, "event has no field 'titel'", "event.title"},
		{`event.domain == 'x'`, 1, 7, "event has no field 'domain'", "event.meta.domain"},
		{`title == 'x'`, 1, 1, "'title' is not known", "event.title"},
		{`event.title == 5`, 1, 13, "'==' cannot be applied to values of the types (string, int)", ""},
		{`event.title > 5`, 1, 13, "'>' cannot be applied", ""},
		{`event.title in [1, 2]`, 1, 13, "'in' cannot be applied", ""},
		{`event.title`, 1, 7, "this is of type string; it must be true or false", ""},
		{`event.bot && event.title`, 1, 20, "this is of type string; it must be true or false", ""},
		{`event.namespace == 4`, 1, 7, "is of type int in pages and of type string in users", ""},
		{`event.title == `, 1, 16, "mismatched input the end of the expression", ""},
		{`event.title.matches(event.user)`, 1, 26, "the pattern of matches() must be written out", ""},
		{`event.title.matches('(')`, 1, 21, "regular expression", ""},
		{`event.changes.exists(c, c.nmae == 'x')`, 1, 27, "there is no field 'nmae'", "name"},
		{`event.tags.foo == 1`, 1, 12, "does not support field selection", ""},
		{`foo(event.title)`, 1, 1, "'foo' is not known", ""},
		{``, 1, 1, "the expression is empty", ""},
		{`has(event)`, 1, 5, "has() takes a field", ""},
		{strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), 0, 0, "", ""},
		{strings.Repeat("event.bot || ", 8000) + "true", 0, 0, "", ""},
		{`event.changes.exists(a, event.changes.exists(b, event.changes.exists(c, event.changes.exists(d, a.by + b.by + c.by + d.by == 4))))`, 1, 1, "steps an event", ""},
	} {
		_, err := types.Compile(c.expression)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.80s: %v", c.expression, err)
			continue
		}
		if at := e.Offset(c.expression); at < 0 || at > len(c.expression) || strings.Contains(e.Message, "has no field") && !strings.HasPrefix(strings.TrimPrefix(c.expression[at:], "'"), strings.Split(e.Message, "'")[1]) {
			t.Errorf("%.80s: the place is %d", c.expression, at)
		}
		if c.line != 0 && (e.Line != c.line || e.Column != c.column || e.Nearest != c.nearest) || !strings.Contains(e.Message, c.message) {
			t.Errorf("%.80s: %d:%d %q %q", c.expression, e.Line, e.Column, e.Message, e.Nearest)
		}
	}
	for _, ok := range []string{`event.user == 'x' && event.title == 'y'`, `event.score == 1.5`, `event.meta.topic == 'x'`} {
		if _, err := types.Compile(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
}
