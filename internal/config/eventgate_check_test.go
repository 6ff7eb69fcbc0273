package config

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// folder makes files of a folder, by their paths in it.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// What cannot start, or cannot work, is told with its line. What a start says without looking anywhere it says in the same words.
func TestFilesThatCannotWork(t *testing.T) {
	here := folder(t, map[string]string{
		"schemas/test/good/1.0.0.yaml":   "$id: /test/good/1.0.0\ntype: object\n",
		"schemas/test/broken/1.0.0.yaml": "$id: /test/broken/1.0.0\ntype: thing\n",
		"streams.yaml":                   "streams:\n  known: {schema_title: test/good}\n  errors: {schema_title: error}\n",
		"wrong.yaml":                     "streams: [\n",
		"empty.yaml":                     "streams: {}\n",
	})
	schemas, streams := filepath.Join(here, "schemas"), filepath.Join(here, "streams.yaml")
	base := "schema_base_uris: [" + schemas + "]\n"
	const onlyChecked, always = false, true
	for name, test := range map[string]struct {
		conf         string // as it stands from the second line on
		start        bool   // a start says it too
		fault, warns string // line, key and a piece of the text; "" = none
	}{
		"all is right":            {base + "schema_precache_uris: [/test/good/1.0.0]\nerror_stream: errors\nstream_config_uri: " + streams, always, "", ""},
		"schema without slash":    {"schema_base_uris: [/no/s]\nschema_precache_uris:\n- /test/good/1.0.0\n- my/thing/1.0.0", always, `5 schema_precache_uris: it must begin with "/"`, "2 schema_base_uris: is not on"},
		"schema of a host":        {base + "schema_precache_uris: ['http://x/y']", always, `3 schema_precache_uris: it must not name a host`, ""},
		"schema of a URL's":       {"schema_base_uris: ['http://x/y']\nschema_precache_uris: ['x/y']", always, `3 schema_precache_uris: it must begin with "/"`, ""},
		"schema that is broken":   {base + "schema_precache_uris:\n- /test/broken/1.0.0", onlyChecked, "4 schema_precache_uris: /test/broken/1.0.0.yaml: Schema /test/broken/1.0.0 cannot be used", ""},
		"broken, other places":    {"schema_base_uris: [" + schemas + ", 'http://x/y']\nschema_precache_uris: /test/broken/1.0.0", onlyChecked, "", "3 schema_precache_uris: unless a repository that is not on this machine"},
		"schema that is missing":  {"schema_base_uris: ['file://" + schemas + "']\nschema_precache_uris: [/test/none/1.0.0]", onlyChecked, "", "3 schema_precache_uris: was not found"},
		"missing, other places":   {"schema_base_uris: [" + schemas + ", 'http://x/y']\nschema_precache_uris: [/test/none/1.0.0]", onlyChecked, "", ""},
		"repository of no host":   {"schema_base_uris: ['http://']", always, "2 schema_base_uris: it is no URL of a server", ""},
		"repository over FTP":     {"schema_base_uris:\n- /no/s\n- ftp://x/y", always, "4 schema_base_uris: ftp://x/y: there is no such kind", "3 schema_base_uris: is not on this machine"},
		"older name, over FTP":    {"schema_base_uri: ftp://x/y", always, "2 schema_base_uris: ftp://x/y: there is no such kind", ""},
		"repository is a file":    {"schema_base_uris: [" + streams + "]", onlyChecked, "2 schema_base_uris: it is a file", ""},
		"streams of no URL":       {base + "stream_config_uri: not a url", always, `3 stream_config_uri: is "not a url": it must be a file`, ""},
		"streams over FTP":        {base + "stream_config_uri: ftp://x/y", always, `3 stream_config_uri: is "ftp://x/y"`, ""},
		"streams of no host":      {base + "stream_config_uri: 'https://'", always, `3 stream_config_uri: is "https://"`, ""},
		"streams elsewhere":       {base + "stream_config_uri: /no/streams.yaml", onlyChecked, "", "3 stream_config_uri: /no/streams.yaml is not on this machine"},
		"streams that are wrong":  {base + "stream_config_uri: " + here + "/wrong.yaml", onlyChecked, "3 stream_config_uri: wrong.yaml:", ""},
		"no streams":              {base + "stream_config_uri: file://" + here + "/empty.yaml", onlyChecked, "3 stream_config_uri: there are no streams in it", ""},
		"topic prefix":            {base + "topic_prefix: 'bad prefix!'\nerror_stream: errors", always, "3 topic_prefix: every event would be refused", ""},
		"error stream":            {base + "topic_prefix: eqiad.\nerror_stream: no such/error", always, "4 error_stream: no error event could be produced", ""},
		"undeclared error stream": {base + "error_stream: other\nstream_config_uri: " + streams, onlyChecked, "", "3 error_stream: the stream other is not declared"},
		"undeclared test stream": {base + "stream_config_uri: " + streams + "\ntest_events:\n- meta: {stream: known}\n- meta:\n    stream: other", onlyChecked,
			"7 test_events[1]: its stream other is not declared", ""},
		"stream's own field": {base + "stream_config_uri: " + streams + "\nstream_field: [meta.stream, s]\ntest_events: {s: other}", onlyChecked,
			"5 test_events[0]: its stream other is not declared", ""},
		"no folder of the output": {base + "output_path: /no/such/out.jsonl", onlyChecked, "", "3 output_path: the folder /no/such is not on this machine"},
		"output is a folder":      {base + "output_path: " + schemas, onlyChecked, "3 output_path: is a folder", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := head + "    " + strings.ReplaceAll(test.conf, "\n", "\n    ")
			if !strings.Contains(text, "kafka:") {
				text += "\n    kafka: {conf: {metadata.broker.list: 'a:1'}}"
			}
			file := write(t, text)
			_, report := LoadEventGate(file, Overrides{Checking: true})
			hasOne(t, "faults", report.Faults, test.fault)
			hasOne(t, "warnings", report.Warnings, test.warns)
			_, started := LoadEventGate(file, Overrides{})
			switch {
			case test.start && !slices.Equal(started.Faults, report.Faults):
				t.Errorf("a start says %v, a check %v", started.Faults, report.Faults)
			case !test.start && len(started.Faults) > 0:
				t.Errorf("a start looked around: %v", started.Faults)
			}
		})
	}
}

// hasOne wants one note, "LINE KEY: PIECES OF THE TEXT", with lines as in the table.
func hasOne(t *testing.T, kind string, notes []Note, want string) {
	t.Helper()
	if want == "" && len(notes) == 0 {
		return
	}
	place, piece, _ := strings.Cut(want, ": ")
	if len(notes) == 1 {
		line, key, _ := strings.Cut(place, " ")
		if n := notes[0]; strconv.Itoa(n.Line-strings.Count(head, "\n")+1) == line && n.Key == "services[0].conf."+key && strings.Contains(n.Text, piece) {
			return
		}
	}
	t.Errorf("%s: %v, want %q", kind, notes, want)
}

// head is what every file begins with.
const head = "services:\n- conf:\n    trusted_proxies: []\n    eventgate_factory_module: eventgate-wikimedia.js\n"

// What the command line names is looked at in the place of what the file names.
func TestOverridesAreChecked(t *testing.T) {
	file := write(t, head+"    schema_base_uris: ['ftp://x']\n    stream_config_uri: ftp://x\n    kafka: {conf: {metadata.broker.list: 'a:1'}}\n")
	here := folder(t, map[string]string{"streams.yaml": "streams: {a: {topics: 1}}"})
	_, report := LoadEventGate(file, Overrides{Checking: true, Schemas: []string{here, "/no/schemas", "http://"}, Streams: []string{here}})
	if got := places(report.Faults); !slices.Equal(got, []string{"0 --schemas", "0 --streams"}) {
		t.Errorf("faults %v", report.Faults)
	}
	if got := places(report.Warnings); !slices.Equal(got, []string{"0 --schemas"}) {
		t.Errorf("warnings %v", report.Warnings)
	}
	if _, report := LoadEventGate(file, Overrides{Schemas: []string{here}, Streams: []string{here}}); report.Err() != nil {
		t.Errorf("a start looked around: %v", report.Err())
	}
}
