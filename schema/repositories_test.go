package schema

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// text is a small schema that calls itself id.
func text(id, more string) string {
	title := strings.Trim(filepath.ToSlash(filepath.Dir(id)), "/")
	return "title: " + title + "\n$id: " + id + "\n$schema: https://json-schema.org/draft-07/schema#\ntype: object\n" + more
}

func open(t *testing.T, c Config) *Repositories {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func embedded(t *testing.T, files map[string]string) *Repositories {
	t.Helper()
	m := fstest.MapFS{}
	for name, s := range files {
		m[name] = &fstest.MapFile{Data: []byte(s)}
	}
	return open(t, Config{Embedded: m})
}

func TestExtensionRules(t *testing.T) {
	r := embedded(t, map[string]string{
		"a/1.0.0":      text("/a/1.0.0", "description: a file without extension"),
		"b/1.0.0":      "1.0.0.yaml",
		"b/1.0.0.yaml": text("/b/1.0.0", ""),
		"c/1.0.0.yaml": text("/c/1.0.0", ""),
		"d/1.0.0.yml":  text("/d/1.0.0", ""),
		"e/1.0.0.json": `{"title":"e","$id":"/e/1.0.0","type":"object","examples":[{"z":1,"a":2}]}`,
	})
	for _, title := range []string{"a", "b", "c", "d", "e"} {
		s, err := r.Lookup(context.Background(), "/"+title+"/1.0.0")
		if err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		if s.URI != "/"+title+"/1.0.0" || s.Title != title || s.Version != "1.0.0" {
			t.Errorf("%s: got %s, title %s, version %s", title, s.URI, s.Title, s.Version)
		}
	}
	s, err := r.Lookup(context.Background(), "/e/1.0.0.json")
	if err != nil || s.URI != "/e/1.0.0" || len(s.Examples) != 1 || string(s.Examples[0]) != `{"z":1,"a":2}` {
		t.Errorf("with its extension: %+v, %v", s, err)
	}
	var notFound *NotFoundError
	if _, err := r.Lookup(context.Background(), "/e/1.0.0.yaml"); !errors.As(err, &notFound) {
		t.Errorf("with another extension: %v", err)
	}
}

func TestLatestAndCurrent(t *testing.T) {
	r := embedded(t, map[string]string{
		"a/1.0.0.yaml":   text("/a/1.0.0", ""),
		"a/1.10.0.yaml":  text("/a/1.10.0", ""),
		"a/1.9.0.yaml":   text("/a/1.9.0", ""),
		"a/current.yaml": text("/a/1.9.0", ""),
		"b/latest":       "latest.yaml",
		"b/latest.yaml":  "1.0.0.yaml",
		"b/1.0.0.yaml":   text("/b/1.0.0", ""),
		"b/2.0.0.yaml":   text("/b/2.0.0", ""),
		"c/latest.yaml":  text("/b/1.0.0", ""), // b's
		"d/current.yaml": text("/d/3.0.0", ""),
	})
	for uri, want := range map[string]string{
		"/a/latest": "/a/1.10.0", "/a/current": "/a/1.9.0", "/b/latest.yaml": "/b/1.0.0", "/d/current": "/d/3.0.0",
	} {
		s, err := r.Lookup(context.Background(), uri)
		if err != nil || s.URI != want {
			t.Errorf("%s: got %+v, %v", uri, s, err)
		}
	}
	if _, err := r.Lookup(context.Background(), "/a/latest.json"); err == nil {
		t.Error("a file that is not there was found by another extension")
	}
	if _, err := r.Lookup(context.Background(), "/c/latest"); err == nil {
		t.Error("a latest that is another title's schema was taken")
	}
}

func TestADocumentCannotClaimAnothersIdentity(t *testing.T) {
	r := embedded(t, map[string]string{
		"evil/1.0.0.yaml":  text("/error/1.0.0", "required: [nothing]"),
		"error/1.0.0.yaml": text("/error/1.0.0", ""),
		"meta/1.0.0.yaml":  text("http://json-schema.org/draft-07/schema#", ""),
		"moved/1.0.0.yaml": text("/before/1.0.0", ""),
		"moved/latest":     "1.0.0.yaml",
		"none/1.0.0.yaml":  "title: none\ntype: object\n",
		"full/1.0.0.yaml":  text("https://schema.example.org/repositories/x/jsonschema/full/1.0.0", ""),
	})
	var broken *BrokenError
	for _, uri := range []string{"/evil/1.0.0", "/meta/1.0.0"} {
		if _, err := r.Lookup(context.Background(), uri); !errors.As(err, &broken) {
			t.Errorf("%s: %v", uri, err)
		}
	}
	if s, err := r.Lookup(context.Background(), "/moved/latest"); err != nil || s.URI != "/moved/1.0.0" {
		t.Errorf("/moved/latest: %+v, %v", s, err)
	}
	var notFound *NotFoundError
	if _, err := r.Lookup(context.Background(), "/before/1.0.0"); !errors.As(err, &notFound) {
		t.Errorf("a name that is only claimed: %v", err)
	}
	for _, uri := range []string{"/error/1.0.0", "/none/1.0.0", "/full/1.0.0", "/moved/1.0.0"} {
		if s, err := r.Lookup(context.Background(), uri); err != nil || s.URI != uri {
			t.Errorf("%s: %+v, %v", uri, s, err)
		}
	}
}

func TestMessagesNeverHoldPaths(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "bad/1.0.0.yaml", "title: [\n")
	write(t, dir, "worse/1.0.0.yaml", text("/worse/1.0.0", "properties:\n  a: {type: 7}\n"))
	write(t, dir, "ref/1.0.0.yaml", text("/ref/1.0.0", "allOf:\n  - $ref: /no/such/1.0.0\n"))
	write(t, dir, "twice/1.0.0.yaml", text("/twice/1.0.0", "type: string\n"))
	r := open(t, Config{Bases: []string{dir}})
	for _, uri := range []string{"/bad/1.0.0", "/worse/1.0.0", "/ref/1.0.0", "/no/such/1.0.0", "/twice/1.0.0"} {
		_, err := r.Lookup(context.Background(), uri)
		if err == nil {
			t.Errorf("%s: no error", uri)
			continue
		}
		if strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), os.TempDir()) {
			t.Errorf("%s: the message holds a path: %s", uri, err)
		}
		var broken *BrokenError
		if errors.As(err, &broken) && !strings.HasPrefix(broken.File, dir) {
			t.Errorf("%s: the operator is not told the file, but %q", uri, broken.File)
		}
	}
}

func TestLinksStayInTheRepository(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "secret.yaml", text("/a/1.0.0", ""))
	dir := t.TempDir()
	write(t, dir, "b/1.0.0.yaml", text("/b/1.0.0", ""))
	if err := os.Mkdir(filepath.Join(dir, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"a/1.0.0": filepath.Join(outside, "secret.yaml"), "b/1.0.0": "1.0.0.yaml"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	r := open(t, Config{Bases: []string{dir}})
	if _, err := r.Lookup(context.Background(), "/a/1.0.0"); err == nil {
		t.Error("a link out of the repository was followed")
	}
	if _, err := r.Lookup(context.Background(), "/b/1.0.0"); err != nil {
		t.Error("a link inside the repository: ", err)
	}
}

func TestBasesAreTriedInOrder(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	write(t, first, "jsonschema/a/1.0.0.yaml", text("/a/1.0.0", "description: first"))
	write(t, first, "jsonschema/broken/1.0.0.yaml", "[")
	write(t, second, "a/1.0.0.yaml", text("/a/1.0.0", "description: second"))
	write(t, second, "b/1.0.0.yaml", text("/b/1.0.0", "allOf: [{$ref: '/a/1.0.0#'}]"))
	write(t, second, "broken/1.0.0.yaml", text("/broken/1.0.0", ""))
	r := open(t, Config{Bases: []string{first, "file://" + second}})
	for uri, base := range map[string]string{"/a/1.0.0": first, "/b/1.0.0": "file://" + second, "/broken/1.0.0": "file://" + second} {
		s, err := r.Lookup(context.Background(), uri)
		if err != nil || s.Base != base {
			t.Errorf("%s: %+v, %v", uri, s, err)
		}
	}
}

func TestMissingFolderSaysWhatToDo(t *testing.T) {
	_, err := New(Config{Bases: []string{filepath.Join(t.TempDir(), "nothing")}})
	if err == nil || !strings.Contains(err.Error(), "no such folder") {
		t.Error(err)
	}
	if _, err := New(Config{}); err == nil {
		t.Error("no repository at all is no error")
	}
}

func TestPrecache(t *testing.T) {
	r := embedded(t, map[string]string{"a/1.0.0.yaml": text("/a/1.0.0", ""), "bad/1.0.0.yaml": text("/bad/1.0.0", "properties: 7")})
	missing, err := r.Precache(context.Background(), []string{"/a/1.0.0", "/b/1.0.0"})
	if err != nil || len(missing) != 1 {
		t.Errorf("missing %v, %v", missing, err)
	}
	if _, err := r.Precache(context.Background(), []string{"/bad/1.0.0"}); err == nil || !strings.Contains(err.Error(), "bad/1.0.0.yaml") {
		t.Errorf("a broken schema: %v", err)
	}
	if _, ok := r.LookupBytes([]byte("/a/1.0.0")); !ok {
		t.Error("what was precached is not cached")
	}
}

func TestCachedLookupAllocatesNothing(t *testing.T) {
	r := embedded(t, map[string]string{"a/1.0.0.yaml": text("/a/1.0.0", "")})
	ctx := context.Background()
	if _, err := r.Lookup(ctx, "/a/1.0.0"); err != nil {
		t.Fatal(err)
	}
	if raceEnabled {
		t.Skip("allocations are not counted under -race")
	}
	uri := []byte("/a/1.0.0")
	if n := testing.AllocsPerRun(100, func() {
		if _, ok := r.LookupBytes(uri); !ok {
			t.Fatal("not cached")
		}
	}); n != 0 {
		t.Errorf("LookupBytes: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { r.Lookup(ctx, "/a/1.0.0") }); n != 0 {
		t.Errorf("Lookup: %v allocations", n)
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	files := fstest.MapFS{}
	var uris []string
	for i := range 20 {
		uri := "/t/1.0." + string(rune('a'+i))
		files[uri[1:]+".yaml"] = &fstest.MapFile{Data: []byte(text(uri, ""))}
		uris = append(uris, uri)
	}
	r := open(t, Config{Embedded: files, MaxSchemas: 5})
	for _, uri := range uris {
		if _, err := r.Lookup(context.Background(), uri); err != nil {
			t.Fatal(err)
		}
		r.Lookup(context.Background(), uri+"x")
	}
	if n := r.Cached(); n > 5 {
		t.Errorf("%d schemas are cached", n)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.missing); n > 5 {
		t.Errorf("%d misses are remembered", n)
	}
}

func TestSharedRepository(t *testing.T) {
	dir := testshared.Path(t, "data/schemas/primary")
	r := open(t, Config{Bases: []string{dir}})
	n := 0
	err := filepath.WalkDir(filepath.Join(dir, "jsonschema"), func(path string, d os.DirEntry, err error) error {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		rel, _ := filepath.Rel(filepath.Join(dir, "jsonschema"), filepath.Dir(path))
		s, err := r.Lookup(context.Background(), "/"+filepath.ToSlash(rel)+"/"+name)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		n++
		for i, e := range s.Examples {
			if v := s.Validator.Check(e); !v.Valid {
				t.Logf("%s: example %d is not valid", s.URI, i)
			}
		}
		return nil
	})
	if err != nil || n < 100 {
		t.Errorf("%d schemas read, %v", n, err)
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
