package streamconfig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// names are the declared names in order.
func names(c *Config) string {
	var list []string
	for _, s := range c.Streams() {
		list = append(list, s.Name)
	}
	return strings.Join(list, " ")
}

func mustParse(t *testing.T, name, text string) *Config {
	t.Helper()
	c, err := Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFaultsNamePlaceAndRemedy(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // each a part of the error, in order
	}{
		{"x.json", "{\n \"streams\": {\n  \"a\": {\"topics\": \"t\"}\n }\n}", []string{"x.json:3:9: /streams/a/topics: topics is a string; it must be a list"}},
		{"x.yaml", "streams:\n  a:\n    topics: t\n", []string{"x.yaml:3:5: /streams/a/topics: topics is a string; it must be a list"}},
		{"x.yaml", "default_settings:\n  topic_prefixes: eu.\nstreams: {a: {}, b: {}}", []string{"x.yaml:2:3: /default_settings/topic_prefixes: topic_prefixes is a string"}},
		{"x.yaml", "streams:\n  a: {}\n  b:\n    schema_title: t\n  a: {schema_title: t}\n", []string{`x.yaml:5:3: /streams/a: "a" is given twice, first at x.yaml:2:3`}},
		{"x.json", "{\"streams\":{\"a\":{},\n\"a\":{}}}", []string{`x.json:2:1: /streams/a: "a" is given twice, first at x.json:1:13`}},
		{"x.yaml", "streams:\n  /a(b/: {}\n", []string{`x.yaml:2:3: /streams/~1a(b~1: invalid regex "/a(b/": missing closing ): `, `write /pattern/`}},
		{"x.yaml", "streams:\n  /abc: {}\n", []string{`it has no closing "/"`}},
		{"x.yaml", "streams:\n  /abc/q: {}\n", []string{`'q' is no flag`}},
		{"x.yaml", "streams:\n  a: text\n", []string{`x.yaml:2:3: /streams/a: the settings of stream "a" are a string`}},
		{"x.yaml", "strems:\n  a: {}\n", []string{`x.yaml:1:1: /strems: unknown member "strems"; a document has`}},
		{"x.yaml", "streams:\n  a:\n    schema_title: [t]\n    message_key_fields: {k: 7}\n    aliases: old\n    deprecated: maybe\n", []string{
			"x.yaml:3:5: /streams/a/schema_title: schema_title is a list; it must be a text",
			"x.yaml:4:26: /streams/a/message_key_fields/k: message_key_fields/k is a number",
			"x.yaml:5:5: /streams/a/aliases: aliases is a string; it must be a list",
			"x.yaml:6:5: /streams/a/deprecated: deprecated is a string",
		}},
		{"x.yaml", "streams:\n  a: {aliases: [b]}\n  b: {}\n  c: {aliases: [d]}\n  e: {aliases: [d]}", []string{
			`x.yaml:2:7: /streams/a/aliases: the alias "b" is a declared stream`, `the alias "d" is an alias of stream "c" as well`,
		}},
		{"x.yaml", "streams:\n  a: [\n", []string{"x.yaml:2"}},
		{"x.json", "{\"streams\": {\n\"a\": }}", []string{"x.json:2:6: no JSON value begins like this"}},
		{"x.json", "[]", []string{"x.json:1:1: the document is a list; it must be an object"}},
	} {
		_, err := Parse(c.name, []byte(c.text))
		var load *LoadError
		if !errors.As(err, &load) {
			t.Errorf("%q: %v is no LoadError", c.text, err)
			continue
		}
		rest := err.Error()
		for _, want := range c.want {
			i := strings.Index(rest, want)
			if i < 0 {
				t.Errorf("%q:\n got %s\nwant %s", c.text, err, want)
				break
			}
			rest = rest[i+len(want):]
		}
	}
}

func TestYAMLAndJSONAreTheSame(t *testing.T) {
	y := mustParse(t, "x.yaml", `
default_settings: &d
  topic_prefixes: [eqiad., codfw.]
  sample: {rate: 0.10, unit: session}
streams:
  b.stream:
    schema_title: b
    n: 12
    exp: 1e3
    text: "12"
    nothing: ~
  "/^r\\./":
    <<: {schema_title: r, x: 1}
    x: 2
`)
	j := mustParse(t, "x.json", `{"default_settings":{"topic_prefixes":["eqiad.","codfw."],"sample":{"rate":0.10,"unit":"session"}},
		"streams":{"b.stream":{"schema_title":"b","n":12,"exp":1e3,"text":"12","nothing":null},"/^r\\./":{"schema_title":"r","x":2}}}`)
	if got, want := string(y.allStreams()), string(j.allStreams()); got != want {
		t.Errorf("\nYAML %s\nJSON %s", got, want)
	}
}

func TestASchemaTitleAloneIsEnough(t *testing.T) {
	s, ok := mustParse(t, "x.yaml", "streams: {a: {schema_title: t}}").Lookup("a")
	if !ok || s.SchemaTitle != "t" || strings.Join(s.Topics, ",") != "a" || s.Source.String() != "x.yaml:1:11" {
		t.Errorf("%+v", s)
	}
}

func TestFieldsOfAStream(t *testing.T) {
	c := mustParse(t, "x.yaml", `
default_settings:
  topic_prefixes: [p.]
  canary_events_enabled: true
  producers: {eventgate: {enrich_fields_from_http_headers: {meta.request_id: x-request-id}}}
streams:
  a:
    schema_title: t
    description: about a
    destination_event_service: intake
    message_key_fields: {wiki_id: wiki_id, page_id: page.page_id}
    producers: {eventgate: {use_edge_uniques: true, enrich_fields_from_http_headers: {http.client_ip: x-ip, meta.request_id: false}}}
    aliases: [old.a]
    aliases_writable: true
    topic_settings: {partitions: 3, configs: {retention.ms: 1000, cleanup.policy: compact}}
    deprecated: {since: 2026-01-02, sunset: 2027-01-02, successor: b, reason: because}
  b: {aliases: [old.b]}
`)
	s, _ := c.Lookup("a")
	if s.Description != "about a" || s.DestinationEventService != "intake" || !s.CanaryEventsEnabled || !s.UseEdgeUniques || !s.AliasesWritable {
		t.Errorf("%+v", s)
	}
	if got := fmt.Sprint(s.MessageKeyFields); got != "[{wiki_id wiki_id} {page_id page.page_id}]" {
		t.Error(got)
	}
	if got := fmt.Sprint(s.EnrichFromHeaders); got != "[{meta.request_id } {http.client_ip x-ip}]" {
		t.Error(got)
	}
	if got := fmt.Sprint(*s.Deprecated); got != "{2026-01-02 2027-01-02 b because}" {
		t.Error(got)
	}
	if got := fmt.Sprint(s.TopicSettings); got != "{3 0 map[cleanup.policy:compact retention.ms:1000]}" {
		t.Error(got)
	}
	if r, ok := c.Readable("old.a"); !ok || r != s {
		t.Error("old.a cannot be read")
	}
	if r, ok := c.Writable("old.a"); !ok || r != s {
		t.Error("old.a cannot be written")
	}
	if _, ok := c.Writable("old.b"); ok {
		t.Error("old.b can be written though nobody said so")
	}
	if _, ok := c.Lookup("old.a"); ok {
		t.Error("Lookup follows aliases")
	}
	if got := strings.Join(c.DefaultTopicPrefixes(), ","); got != "p." {
		t.Error(got)
	}
	if v, ok := s.Setting("producers", "eventgate", "use_edge_uniques"); !ok || string(v) != "true" {
		t.Error(string(v), ok)
	}
}

func TestTopicSettingsThatCannotBe(t *testing.T) {
	for text, want := range map[string]string{
		"7":                        "topic_settings is a number; it must be an object",
		"{partitions: 0}":          "topic_settings/partitions is a number; it must be a whole number from 1 to 100000",
		"{replicas: two}":          "topic_settings/replicas is a string; it must be a whole number from 1 to 100",
		"{configs: [a]}":           "topic_settings/configs is a list; it must be an object",
		"{configs: {a: {b: c}}}":   "topic_settings/configs/a is an object; it must be a text",
		"{partitions: 1.5}":        "topic_settings/partitions is a number; it must be a whole number",
		"{replicas: 99999999999 }": "topic_settings/replicas is a number; it must be a whole number",
	} {
		if _, err := Parse("x.yaml", []byte("streams: {a: {topic_settings: "+text+"}}")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestSeveralSources(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "one.yaml", "default_settings: {topic_prefixes: [a., b.], x: {y: 1}}\nstreams:\n  s1: {schema_title: one, only: 1}\n  s2: {schema_title: one}\n")
	write(t, dir, "teams/b.json", `{"streams":{"s4":{"schema_title":"team b"}}}`)
	write(t, dir, "teams/a.yml", "default_settings: {x: {z: 2}}\nstreams:\n  s3: {schema_title: team a}\n  s1: {schema_title: team a}\n")
	write(t, dir, "teams/README.md", "not a configuration")
	c, err := Load(filepath.Join(dir, "one.yaml"), filepath.Join(dir, "teams"))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(c); got != "s1 s2 s3 s4" {
		t.Error(got)
	}
	s, _ := c.Lookup("s1")
	if want := `{"topic_prefixes":["a.","b."],"x":{"y":1,"z":2},"schema_title":"team a","stream":"s1","topics":["a.s1","b.s1"]}`; string(s.Settings) != want {
		t.Errorf("\n got %s\nwant %s", s.Settings, want)
	}
	write(t, dir, "teams/c.yaml", "streams:\n\n  s4: {}\n")
	_, err = Load(filepath.Join(dir, "teams"))
	if err == nil || !strings.Contains(err.Error(), "c.yaml:3:3") || !strings.Contains(err.Error(), "b.json:1:13") {
		t.Errorf("the same stream in two files of a folder: %v", err)
	}
	write(t, dir, "teams/c.yaml", "default_settings: {}\n")
	if _, err = Load(filepath.Join(dir, "teams")); err == nil || !strings.Contains(err.Error(), "default_settings are given twice") {
		t.Errorf("defaults in two files of a folder: %v", err)
	}
	if _, err := Load(filepath.Join(dir, "nothing")); err == nil || !strings.Contains(err.Error(), "there is no such file or folder") {
		t.Error(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(filepath.Join(dir, "empty")); err == nil || !strings.Contains(err.Error(), "no .yaml") {
		t.Error(err)
	}
}

func TestTheOldListForm(t *testing.T) {
	c := mustParse(t, "x.json", `{"streams":[{"stream":"a","n":1},{"stream":"a","n":2}]}`)
	s, _ := c.Lookup("a")
	if v, _ := s.Setting("n"); string(v) != "2" || names(c) != "a" {
		t.Error(names(c), string(v))
	}
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0].String(), `stream "a" is declared twice`) {
		t.Error(w)
	}
}

func TestHostileDocuments(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 9; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	for _, bad := range []string{
		strings.Repeat("[", 100000), strings.Repeat("{\"a\":", 100000), strings.Repeat("- ", 100000), bomb, "a: &x [*x]", "a: *x",
		"{\"a\":\"\xff\"}", "{\"a\":1,}", "{\"a\" 1}", "\x00", "--- a\n--- b", "streams: !!binary x",
	} {
		for _, name := range []string{"x.json", "x.yaml", "x"} {
			if _, err := Parse(name, []byte(bad)); err == nil {
				t.Errorf("%s %.30q was taken", name, bad)
			}
		}
	}
	for _, empty := range []string{"", "# nothing", "streams:\n", "{}"} {
		if c, err := Parse("x.yaml", []byte(empty)); err != nil || len(c.Streams()) != 0 {
			t.Errorf("%q: %v", empty, err)
		}
	}
}

func TestExactLookupAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("allocations are not counted under -race")
	}
	c := mustParse(t, "x.yaml", "streams: {a: {}, /b/: {}}")
	if n := testing.AllocsPerRun(100, func() {
		if _, ok := c.Lookup("a"); !ok {
			t.Fatal("not found")
		}
		c.Writable("a")
		c.Readable("a")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAPatternThatBacktracksForEverDoesNotMatch(t *testing.T) {
	c := mustParse(t, "x.yaml", `streams: {'/^(?!x)(a+)+$/': {}}`)
	if _, ok := c.Lookup(strings.Repeat("a", 60) + "!"); ok {
		t.Error("it matches")
	}
	if _, ok := c.Lookup("aaa"); !ok {
		t.Error("the same pattern does not match what it should")
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
