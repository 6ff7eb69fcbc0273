package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// startNotes starts an intake that is to have /note/1.0.0 before its first event.
func startNotes(t *testing.T, base string) (in *started, post func() int) {
	t.Helper()
	file := writeFile(t, "config.yaml", fmt.Sprintf("services:\n  - name: intake\n    conf:\n      schema_base_uris: [%q]\n      schema_precache_uris: [/note/1.0.0]\n"+
		"      stream_field: meta.stream\n      kafka: {conf: {metadata.broker.list: nowhere}}\n", base))
	in = start(t, "eventgate", "-c", file, "--kafka", broker(t))
	return in, func() int {
		status, _ := ask(t, http.MethodPost, in.url+"/v1/events", `{"$schema":"/note/1.0.0","meta":{"stream":"notes"},"text":"a"}`)
		return status
	}
}

// A reload while the repository is away takes nothing that works, and does not claim to have worked.
func TestAReloadWithoutTheSchemaRepository(t *testing.T) {
	repository := filepath.Join(t.TempDir(), "notes")
	putSchema(t, repository, 100)
	in, post := startNotes(t, repository)
	in.hasMetrics(`eventplatform_schema_precache_missing{service="intake"} 0`)
	if err := os.Rename(repository, repository+".away"); err != nil {
		t.Fatal(err)
	}
	hangUp(t)
	in.hasMetrics(`eventplatform_reloads_total{result="failed",service="intake",what="schemas"} 1`)
	in.says("1 of 1 schemas could not be read again and stay as they were: /note/1.0.0")
	if status := post(); status != http.StatusCreated {
		t.Errorf("an event of a schema in use is answered %d", status)
	}
	if err := os.Rename(repository+".away", repository); err != nil {
		t.Fatal(err)
	}
	hangUp(t)
	in.hasMetrics(`eventplatform_reloads_total{result="ok",service="intake",what="schemas"} 1`)
}

// Why a schema is not there at the start is told as it is: nobody has it, or nobody could be asked.
func TestPrecachedSchemasThatAreNotThere(t *testing.T) {
	refusing := httptest.NewServer(nil)
	refusing.Close()
	for _, test := range []struct {
		base, says string
		status     int
	}{
		{t.TempDir(), "is in no repository; events that name it are refused", http.StatusBadRequest},
		{refusing.URL, "cannot be read now; events that name it are answered 503", http.StatusServiceUnavailable},
	} {
		in, post := startNotes(t, test.base)
		in.says(test.says)
		in.hasMetrics(`eventplatform_schema_precache_missing{service="intake"} 1`)
		if status := post(); status != test.status {
			t.Errorf("%s: events are answered %d", test.base, status)
		}
		if test.base == refusing.URL {
			in.says("schema repository " + refusing.URL + ": note/1.0.0: dial tcp")
		}
		hangUp(t)
		in.hasMetrics(`eventplatform_reloads_total{result="failed",service="intake",what="schemas"} 1`)
		in.end()
	}
}
