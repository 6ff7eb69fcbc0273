package schema

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

func TestURIsThatAreRefused(t *testing.T) {
	for _, uri := range []string{
		"", " ", "/", "//", "/x", "test/event/1.0.0", "//test/event/1.0.0", "/test//event/1.0.0", "/test/event/1.0.0/",
		"/test/event/./1.0.0", "/test/../test/event/1.0.0", "/../x/1.0.0", "/.git/config", "/test/.hidden/1.0.0",
		"/test/event/1%2E0.0", "/test/event/1.0.0?x=1", "/test/event/1.0.0#/properties/meta", "/test/event/1.0.0##",
		`/test\event\1.0.0`, "/test/event/1.0.0\n", "/test/event/1.0.0\x00", "/tést/event/1.0.0",
		"http://evil.example/x/1.0.0", "file:///etc/hostname", "ftp://127.0.0.1/x", "javascript:alert(1)", "http://",
		"http://json-schema.org/draft-07/schema#", "//evil.example/x/1.0.0", "/" + strings.Repeat("a", 300) + "/1.0.0",
	} {
		_, err := parseURI(uri)
		var invalid *InvalidURIError
		if !errors.As(err, &invalid) {
			t.Errorf("%q: got %v, want an InvalidURIError", uri, err)
		} else if len(invalid.Error()) > 500 {
			t.Errorf("%q: the message has %d bytes", uri[:20], len(invalid.Error()))
		}
	}
}

func TestURIsThatAreAllowed(t *testing.T) {
	for uri, want := range map[string]reference{
		"/test/event/1.0.0":      {uri: "/test/event/1.0.0", title: "test/event", version: "1.0.0"},
		"/test/event/1.0.0#":     {uri: "/test/event/1.0.0", title: "test/event", version: "1.0.0"},
		"/test/event/1.0.0.yaml": {uri: "/test/event/1.0.0", title: "test/event", version: "1.0.0", ext: ".yaml"},
		"/error/latest":          {uri: "/error/latest", title: "error", version: "latest"},
		"/a/b-c/d_e/current.yml": {uri: "/a/b-c/d_e/current", title: "a/b-c/d_e", version: "current", ext: ".yml"},
	} {
		got, err := parseURI(uri)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", uri, got, err)
		}
	}
}

func TestCandidates(t *testing.T) {
	ref, _ := parseURI("/t/1.0.0")
	for extension, want := range map[string]string{
		"":      "t/1.0.0 t/1.0.0.yaml t/1.0.0.yml t/1.0.0.json",
		".yaml": "t/1.0.0.yaml t/1.0.0 t/1.0.0.yml t/1.0.0.json",
	} {
		if got := strings.Join(ref.candidates(extension), " "); got != want {
			t.Errorf("extension %q: %s", extension, got)
		}
	}
	ref, _ = parseURI("/t/1.0.0.json")
	if got := strings.Join(ref.candidates(".yaml"), " "); got != "t/1.0.0.json" {
		t.Errorf("a URI with its own extension: %s", got)
	}
}

func TestVersionOrder(t *testing.T) {
	ascending := []string{"0.0.1", "0.1.0", "1.0.0-rc1", "1.0.0", "1.0.10", "1.2.0", "10.0.0"}
	for i := 1; i < len(ascending); i++ {
		a, _ := ParseVersion(ascending[i-1])
		b, _ := ParseVersion(ascending[i])
		if a.Compare(b) >= 0 || b.Compare(a) <= 0 || a.Compare(a) != 0 {
			t.Errorf("%s and %s are in the wrong order", ascending[i-1], ascending[i])
		}
	}
	for _, bad := range []string{"", "1", "1.0", "1.0.x", "1.0.0.0", "-1.0.0", "1.+0.0", "latest"} {
		if _, ok := ParseVersion(bad); ok {
			t.Errorf("%q is taken for a version", bad)
		}
	}
}

func FuzzParseURI(f *testing.F) {
	for _, s := range []string{"/test/event/1.0.0", "/a/../b/1.0.0", "//x", "/a/1.0.0.yaml", "/a/latest#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		ref, err := parseURI(uri)
		if err != nil {
			return
		}
		for _, file := range ref.candidates(".yaml") {
			if !fs.ValidPath(file) || strings.HasPrefix(file, ".") || strings.Contains(file, "/.") {
				t.Errorf("%q leads to the file %q", uri, file)
			}
		}
		again, err := parseURI(ref.uri + ref.ext)
		if err != nil || again != ref {
			t.Errorf("%q is not stable: %+v, then %+v (%v)", uri, ref, again, err)
		}
	})
}
