package schema

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/eventplatform/eventplatform/internal/testshared"
)

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://schemas.test/", nil)
	r.URL.Path = path
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func servedFiles() http.Handler {
	files := fstest.MapFS{}
	for name, s := range map[string]string{
		"a/1.0.0":        "1.0.0.yaml",
		"a/1.0.0.yaml":   text("/a/1.0.0", ""),
		"a/1.10.0.yaml":  text("/a/1.10.0", ""),
		"a/1.9.0.yaml":   text("/a/1.9.0", ""),
		"a/current.yaml": text("/a/1.9.0", ""),
		"a/README.md":    "# a",
		"b/c/2.0.0.json": `{"$id":"/b/c/2.0.0"}`,
		".git/config":    "secret",
	} {
		files[name] = &fstest.MapFile{Data: []byte(s)}
	}
	return NewHandler([]Served{{Name: "primary", Files: files}})
}

func TestSchemasAreServed(t *testing.T) {
	h := servedFiles()
	const yaml, immutable, short = "application/yaml; charset=utf-8", "public, max-age=31536000, immutable", "public, max-age=60"
	for _, c := range []struct{ path, accept, kind, cache, begins string }{
		{"a/1.0.0.yaml", "", yaml, immutable, "title: a\n$id: /a/1.0.0\n"},
		{"a/1.0.0", "", yaml, immutable, "title: a\n$id: /a/1.0.0\n"},
		{"a/1.9.0", "*/*", yaml, immutable, "title: a\n$id: /a/1.9.0\n"},
		{"a/1.0.0", "application/json", typeJSON, immutable, `{"title":"a","$id":"/a/1.0.0"`},
		{"a/1.0.0.yaml", "application/json", yaml, immutable, "title: a\n"},
		{"a/1.0.0.json", "", typeJSON, immutable, `{"title":"a","$id":"/a/1.0.0"`},
		{"a/latest", "", yaml, short, "title: a\n$id: /a/1.10.0\n"},
		{"a/latest.yaml", "", yaml, short, "title: a\n$id: /a/1.10.0\n"},
		{"a/latest.json", "", typeJSON, short, `{"title":"a","$id":"/a/1.10.0"`},
		{"a/current", "", yaml, short, "title: a\n$id: /a/1.9.0\n"},
		{"b/c/2.0.0", "", typeJSON, immutable, `{"$id":"/b/c/2.0.0"}`},
		{"a/README.md", "", "text/markdown; charset=utf-8", short, "# a"},
	} {
		w := ask(h, "GET", "/repositories/primary/jsonschema/"+c.path, "Accept", c.accept)
		head := w.Header()
		if w.Code != 200 || head.Get("Content-Type") != c.kind || head.Get("Cache-Control") != c.cache || !strings.HasPrefix(w.Body.String(), c.begins) ||
			head.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s for %s: %d %v %.80s", c.path, c.accept, w.Code, head, w.Body)
		}
		again := ask(h, "GET", "/repositories/primary/jsonschema/"+c.path, "Accept", c.accept, "If-None-Match", head.Get("Etag"))
		if again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s with its ETag: %d", c.path, again.Code)
		}
		if w := ask(h, "HEAD", "/repositories/primary/jsonschema/"+c.path, "Accept", c.accept); w.Code != 200 || w.Body.Len() > 0 {
			t.Errorf("HEAD %s: %d, %d bytes", c.path, w.Code, w.Body.Len())
		}
	}
}

func TestWhatIsNotServed(t *testing.T) {
	h := servedFiles()
	for path, status := range map[string]int{
		"/":                       404,
		"/repositories/other/":    404,
		"/repositories/primary/x": 404,
		"/repositories/primary/jsonschema/a/3.0.0":                     404,
		"/repositories/primary/jsonschema/a/3.0.0.json":                404,
		"/repositories/primary/jsonschema/.git/config":                 404,
		"/repositories/primary/jsonschema/../../etc/passwd":            404,
		"/repositories/primary/jsonschema/a//1.0.0":                    404,
		"/repositories/primary/jsonschema/" + strings.Repeat("x", 999): 404,
		"/repositories/primary/jsonschema/a":                           301,
		"/repositories/primary/jsonschema":                             301,
	} {
		if w := ask(h, "GET", path); w.Code != status {
			t.Errorf("%.60s: %d", path, w.Code)
		} else if status == 404 && (w.Header().Get("Content-Type") != "application/problem+json" || !json.Valid(w.Body.Bytes())) {
			t.Errorf("%.60s: %s", path, w.Body)
		}
	}
	if w := ask(h, "PUT", "/repositories/primary/jsonschema/a/1.0.0"); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Error(w.Code)
	}
	if w := ask(h, "OPTIONS", "/repositories/primary/jsonschema/a/1.0.0"); w.Code != 204 || w.Header().Get("Access-Control-Allow-Methods") == "" {
		t.Error(w.Code)
	}
}

func TestListings(t *testing.T) {
	h := servedFiles()
	for path, want := range map[string]string{
		"/repositories/":                      "primary",
		"/repositories/primary/":              "jsonschema",
		"/repositories/primary/jsonschema/":   "a b",
		"/repositories/primary/jsonschema/a/": "1.0.0 1.0.0.yaml 1.9.0.yaml 1.10.0.yaml README.md current.yaml",
	} {
		w := ask(h, "GET", path, "Accept", "application/json")
		var body struct{ Entries []entry }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(path, err, w.Body)
		}
		var got []string
		for _, e := range body.Entries {
			got = append(got, e.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", path, got)
		}
		page := ask(h, "GET", path, "Accept", "text/html")
		for _, name := range got {
			if !strings.Contains(page.Body.String(), `<a href="`+name) {
				t.Errorf("%s: the page has no %s", path, name)
			}
		}
	}
}

// transport answers from a handler, without a socket.
type transport struct{ http.Handler }

func (h transport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	res.Request = r
	return res, nil
}

func TestAServedRepositoryIsOneToReadFrom(t *testing.T) {
	dir := testshared.Path(t, "data/schemas/primary")
	config := Config{Bases: []string{dir}}
	h := NewHandler(config.Served())
	local := open(t, config)
	remote := open(t, Config{
		Bases:  []string{"http://schemas.test/repositories/" + config.Served()[0].Name + "/jsonschema/"},
		Client: &http.Client{Transport: transport{h}}, Revalidate: -1,
	})
	n := 0
	err := filepath.WalkDir(filepath.Join(dir, "jsonschema"), func(file string, d os.DirEntry, err error) error {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		if _, ok := ParseVersion(name); err != nil || d.IsDir() || !ok && name != "latest" {
			return err
		}
		rel, _ := filepath.Rel(filepath.Join(dir, "jsonschema"), filepath.Dir(file))
		uri := "/" + filepath.ToSlash(rel) + "/" + name
		a, errA := local.Lookup(context.Background(), uri)
		b, errB := remote.Lookup(context.Background(), uri)
		if errA != nil || errB != nil || a.digest != b.digest || a.URI != b.URI {
			t.Errorf("%s: %v %v", uri, errA, errB)
		}
		n++
		return nil
	})
	if err != nil || n < 50 {
		t.Errorf("%d schemas, %v", n, err)
	}
}

func TestNamesOfServedRepositories(t *testing.T) {
	c := Config{Bases: []string{"/x/primary/jsonschema", "file:///y/primary/", "http://z/", "/x/sp ace"}, Embedded: fstest.MapFS{}}
	var got []string
	for _, s := range c.Served() {
		got = append(got, s.Name)
	}
	if strings.Join(got, " ") != "primary primary-2 sp_ace embedded" {
		t.Error(got)
	}
}
