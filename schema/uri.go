package schema

import (
	"path"
	"strconv"
	"strings"
)

// maxURI bounds a $schema value. The longest real one has 80 bytes.
const maxURI = 256

// reference is a $schema value that may be looked up.
type reference struct {
	uri     string // "/<title>/<version>", without extension and fragment
	title   string
	version string // a version, "latest" or "current"
	ext     string // ".yaml", ".yml" or ".json" if the value had one
}

// parseURI decides whether a $schema value may be looked up at all: nothing is read for one that may not. It is strict because the value comes from
// anybody: whoever could name other hosts, folders or documents here could make the intake fetch them.
func parseURI(uri string) (reference, error) {
	refuse := func(reason string) (reference, error) {
		if len(uri) > 200 {
			uri = strings.ToValidUTF8(uri[:200], "") + "…"
		}
		return reference{}, &InvalidURIError{URI: uri, Reason: reason}
	}
	if uri == "" {
		return refuse("it is empty: it must be a schema's title and version, like /test/event/1.0.0")
	}
	if len(uri) > maxURI {
		return refuse("it has more than " + strconv.Itoa(maxURI) + " bytes")
	}
	name := strings.TrimSuffix(uri, "#")
	if strings.Contains(name, "://") || strings.HasPrefix(name, "//") {
		return refuse("it must not name a host: only the schemas of the configured repositories are used")
	}
	if name[:min(1, len(name))] != "/" {
		return refuse(`it must begin with "/", like /test/event/1.0.0`)
	}
	segments := strings.Split(name[1:], "/")
	for _, s := range segments {
		switch {
		case s == "":
			return refuse("it has an empty part")
		case s[0] == '.':
			return refuse("no part of it may begin with a dot")
		}
		for i := 0; i < len(s); i++ {
			if !allowed(s[i]) {
				return refuse("only letters, digits and ._- may stand between the slashes: no query, no fragment, no escapes")
			}
		}
	}
	if len(segments) < 2 {
		return refuse("it must be a title and a version, like /test/event/1.0.0")
	}
	ref := reference{}
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		ref.ext = path.Ext(name)
		name = strings.TrimSuffix(name, ref.ext)
	}
	ref.uri = name
	ref.title, ref.version = name[1:strings.LastIndexByte(name, '/')], path.Base(name)
	return ref, nil
}

func allowed(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}

// moving reports whether the reference names whatever version is newest.
func (r reference) moving() bool { return r.version == "latest" || r.version == "current" }

// candidates are the files that may hold the schema, in the order in which they are tried: an extensionless file may be the schema or a link to it.
func (r reference) candidates(extension string) []string {
	name := r.uri[1:]
	if r.ext != "" {
		return []string{name + r.ext}
	}
	list := make([]string, 0, 5)
	if extension != "" {
		list = append(list, name+extension)
	}
	list = append(list, name)
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		if ext != extension {
			list = append(list, name+ext)
		}
	}
	return list
}

// Version is a schema's version: MAJOR.MINOR.PATCH, possibly with something after it.
type Version struct {
	Major, Minor, Patch int
	Suffix              string
}

// ParseVersion reads "1.2.3" or "1.2.3-rc1".
func ParseVersion(s string) (Version, bool) {
	number, suffix, _ := strings.Cut(s, "-")
	parts := strings.Split(number, ".")
	if len(parts) != 3 {
		return Version{}, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || p[0] == '+' {
			return Version{}, false
		}
		n[i] = v
	}
	return Version{n[0], n[1], n[2], suffix}, true
}

// Compare orders versions; one with a suffix comes before the same without.
func (v Version) Compare(w Version) int {
	for _, d := range [3]int{v.Major - w.Major, v.Minor - w.Minor, v.Patch - w.Patch} {
		if d != 0 {
			return d
		}
	}
	switch {
	case v.Suffix == w.Suffix:
		return 0
	case v.Suffix == "":
		return 1
	case w.Suffix == "":
		return -1
	}
	return strings.Compare(v.Suffix, w.Suffix)
}
