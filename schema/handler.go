package schema

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Served is a repository that Handler serves.
type Served struct {
	// Name stands in the path: /repositories/<name>/jsonschema/…
	Name string
	// Dir is the repository's folder; Files is used instead if it is empty.
	Dir   string
	Files fs.FS
}

// Served are the repositories of a configuration that are folders or in the program, named by their folders. Those of other servers are theirs to serve.
func (c Config) Served() []Served {
	var list []Served
	taken := map[string]int{}
	add := func(s Served) {
		taken[s.Name]++
		if n := taken[s.Name]; n > 1 {
			s.Name += "-" + strconv.Itoa(n)
		}
		list = append(list, s)
	}
	for _, location := range c.Bases {
		if strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://") {
			continue
		}
		dir := filepath.Clean(strings.TrimPrefix(location, "file://"))
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		named := dir
		if filepath.Base(named) == "jsonschema" {
			named = filepath.Dir(named)
		}
		add(Served{Name: pathName(filepath.Base(named)), Dir: dir})
	}
	if c.Embedded != nil {
		add(Served{Name: "embedded", Files: c.Embedded})
	}
	return list
}

// pathName is a folder's name as it may stand in a path.
func pathName(s string) string {
	name := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < 128 && allowed(byte(r)) {
			return r
		}
		return '_'
	}, s), ".")
	if name == "" {
		return "repository"
	}
	return name
}

// handler serves repositories.
type handler struct{ repositories []Served }

// NewHandler serves schema repositories in the form in which Repositories and EventGate read them:
//
//	/repositories/<name>/jsonschema/<title>/<version>[.yaml|.json]
//
// A version's text never changes, so it may be kept for ever; "latest" and "current" may not. A version that is kept as YAML is answered as JSON too, under
// its .json name or to who accepts only that. Folders are listed, as HTML or JSON.
func NewHandler(repositories []Served) http.Handler { return &handler{repositories} }

const root = "/repositories/"

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Access-Control-Allow-Origin", "*")
	head.Set("X-Content-Type-Options", "nosniff")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		head.Set("Access-Control-Allow-Methods", "GET, HEAD")
		head.Set("Access-Control-Allow-Headers", "If-None-Match, Accept")
		head.Set("Allow", "GET, HEAD, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		head.Set("Allow", "GET, HEAD, OPTIONS")
		problem(w, http.StatusMethodNotAllowed, "Schemas are read only: they are changed in their repository.")
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, root)
	if !ok && r.URL.Path+"/" != root {
		problem(w, http.StatusNotFound, "Schema repositories are under "+root+".")
		return
	}
	if rest == "" {
		entries := make([]entry, len(h.repositories))
		for i, s := range h.repositories {
			entries[i] = entry{Name: s.Name, Type: "repository"}
		}
		h.list(w, r, entries)
		return
	}
	name, rest, _ := strings.Cut(rest, "/")
	i := slices.IndexFunc(h.repositories, func(s Served) bool { return s.Name == name })
	if i < 0 {
		problem(w, http.StatusNotFound, "There is no such repository: "+root+" lists them.")
		return
	}
	files, closeFiles, err := h.repositories[i].open()
	if err != nil {
		problem(w, http.StatusServiceUnavailable, "The repository cannot be read now.")
		return
	}
	defer closeFiles()
	h.repository(w, r, files, rest)
}

// open gives the repository's files as they are now.
func (s Served) open() (fs.FS, func(), error) {
	if s.Dir == "" {
		return newFSBase(s.Files, 0).files, func() {}, nil
	}
	dir := (&dirBase{root: s.Dir}).dir()
	opened, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	return opened.FS(), func() { opened.Close() }, nil
}

// repository answers a path inside one repository.
func (h *handler) repository(w http.ResponseWriter, r *http.Request, files fs.FS, rest string) {
	if rest == "" {
		h.list(w, r, []entry{{Name: "jsonschema", Type: "folder"}})
		return
	}
	name, ok := strings.CutPrefix(rest+"/", "jsonschema/")
	name = strings.TrimSuffix(name, "/")
	folder := strings.HasSuffix(rest, "/") || name == ""
	name = strings.TrimSuffix(name, "/")
	if !ok || !safePath(name) {
		problem(w, http.StatusNotFound, "There is no such schema: schemas are under jsonschema/.")
		return
	}
	info, err := fs.Stat(files, orDot(name))
	if err == nil && info.IsDir() {
		if !folder || name == "" && !strings.HasSuffix(rest, "/") {
			// The listing's links are relative to the folder.
			w.Header().Set("Location", r.URL.EscapedPath()+"/")
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		entries, err := listing(files, orDot(name))
		if err != nil {
			problem(w, http.StatusServiceUnavailable, "The folder cannot be read now.")
			return
		}
		h.list(w, r, entries)
		return
	}
	h.file(w, r, files, name)
}

// safePath reports whether a path may be looked up: no part of it may lead elsewhere or be hidden.
func safePath(name string) bool {
	if name == "" {
		return true
	}
	if len(name) > maxURI {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || part[0] == '.' {
			return false
		}
		for i := 0; i < len(part); i++ {
			if !allowed(part[i]) {
				return false
			}
		}
	}
	return true
}

func orDot(name string) string {
	if name == "" {
		return "."
	}
	return name
}

// file answers one schema.
func (h *handler) file(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	doc, served, err := find(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		problem(w, http.StatusNotFound, "There is no such schema here: "+path.Dir("/"+name)+"/ lists the versions.")
		return
	case err != nil:
		problem(w, http.StatusInternalServerError, "The schema's file cannot be read.")
		return
	}
	head := w.Header()
	text, kind := doc.text, contentType(served)
	if kind == typeYAML {
		head.Add("Vary", "Accept")
		if path.Ext(name) == ".json" || path.Ext(name) != path.Ext(served) && wantsJSON(r) {
			if text, err = ToJSON(text); err != nil {
				problem(w, http.StatusInternalServerError, "The schema's file is no YAML: "+err.Error()+".")
				return
			}
			kind = typeJSON
		}
	}
	head.Set("Content-Type", kind)
	version := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" && path.Ext(name) != ".json" {
		version = path.Base(name)
	}
	if _, ok := ParseVersion(version); ok {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		head.Set("Cache-Control", "public, max-age=60")
	}
	send(w, r, text)
}

// find reads what a path stands for: the file, the link, the file with an extension, the newest version for "latest", YAML for ".json".
func find(files fs.FS, name string) (document, string, error) {
	ref := reference{uri: "/" + name}
	if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" || ext == ".json" || ext == ".md" {
		ref = reference{uri: "/" + strings.TrimSuffix(name, ext), ext: ext}
	}
	ref.title, ref.version = path.Dir(ref.uri)[1:], path.Base(ref.uri)
	try := ref.candidates("")
	if ref.ext == ".json" {
		base := ref.uri[1:]
		try = append(try, base+".yaml", base+".yml", base)
	}
	for _, file := range try {
		doc, err := readFile(files, file, file, maxServed)
		if err == nil {
			return doc, path.Base(doc.file), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return document{}, "", err
		}
	}
	if ref.version == "latest" && ref.title != "" {
		if newest := newestOf(listVersions(files, ref.title)); newest != "" {
			return find(files, ref.title+"/"+newest+ref.ext)
		}
	}
	return document{}, "", fs.ErrNotExist
}

// maxServed bounds a file that is served.
const maxServed = 64 << 20

const (
	typeYAML = "application/yaml; charset=utf-8"
	typeJSON = "application/json; charset=utf-8"
)

func contentType(file string) string {
	switch path.Ext(file) {
	case ".json":
		return typeJSON
	case ".md":
		return "text/markdown; charset=utf-8"
	}
	return typeYAML
}

// wantsJSON reports whether the client accepts JSON and not YAML.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "yaml")
}

// send writes a body, or 304 if the client has it.
func send(w http.ResponseWriter, r *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	head := w.Header()
	head.Set("Etag", etag)
	for _, line := range r.Header["If-None-Match"] {
		for _, tag := range strings.Split(line, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == etag || tag == "*" {
				head.Del("Content-Type")
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// problem answers an error as RFC 9457 says.
func problem(w http.ResponseWriter, status int, detail string) {
	body := fmt.Appendf(nil, `{"type":"about:blank","title":%q,"status":%d,"detail":`, http.StatusText(status), status)
	body = append(rawjson.AppendQuoted(body, []byte(detail)), '}')
	head := w.Header()
	head.Set("Content-Type", "application/problem+json")
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
