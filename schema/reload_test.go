package schema

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// record is a log that a test reads.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

// lines are those that hold all of the words.
func (r *record) lines(words ...string) (found []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(r.text.String()) {
		all := true
		for _, w := range words {
			all = all && strings.Contains(line, w)
		}
		if all {
			found = append(found, line)
		}
	}
	return found
}

func (r *record) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Reset()
}

func (r *record) logger() *slog.Logger { return slog.New(slog.NewTextHandler(r, nil)) }

func lookups(t *testing.T, r *Repositories, uris ...string) {
	t.Helper()
	for _, uri := range uris {
		if _, err := r.Lookup(t.Context(), uri); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAReloadKeepsWhatItCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &record{}
		s := &server{files: map[string]string{"a/1.0.0": text("/a/1.0.0", ""), "b/1.0.0": text("/b/1.0.0", "")}}
		r := serve(t, s, Config{Revalidate: -1, Logger: log.logger()})
		lookups(t, r, "/a/1.0.0", "/b/1.0.0")
		first, _ := r.LookupBytes([]byte("/a/1.0.0"))
		before := r.Revisions()[0].Revision
		s.set("x", "", http.StatusServiceUnavailable)
		if err := r.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "2 of 2") {
			t.Errorf("a reload in an outage: %v", err)
		}
		if now, _ := r.LookupBytes([]byte("/a/1.0.0")); now != first {
			t.Error("an outage took a schema away")
		}
		if n := len(log.lines("stays in use", "schema=/a/1.0.0", "the server answers 503")); n != 1 {
			t.Errorf("%d warnings name the schema: %s", n, &log.text)
		}
		log.forget()
		s.set("a/1.0.0", text("/a/1.0.0", "description: x"), 0)
		s.take("b/1.0.0")
		if err := r.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "1 of 2") || !strings.Contains(err.Error(), "/b/1.0.0") {
			t.Errorf("a reload when one is gone: %v", err)
		}
		if now, _ := r.LookupBytes([]byte("/a/1.0.0")); now == first || now == nil {
			t.Error("the new text is not used")
		}
		if _, ok := r.LookupBytes([]byte("/b/1.0.0")); !ok {
			t.Error("what was in use and is not found was taken away")
		}
		if n := len(log.lines("in no repository any more", "schema=/b/1.0.0")); n != 1 {
			t.Errorf("%d warnings name the schema: %s", n, &log.text)
		}
		if after := r.Revisions()[0].Revision; !strings.HasPrefix(after, "sha256:") || after == before {
			t.Errorf("the revision was %s and is %s", before, after)
		}
		s.set("b/1.0.0", text("/b/1.0.0", ""), 0)
		if err := r.Reload(t.Context()); err != nil {
			t.Errorf("a reload when all is well: %v", err)
		}
	})
}

// A folder that is away for a moment, as when its volume is mounted again, says nothing about schemas: not about those in use, nor about new ones.
func TestAFolderThatIsAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "repository")
	write(t, dir, "a/1.0.0.yaml", text("/a/1.0.0", ""))
	write(t, dir, "b/1.0.0.yaml", text("/b/1.0.0", ""))
	r := open(t, Config{Bases: []string{dir}})
	lookups(t, r, "/a/1.0.0")
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context()); err == nil {
		t.Error("the reload claims to have read everything")
	}
	lookups(t, r, "/a/1.0.0")
	var unavailable *UnavailableError
	if _, err := r.Lookup(t.Context(), "/b/1.0.0"); !errors.As(err, &unavailable) {
		t.Errorf("a schema not read before: %v", err)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	lookups(t, r, "/b/1.0.0")
}

// What a reload takes is told as what revalidation finds, once for each text and each use of it, under however many names the version is cached.
func TestAReloadReportsChangesThatItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, seen := &record{}, &changes{}
		s := &server{files: map[string]string{"a/1.0.0": text("/a/1.0.0", ""), "a/latest": text("/a/1.0.0", "")}}
		r := serve(t, s, Config{Revalidate: time.Minute, Logger: log.logger(), Observer: seen})
		lookups(t, r, "/a/1.0.0", "/a/latest")
		reload := func(wantTaken, wantCounted int) {
			t.Helper()
			if err := r.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(log.lines("immutable", "new_text_used=true", "schema=/a/1.0.0")); n != wantTaken || seen.count() != wantCounted {
				t.Errorf("reported %d times, counted %d: %s", n, seen.count(), &log.text)
			}
		}
		reload(0, 0)
		s.set("a/1.0.0", text("/a/1.0.0", "description: x"), 0)
		reload(1, 1)
		reload(1, 1)
		s.set("a/1.0.0", text("/a/1.0.0", "description: xx"), 0)
		<-time.After(2 * time.Minute) // noticed, not taken
		if n := len(log.lines("immutable", "new_text_used=false")); n != 1 || seen.count() != 2 {
			t.Errorf("revalidation reported %d times, counted %d", n, seen.count())
		}
		reload(2, 2)
	})
}

// A server that hangs costs a reload its time once, not once for each schema.
func TestAReloadDoesNotWaitForEachSchemaOfAServerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{files: map[string]string{}}
		r := serve(t, s, Config{Revalidate: -1})
		for _, c := range "abcdefghijklmnop" {
			uri := "/" + string(c) + "/1.0.0"
			s.set(uri[1:], text(uri, ""), 0)
			lookups(t, r, uri)
		}
		s.mu.Lock()
		s.delay = time.Hour
		s.mu.Unlock()
		start := time.Now()
		if err := r.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "16 of 16") {
			t.Error(err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("it took %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Reload(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("a reload that nobody waits for: %v", err)
		}
	})
}

// While a repository does not answer, another that has a schema of the same name does not take its place.
func TestNoOtherRepositoryStandsInForOneThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &server{files: map[string]string{"a/latest": text("/a/2.0.0", ""), "a/2.0.0": text("/a/2.0.0", "")}}
		second := &server{files: map[string]string{"a/latest": text("/a/1.0.0", ""), "a/1.0.0": text("/a/1.0.0", ""), "a/2.0.0": text("/a/2.0.0", "description: x")}}
		r := open(t, Config{
			Bases: []string{"http://first.test/repo", "http://second.test/repo"}, Revalidate: time.Minute, TakeChanges: true,
			Client: &http.Client{Transport: byHost{"first.test": first, "second.test": second}},
		})
		lookups(t, r, "/a/latest", "/a/2.0.0")
		latest, _ := r.LookupBytes([]byte("/a/latest"))
		version, _ := r.LookupBytes([]byte("/a/2.0.0"))
		first.set("x", "", http.StatusServiceUnavailable)
		<-time.After(2 * time.Minute)
		if err := r.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "2 of 2") {
			t.Error(err)
		}
		if s, _ := r.LookupBytes([]byte("/a/latest")); s != latest {
			t.Errorf("latest is %s of %s", s.URI, s.Base)
		}
		if s, _ := r.LookupBytes([]byte("/a/2.0.0")); s != version {
			t.Errorf("the version is that of %s", s.Base)
		}
		first.set("x", "", 0)
		if err := r.Reload(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
