package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/internal/embedded"
	"github.com/eventplatform/eventplatform/internal/metrics"
)

// changingSchema is a version whose text changes; limited says how long its text may be.
const changingSchema = "title: note\n$id: /note/1.0.0\ntype: object\nproperties:\n  $schema: {type: string}\n  meta: {type: object, properties: {stream: {type: string}}}\n  text: {type: string, maxLength: %d}\n"

func putSchema(t *testing.T, repository string, limited int) {
	t.Helper()
	dir := filepath.Join(repository, "jsonschema", "note")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "1.0.0.yaml"), fmt.Appendf(nil, changingSchema, limited), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A schema version that changes is reported, and used only where the setting says so. Which state of a repository is in use is told, without its path
// to those who only send events.
func TestSchemaRevisions(t *testing.T) {
	b, err := embedded.StartInMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	for _, take := range []bool{false, true} {
		repository := filepath.Join(t.TempDir(), "notes")
		putSchema(t, repository, 100)
		file := writeFile(t, "config.yaml", fmt.Sprintf("services:\n  - name: intake\n    conf:\n      schema_base_uris: %s\n      schema_ttl: 1\n      schema_take_changes: %t\n"+
			"      stream_field: meta.stream\n      kafka: {conf: {metadata.broker.list: %q}}\n", repository, take, b.Addr()))
		in := start(t, "eventgate", "-c", file)
		post := func() int {
			status, _ := ask(t, http.MethodPost, in.url+"/v1/events", `{"$schema":"/note/1.0.0","meta":{"stream":"notes"},"text":"more than three"}`)
			return status
		}
		if status := post(); status != http.StatusCreated {
			t.Fatalf("before the change: %d", status)
		}
		told := regexp.MustCompile(`"schema_repositories":\[\{"name":"notes","revision":"(sha256:[0-9a-f]+)"\}\]`)
		_, info := ask(t, http.MethodGet, in.url+"/_info", "")
		revision := told.FindStringSubmatch(info)
		if revision == nil || strings.Contains(info, repository) {
			t.Fatalf("/_info tells %s", info)
		}
		in.hasMetrics(fmt.Sprintf(`eventplatform_schema_repository_info{repository=%q,revision=%q,service="intake"} 1`, repository, revision[1]))

		putSchema(t, repository, 3)
		in.hasMetrics(`eventplatform_schema_changes_total{schema_uri="/note/1.0.0",service="intake"} 1`)
		in.says(fmt.Sprintf(`"new_text_used":%t`, take))
		if take {
			eventually(t, "the new text is used", func() bool { return post() == http.StatusBadRequest })
		} else if status := post(); status != http.StatusCreated {
			t.Errorf("after a change that is not taken: %d", status)
		}
		in.end()
	}
}

// serve tells of its repositories as an intake alone does.
func TestRevisionsOfServe(t *testing.T) {
	told := regexp.MustCompile(`"schema_repositories":\[\{"name":"([^"]*)","revision":"(sha256:[0-9a-f]+)"\}\]`)
	revision := func(name string, c serveCommand) string {
		c.DataDir = t.TempDir()
		p, err := c.assemble(t.Context(), slog.New(slog.DiscardHandler), metrics.New("x"))
		if err != nil {
			t.Fatal(err)
		}
		defer p.close()
		server := httptest.NewServer(p.dispatch())
		defer server.Close()
		_, info := ask(t, http.MethodGet, server.URL+"/_info", "")
		_, intakes := ask(t, http.MethodGet, server.URL+"/eventgate/_info", "")
		m := told.FindStringSubmatch(info)
		if m == nil || m[1] != name || !strings.Contains(intakes, m[0]) || !strings.Contains(info, `"home":`) {
			t.Fatalf("/_info tells %s, the intake's %s", info, intakes)
		}
		if _, text := ask(t, http.MethodGet, server.URL+"/_info/name", ""); !strings.Contains(text, `{"name":"eventplatform"}`) {
			t.Errorf("/_info/name tells %s", text)
		}
		return m[2]
	}
	repository := filepath.Join(t.TempDir(), "notes")
	putSchema(t, repository, 100)
	streams := writeFile(t, "streams.yaml", "streams:\n  notes: {schema_title: note}\n")
	given := revision("notes", serveCommand{Schemas: []string{repository}, Streams: []string{streams}})
	if builtin := revision("embedded", serveCommand{}); builtin == given || builtin != revision("embedded", serveCommand{}) {
		t.Errorf("the built-in schemas have revision %s, others %s", builtin, given)
	}
}

func TestRepositoryNames(t *testing.T) {
	for base, want := range map[string]string{
		"/srv/schemas/primary": "primary", "/srv/schemas/primary/jsonschema/": "primary", "primary": "primary", "embedded": "embedded",
		"https://schema.example.org/repositories//primary/jsonschema": "schema.example.org/repositories//primary/jsonschema",
		"http://127.0.0.1:28300/":                                     "127.0.0.1:28300", "https://user:secret@schema.example.org/primary/": "schema.example.org/primary",
		"file:///srv/secondary": "secondary",
	} {
		if got := repositoryName(base); got != want {
			t.Errorf("%s is named %s, want %s", base, got, want)
		}
	}
}
