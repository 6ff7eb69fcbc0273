package lint

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// event is a schema with the platform's fields and more properties.
func event(title, version, more string) string {
	return `title: ` + title + `
$id: /` + title + `/` + version + `
$schema: https://json-schema.org/draft-07/schema#
type: object
required: [$schema, meta]
properties:
  $schema: {type: string}
  meta: {type: object, properties: {stream: {type: string}}}
` + more
}

func parse(t *testing.T, text string) *streamconfig.Config {
	t.Helper()
	c, err := streamconfig.Parse("s.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// schemas is a repository with /a/1.0.0, /a/1.1.0 and /a/2.0.0 (good), /worse (1.1.0 lacks a field) and /broken.
func schemas(t *testing.T) string {
	dir := t.TempDir()
	write(t, dir, "a/1.0.0.yaml", event("a", "1.0.0", "  x: {type: object, properties: {y: {type: string}}}\n"))
	write(t, dir, "a/1.1.0.yaml", event("a", "1.1.0", "  x: {type: object, properties: {y: {type: string}, z: {type: string}}}\n"))
	write(t, dir, "a/2.0.0.yaml", event("a", "2.0.0", "  x: {type: object, properties: {y: {type: integer}}}\n"))
	write(t, dir, "b/1.0.0.yaml", event("b", "1.0.0", ""))
	write(t, dir, "worse/1.0.0.yaml", event("worse", "1.0.0", "  x: {type: string}\n"))
	write(t, dir, "worse/1.1.0.yaml", event("worse", "1.1.0", ""))
	write(t, dir, "broken/1.0.0.yaml", event("broken", "1.0.0", "  x: 7\n"))
	return dir
}

// rules are the rules that found something, with the subject.
func rules(r *Report) string {
	var list []string
	for _, f := range r.Findings {
		list = append(list, f.Rule+" "+f.Subject)
	}
	return strings.Join(list, ", ")
}

func TestEachRuleOfStreams(t *testing.T) {
	r, err := schema.New(schema.Config{Bases: []string{schemas(t)}, Revalidate: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, c := range []struct{ streams, want string }{
		{"s.v2: {schema_title: a}", ""},
		{"s: {schema_title: b, sample: {rate: 0.5, unit: session}, canary_events_enabled: true, destination_event_service: e}", ""},
		{"s: {}", "schema-title s"},
		{"s: {schema_title: nothing}", "schema-missing s"},
		{"s: {schema_title: broken}", "schema-broken s"},
		{"s: {schema_title: worse}\n  t: {schema_title: worse}", "schema-compatibility s"},
		{"s: {schema_title: a, message_key_fields: {k: x.y}}", ""},
		{"s: {schema_title: a, message_key_fields: {k: x.z}}", "message-key s"},
		{"s.v1: {schema_title: a}", "major-version s.v1"},
		{"s.v1: {schema_title: b}", ""},
		{"s.v2: {schema_title: b}", "major-version s.v2"},
		{"s.rc1: {schema_title: b, consumers: {hive_ingestion: {enabled: true}}}", "unstable-ingestion s.rc1"},
		{"s.dev: {schema_title: b, consumers: {hive_ingestion: {job: x}}}", "unstable-ingestion s.dev"},
		{"s.rc1: {schema_title: b, consumers: {hive_ingestion: {enabled: false}, other: {enabled: true}}}", ""},
		{"research: {schema_title: b, consumers: {hive_ingestion: {enabled: true}}}", ""},
		{"s: {schema_title: b, sample: {rate: 1.5, unit: session}}", "sample s"},
		{"s: {schema_title: b, sample: {rate: 0.5}}", "sample s"},
		{"s: {schema_title: b, sample: {rate: 0.5, unit: year}}", "sample s"},
		{"s: {schema_title: b, sample: yes}", "sample s"},
		{"s: {schema_title: b, canary_events_enabled: true}", "canary s"},
		{"/s/: {schema_title: b, canary_events_enabled: true, destination_event_service: e}", "canary /s/"},
		{"s: {schema_title: b, topics: [a/b]}", "topic-name s"},
		{"ü: {schema_title: b}", "topic-name ü"},
		{"s: {schema_title: b, topics: [t, u]}\n  t: {schema_title: b}", "topic-collision t"},
		{"/^s\\.t.*/: {schema_title: b}\n  /^s\\.t\\..+/: {schema_title: b}", `regex-shadowed /^s\.t\..+/`},
		{"/^s\\.t\\..+/: {schema_title: b}\n  /^s\\.t.*/: {schema_title: b}", `regex-overlap /^s\.t.*/`},
		{"/^s\\.t\\..+/: {schema_title: b}\n  /^s\\.u\\..+/: {schema_title: b}", ""},
		{"/^(s|t)\\./: {schema_title: b}\n  /^(t|u)\\./: {schema_title: b}", `regex-overlap /^(t|u)\./`},
		{"/.*/: {schema_title: b}\n  /^(?!x)y/: {schema_title: b}", ""},
		{"s: {schema_title: b, deprecated: {since: soon}}", "deprecated s"},
		{"s: {schema_title: b, deprecated: {since: 2026-03-01, sunset: 2026-02-10}}", "deprecated s"},
		{"s: {schema_title: b, deprecated: {sunset: 2025-01-01}}", "deprecated s"},
		{"s: {schema_title: b, deprecated: {successor: nobody}}", "deprecated s"},
		{"s: {schema_title: b, deprecated: {successor: s}}", "deprecated s"},
		{"s: {schema_title: b, deprecated: {since: 2026-01-01, sunset: 2027-01-01, successor: t}}\n  t: {schema_title: b}", ""},
	} {
		in := Input{Streams: parse(t, "streams:\n  "+c.streams), Schemas: r, Now: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)}
		report, err := Streams(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		if got := rules(report); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.streams, got, c.want)
		}
		for _, f := range report.Findings {
			if f.File != "s.yaml" || f.Line < 2 || f.Message == "" || f.Remedy == "" {
				t.Errorf("%s: without place or remedy: %+v", c.streams, f)
			}
		}
	}
}

func TestTheOldListFormIsWarnedOf(t *testing.T) {
	report, err := Streams(context.Background(), Input{Streams: parse(t, "streams: [{stream: s, schema_title: b}, {stream: s, schema_title: b}]")})
	if err != nil || rules(report) != "source " {
		t.Error(rules(report), err)
	}
}

func TestChanges(t *testing.T) {
	old := parse(t, `streams:
  stays: {schema_title: a, n: 1}
  gone: {schema_title: a, consumers: {hive: {enabled: true}, other: {enabled: false}}}
  old.name: {schema_title: a}
  other.title: {schema_title: a}
  other.topics: {schema_title: a, topics: [x, y]}
  more.topics: {schema_title: a, topics: [x1]}
  other.key: {schema_title: a, message_key_fields: {k: x}}
  had.alias: {schema_title: a, aliases: [before]}
  retired: {schema_title: a}
`)
	now := parse(t, `streams:
  stays: {schema_title: a, n: 2}
  new: {schema_title: a}
  new.name: {schema_title: a, aliases: [old.name], topics: [old.name]}
  other.title: {schema_title: b}
  other.topics: {schema_title: a, topics: [x, z]}
  more.topics: {schema_title: a, topics: [x1, x2]}
  other.key: {schema_title: a, message_key_fields: {k: y}}
  had.alias: {schema_title: a}
  retired: {schema_title: a, deprecated: {sunset: 2027-01-01, successor: new}}
`)
	report, err := Streams(context.Background(), Input{Streams: now, Against: old})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]struct {
		kind, part string
		breaking   bool
	}{
		"gone":         {"removed", "not declared any more", true},
		"new.name":     {"renamed", "was old.name; it can be read by its old name, but not written", false},
		"new":          {"added", "is new", false},
		"stays":        {"changed", "other settings", false},
		"other.title":  {"changed", `schema_title was "a" and is "b"`, true},
		"other.topics": {"changed", "topics were x, y and are x, z", true},
		"more.topics":  {"changed", "topics were x1 and are x1, x2", false},
		"other.key":    {"changed", "message_key_fields", true},
		"had.alias":    {"changed", "the alias before is gone", true},
		"retired":      {"changed", "is deprecated and gone after 2027-01-01, to be replaced by new", false},
	}
	for _, c := range report.Changes {
		w, ok := want[c.Stream]
		if !ok || c.Kind != w.kind || !strings.Contains(c.Message, w.part) || c.Breaking != w.breaking {
			t.Errorf("%+v", c)
		}
		delete(want, c.Stream)
		if c.Stream == "gone" && strings.Join(c.Consumers, ",") != "hive" {
			t.Errorf("who consumes it: %v", c.Consumers)
		}
	}
	for stream := range want {
		t.Errorf("nothing is told of %s", stream)
	}
	if report.ExitCode() != 1 {
		t.Error("breaking changes give exit code 0")
	}
	report, _ = Streams(context.Background(), Input{Streams: old, Against: old})
	if len(report.Changes) != 0 || report.ExitCode() != 0 {
		t.Errorf("the same configuration: %+v", report.Changes)
	}
}

func TestARenameThatLosesTopicsSaysSo(t *testing.T) {
	report, err := Streams(context.Background(), Input{
		Streams: parse(t, "streams: {new: {schema_title: a, aliases: [old], aliases_writable: true}}"),
		Against: parse(t, "streams: {old: {schema_title: a}}"),
	})
	if err != nil || len(report.Changes) != 1 || !strings.Contains(report.Changes[0].Message, "read and written by its old name; what is in the old topics (old)") {
		t.Errorf("%+v %v", report.Changes, err)
	}
}

func TestEachRuleOfRepositories(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"a/1.0.0.yaml": event("a", "1.0.0", "examples: [{$schema: /a/1.0.0, meta: {stream: s}}]\n")}, ""},
		{map[string]string{"a/1.0.0.yaml": event("a", "1.0.0", "examples: [{$schema: 7, meta: {}}]\n")}, "schema-example /a/1.0.0"},
		{map[string]string{"a/1.0.0.yaml": event("b", "1.0.0", "")}, "schema-title /a/1.0.0, schema-id /a/1.0.0"},
		{map[string]string{"a/1.0.0.yaml": event("a", "1.0.1", "")}, "schema-id /a/1.0.0"},
		{map[string]string{"a/1.0.0.yaml": "title: [\n"}, "schema-broken /a/1.0.0"},
		{map[string]string{"a/1.0.0.yaml": event("a", "1.0.0", "  x: {type: seven}\n")}, "schema-broken /a/1.0.0"},
		{map[string]string{"a/1.0.0.yaml": "title: a\n$id: /a/1.0.0\ntype: object\n"}, "platform-fields /a/1.0.0, platform-fields /a/1.0.0, platform-fields /a/1.0.0"},
		{map[string]string{"fragment/x/1.0.0.yaml": "title: fragment/x\n$id: /fragment/x/1.0.0\ntype: object\n"}, ""},
		{map[string]string{
			"a/1.0.0.yaml": event("a", "1.0.0", "  x: {type: string}\n"), "a/1.1.0.yaml": event("a", "1.1.0", "  x: {type: integer}\n"),
			"a/2.0.0.yaml": event("a", "2.0.0", ""),
		}, "schema-compatibility /a/1.1.0"},
		{map[string]string{
			"a/1.0.0.yaml": event("a", "1.0.0", "  x: {type: string}\n"), "a/1.1.0.yaml": event("a", "1.1.0", ""),
			".jsonschema-tools.yaml": "skipSchemaTestCases: {'/a/1.1.0': [schema-version-compatibility]}",
		}, ""},
		{map[string]string{"a/1.0.0.yaml": event("a", "1.0.0", ""), "a/1.1.0.yaml": event("a", "1.1.0", ""), "a/latest": "1.0.0.yaml"}, "schema-latest /a/latest"},
	} {
		dir := t.TempDir()
		for name, content := range c.files {
			write(t, dir, name, content)
		}
		report, err := Repository(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := rules(report); got != c.want {
			t.Errorf("%v:\n got %s\nwant %s", c.files, got, c.want)
		}
	}
}

func TestIncompatibilities(t *testing.T) {
	for _, c := range []struct{ older, newer, want string }{
		{`{"properties":{"a":{"type":"string"}}}`, `{"properties":{"a":{"type":"string"},"b":{}}}`, ""},
		{`{"properties":{"a":{"type":"string"}}}`, `{"properties":{}}`, "a is gone"},
		{`{"properties":{"a":{"type":["null","string"]}}}`, `{"properties":{"a":{"type":["string","null"]}}}`, ""},
		{`{"properties":{"a":{"type":"string"}}}`, `{"properties":{"a":{"type":["string","null"]}}}`, "a was string and is null or string"},
		{`{"required":["a"]}`, `{"required":["b"]}`, "b is required now, a is not required any more"},
		{`{"properties":{"a":{"items":{"properties":{"b":{}}}}}}`, `{"properties":{"a":{"items":{"properties":{}}}}}`, "a[].b is gone"},
		{`{"additionalProperties":{"type":"string"}}`, `{"additionalProperties":{"type":"number"}}`, "* was string and is number"},
		{`{"properties":{"a":{"enum":["x","y"]}}}`, `{"properties":{"a":{"enum":["x","z"]}}}`, "a cannot be y any more"},
		{`{"properties":{"a":{}}}`, `{"properties":{"a":{"enum":["x"]}}}`, "a can only be one of a few values now"},
	} {
		if got := strings.Join(incompatibilities([]byte(c.older), []byte(c.newer)), ", "); got != c.want {
			t.Errorf("%s to %s:\n got %s\nwant %s", c.older, c.newer, got, c.want)
		}
	}
}

func TestReports(t *testing.T) {
	report, err := Streams(context.Background(), Input{
		Streams: parse(t, "streams:\n  s: {}\n  t: {schema_title: a, canary_events_enabled: true}"),
		Against: parse(t, "streams: {}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var text, asJSON bytes.Buffer
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"s.yaml:2: error: s: schema_title is missing: no event can be checked; name the title of the stream's schema [schema-title]\n",
		"s.yaml:3: warning: t: ", "added: s: is new", "1 errors, 1 warnings, 2 changes\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text has no %q:\n%s", want, text.String())
		}
	}
	if err := report.WriteJSON(&asJSON); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(asJSON.Bytes(), &back); err != nil || len(back.Findings) != 2 || len(back.Changes) != 2 || back.ExitCode() != 1 {
		t.Errorf("%v: %s", err, asJSON.String())
	}
}
