package ui

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, path string, header ...string) *http.Response {
	t.Helper()
	return do(t, http.MethodGet, path, header...)
}

// served is one handler for all tests: each compresses the page's files anew.
var served = Handler()

func do(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	served.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// linked finds what the page loads at its start.
func linked(page string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`(?:src|href)="\./([^"]+)"`).FindAllStringSubmatch(page, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestThePageAndWhatItLinksAreServed(t *testing.T) {
	res := get(t, "/")
	page := read(t, res.Body)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/html; charset=utf-8" || res.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("/ is answered with %d, %v", res.StatusCode, res.Header)
	}
	if same := read(t, get(t, "/index.html").Body); same != page {
		t.Error("/index.html is not /")
	}
	names := linked(page)
	if len(names) < 3 {
		t.Fatalf("the page links only %q: is this the built page?", names)
	}
	for _, name := range names {
		res := get(t, "/"+name)
		if res.StatusCode != 200 {
			t.Errorf("%s: status %d", name, res.StatusCode)
		}
		if got := res.Header.Get("Cache-Control"); strings.HasPrefix(name, "assets/") && !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q; a file with a hash in its name can be kept for ever", name, got)
		}
	}
}

func TestThePageLoadsNothingFromElsewhere(t *testing.T) {
	page := read(t, get(t, "/").Body)
	if regexp.MustCompile(`(src|href)="(https?:)?//`).MatchString(page) {
		t.Errorf("the page links another host:\n%s", page)
	}
	if regexp.MustCompile(`<script>|<style|\son[a-z]+=|\sstyle=`).MatchString(page) {
		t.Errorf("the page holds inline script or style, which its policy forbids:\n%s", page)
	}
	policy := get(t, "/").Header.Get("Content-Security-Policy")
	for _, word := range []string{"unsafe", "http:", "https:", "*"} {
		if strings.Contains(policy, word) {
			t.Errorf("Content-Security-Policy contains %q: %s", word, policy)
		}
	}
	for _, name := range linked(page) {
		if body := read(t, get(t, "/"+name).Body); strings.HasSuffix(name, ".css") && regexp.MustCompile(`url\(["']?(https?:)?//`).MatchString(body) {
			t.Errorf("%s loads from another host", name)
		}
	}
}

func TestFilesAreCompressedForThoseWhoCanRead(t *testing.T) {
	want := read(t, get(t, "/").Body)
	for accept, compressed := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=1": true, "": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "xgzip": false, "gzip;q=x": false,
	} {
		res := get(t, "/", "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != compressed {
			t.Errorf("Accept-Encoding %q: compressed is %v", accept, got)
			continue
		}
		var body io.Reader = res.Body
		if compressed {
			gz, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = gz
		}
		if read(t, body) != want {
			t.Errorf("Accept-Encoding %q: another page", accept)
		}
		if res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary is %q", accept, res.Header.Get("Vary"))
		}
	}
}

func TestAPageThatIsKnownIsNotSentAgain(t *testing.T) {
	plain, gz := get(t, "/").Header.Get("ETag"), get(t, "/", "Accept-Encoding", "gzip").Header.Get("ETag")
	if plain == "" || plain == gz {
		t.Fatalf("ETags of the plain and the compressed page: %s and %s", plain, gz)
	}
	if res := get(t, "/", "If-None-Match", plain); res.StatusCode != http.StatusNotModified {
		t.Errorf("If-None-Match: status %d", res.StatusCode)
	}
	if res := get(t, "/", "If-None-Match", plain, "Accept-Encoding", "gzip"); res.StatusCode != http.StatusOK {
		t.Errorf("If-None-Match with the other form's tag: status %d", res.StatusCode)
	}
}

// A page's links are relative to its own path, so that the whole may be mounted below any: they lead to the same files from each page.
func TestEveryPageLeadsToTheSameFiles(t *testing.T) {
	link := regexp.MustCompile(`(?:src|href)="(\.[^"]+)"`)
	for _, root := range []string{"", "/events/here"} {
		for path := range strings.FieldsSeq("/ /index.html /v2/ui /v2/ui/ /schemas /schemas/ /Try /errors /health") {
			if !IsPage(path) {
				t.Errorf("%s is no page", path)
			}
			res := get(t, path)
			links := link.FindAllStringSubmatch(read(t, res.Body), -1)
			if res.StatusCode != 200 || len(links) < 3 {
				t.Errorf("%s: status %d, %d links", path, res.StatusCode, len(links))
			}
			for _, m := range links {
				base := &url.URL{Path: root + path}
				to, ok := strings.CutPrefix(base.ResolveReference(&url.URL{Path: m[1]}).Path, root+Files)
				if !ok || get(t, Files+to).StatusCode != 200 {
					t.Errorf("%s%s links %s, which leads to %q", root, path, m[1], to)
				}
			}
		}
	}
	for _, path := range []string{"/v2", "/v2/ui/x", "/tryout", "/ui/", "/ui/index.html", "/ui/index.html@0", "/ui/schemas"} {
		if res := get(t, path); IsPage(path) || res.StatusCode != 404 {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
}

func TestOtherPathsAndMethodsAreRefused(t *testing.T) {
	for _, path := range []string{"/nothing", "/assets/", "/assets", "/../ui.go", "/dist/index.html", "//", "/index.html/"} {
		if res := get(t, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
	res := do(t, http.MethodPost, "/")
	if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /: status %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
	if res := do(t, http.MethodHead, "/"); res.StatusCode != 200 || read(t, res.Body) != "" {
		t.Errorf("HEAD /: status %d, or a body", res.StatusCode)
	}
}

// What a first visit transfers is bounded, so that the page opens at once on a slow line too.
func TestTheFirstPageIsSmall(t *testing.T) {
	const goal = 150 << 10
	total := 0
	for _, name := range append([]string{""}, linked(read(t, get(t, "/").Body))...) {
		total += len(read(t, get(t, "/"+name, "Accept-Encoding", "gzip").Body))
	}
	t.Logf("the first page transfers %d bytes", total)
	if total > goal {
		t.Errorf("the first page transfers %d bytes, more than %d", total, goal)
	}
}

func TestNoBuiltFileNamesTheMachineItWasBuiltOn(t *testing.T) {
	err := fs.WalkDir(built, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := built.ReadFile(name)
		for _, trace := range []string{"node_modules/", "/home/", "/root/", "/tmp/"} {
			if bytes.Contains(b, []byte(trace)) {
				t.Errorf("%s contains %q", name, trace)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
