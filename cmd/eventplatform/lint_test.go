package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLintCommand(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("schemas/jsonschema/a/1.0.0.yaml", "title: a\n$id: /a/1.0.0\n$schema: https://json-schema.org/draft-07/schema#\ntype: object\n"+
		"required: [$schema, meta]\nproperties:\n  $schema: {type: string}\n  meta: {type: object, required: [stream, dt], properties: {stream: {type: string}, dt: {type: string}, id: {type: string}}}\n")
	schemas := filepath.Join(dir, "schemas")
	good := file("good.yaml", "streams:\n  s.v1: {schema_title: a, destination_event_service: x}\n")
	bad := file("bad.yaml", "streams:\n  s.v1: {schema_title: nowhere, destination_event_service: x}\n")
	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"good", []string{good, "--schemas", schemas}, 0, ""},
		{"a title without a schema", []string{bad, "--schemas", schemas}, 1, bad + ":2: error: s.v1"},
		{"as JSON", []string{bad, "--schemas", schemas, "--json"}, 1, `"rule":"schema-missing"`},
		{"what changes", []string{file("none.yaml", "streams: {}\n"), "--against", good}, 1, "s.v1"},
		{"a repository", []string{"--schemas", schemas}, 0, ""},
		{"nothing", nil, 1, "--schemas"},
		{"only the old", []string{"--against", good, "--schemas", schemas}, 1, "argument"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			code := run(t.Context(), append([]string{"lint"}, test.args...), &terminal{In: strings.NewReader(""), Out: &out, Err: &out})
			text := strings.ReplaceAll(out.String(), `": "`, `":"`)
			if code != test.code || !strings.Contains(text, test.says) {
				t.Errorf("exit code %d, output %s", code, out.String())
			}
		})
	}
}
