package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed all:dist
var built embed.FS

// contentSecurityPolicy lets the page load its own files and ask its own server, nothing else. Codex draws its icons from data: images. Trusted
// types keep any text, an event's for one, from being taken for HTML; Vue's own policy covers the constants of compiled templates.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; trusted-types vue; require-trusted-types-for 'script'"

// pages are the paths of the page's parts, in lower case. Which of them are shown is for the page to find out.
var pages = []string{"/", "/index.html", "/v2/ui", "/v2/ui/", "/schemas", "/schemas/", "/try", "/try/", "/errors", "/errors/", "/health", "/health/"}

// Files is where the built files are, below the page's paths.
const Files = "/ui/"

// IsPage tells whether a path is one of the page's parts; case does not matter.
func IsPage(path string) bool {
	return slices.Contains(pages, strings.ToLower(path))
}

// Handler serves the page at its paths (see IsPage) and its files below Files, for GET and HEAD; everything else is 404 or 405. Files are served
// compressed to clients that accept gzip. It holds no state of a request and is safe for concurrent use.
func Handler() http.Handler {
	files := sync.OnceValue(load) // compressing costs some milliseconds: not at the start of a service that nobody may look at
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, isFile := strings.CutPrefix(r.URL.Path, Files)
		if !isFile && IsPage(r.URL.Path) {
			name = index(strings.Count(r.URL.Path, "/") - 1)
		}
		f, ok := files()[name]
		if !ok || isFile && strings.HasPrefix(name, indexName) {
			http.Error(w, fmt.Sprintf("The page has no file %q.", r.URL.Path), http.StatusNotFound)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD are allowed here.", http.StatusMethodNotAllowed)
			return
		}
		f.serve(w, r)
	})
}

const (
	indexName = "index.html"
	// deepestPage is how many slashes a page's path has at most after the first: "/v2/ui/".
	deepestPage = 2
)

// index names the page as it is served so many folders below the root. Its links are relative, so that the whole may be mounted below any path.
func index(depth int) string { return fmt.Sprintf("%s@%d", indexName, depth) }

// A file is one built file in the forms in which it is sent.
type file struct {
	contentType  string
	cacheControl string
	tag          string
	plain        []byte
	gzipped      []byte // nil when compressing gains nothing
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cacheControl)
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body, tag := f.plain, f.tag
	if f.gzipped != nil && acceptsGzip(r.Header.Values("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body, tag = f.gzipped, f.tag+"-gzip"
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3) as far as it decides about gzip.
func acceptsGzip(values []string) bool {
	for coding := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, weighed := strings.CutPrefix(strings.ToLower(strings.TrimSpace(weight)), "q=")
		value, err := strconv.ParseFloat(q, 64)
		return !weighed || err == nil && value > 0
	}
	return false
}

// load reads the built files. They are part of the program, so that a failure is a mistake in how it was built.
func load() map[string]*file {
	files := map[string]*file{}
	err := fs.WalkDir(built, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := built.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "dist/")
		if name == indexName {
			for depth := range deepestPage + 1 {
				root := strings.Repeat("../", depth) + strings.TrimPrefix(Files, "/")
				files[index(depth)] = newFile(name, bytes.ReplaceAll(content, []byte(`="./`), []byte(`="./`+root)))
			}
			return nil
		}
		files[name] = newFile(name, content)
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("ui: embedded files cannot be read: %v", err))
	}
	return files
}

func newFile(name string, content []byte) *file {
	sum := sha256.Sum256(content)
	f := &file{contentType: contentType(name), cacheControl: "no-cache", tag: hex.EncodeToString(sum[:12]), plain: content}
	if strings.HasPrefix(name, "assets/") {
		f.cacheControl = "public, max-age=31536000, immutable" // its name holds a hash of its content
	}
	var buf bytes.Buffer
	gz, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // fails only for a level that does not exist
	_, _ = gz.Write(content)                                 // a bytes.Buffer takes everything
	_ = gz.Close()
	if buf.Len() < len(content)*9/10 {
		f.gzipped = buf.Bytes()
	}
	return f
}

// contentType names the types of what Vite builds itself: what the system's tables say differs from machine to machine.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".md":
		return "text/markdown; charset=utf-8"
	case ".json":
		return "application/json"
	default:
		if known := mime.TypeByExtension(ext); known != "" {
			return known
		}
		return "application/octet-stream"
	}
}
