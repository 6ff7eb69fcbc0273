package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/eventstreams/client"
)

// appended opens a file as a shell does for >>.
func appended(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func opened(t *testing.T, out, state string) (*journal, string) {
	t.Helper()
	j := &journal{out: appended(t, out), path: state, failed: func(err error) { t.Error(err) }}
	id, err := j.open()
	if err != nil {
		t.Fatal(err)
	}
	return j, id
}

// The process can die after any step; here it dies between writing events and renaming the state, in the first flush and in a later one.
func TestJournalCutsWhatItsStateDoesNotCover(t *testing.T) {
	dir := t.TempDir()
	out, state := filepath.Join(dir, "out"), filepath.Join(dir, "state")
	if err := os.WriteFile(out, []byte("what was there\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "what was there\n"
	for n := range 3 {
		j, id := opened(t, out, state)
		if content(t, out) != want || (n > 0 && id != fmt.Sprint("after ", n-1)) {
			t.Fatalf("start %d goes on at %q with %q", n, id, content(t, out))
		}
		if n > 0 { // the first flush of all dies too
			_ = j.add(client.Event{ID: fmt.Sprint("after ", n), Data: fmt.Appendf(nil, "{\n\"n\":%d}", n)})
			if err := j.close(); err != nil {
				t.Fatal(err)
			}
			want += fmt.Sprintf("{ \"n\":%d}\n", n)
		} else {
			j.state.LastEventID = "after 0"
			if err := j.save(); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = appended(t, out).WriteString("{\"n\":\"lost\"}\n{\"hal")
	}
	// Another output is never cut.
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte(strings.Repeat("theirs\n", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, id := opened(t, other, state); id != "after 2" || len(content(t, other)) != 700 {
		t.Errorf("%q, %d bytes", id, len(content(t, other)))
	}
}

// A position without an event is kept too.
func TestJournalKeepsPositions(t *testing.T) {
	dir := t.TempDir()
	out, state := filepath.Join(dir, "out"), filepath.Join(dir, "state")
	j, _ := opened(t, out, state)
	j.position("begin")
	eventually(t, "the position is kept", func() bool { return strings.Contains(content(t, state), `"begin"`) })
	_ = j.add(client.Event{ID: "1", Data: []byte("{}")})
	j.position("later")
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	if _, id := opened(t, out, state); id != "later" || content(t, out) != "{}\n" {
		t.Errorf("%q, %q", id, content(t, out))
	}
}

func TestJournalErrors(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	if err := os.WriteFile(state, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := (&journal{path: state}).open(); err == nil || !strings.Contains(err.Error(), "--state") {
		t.Error(err)
	}
	var told error
	f := appended(t, filepath.Join(dir, "out"))
	j := &journal{out: f, path: filepath.Join(dir, "good"), failed: func(err error) { told = err }}
	if _, err := j.open(); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	_ = j.add(client.Event{ID: "1", Data: []byte("{}")})
	var broken *journalError
	if err := j.close(); !errors.As(err, &broken) || told == nil || strings.Contains(content(t, j.path), `"1"`) {
		t.Errorf("%v, %v, %s", err, told, content(t, j.path))
	}
}

func TestConsumeSource(t *testing.T) {
	for _, test := range []struct {
		from    []string
		url     string
		streams []string
		query   string
	}{
		{[]string{"a", "b"}, defaultServer, []string{"a", "b"}, "since=1&where=x%3Ay"},
		{[]string{"https://h:1", "a"}, "https://h:1", []string{"a"}, "since=1&where=x%3Ay"},
		{[]string{"https://h/p/v2/stream/a,b%20c?limit=2&since=0", "d"}, "https://h/p", []string{"a", "b c", "d"}, "limit=2&since=1&where=x%3Ay"},
	} {
		cfg, err := (&consumeCommand{From: test.from, Since: "1", Where: []string{"x:y"}}).source()
		if err != nil || cfg.URL != test.url || !slices.Equal(cfg.Streams, test.streams) || cfg.Query.Encode() != test.query {
			t.Errorf("%q: %+v, %v", test.from, cfg, err)
		}
	}
	if _, err := (&consumeCommand{From: []string{"http://h/"}}).source(); err == nil {
		t.Error("a URL without streams is taken")
	}
}
