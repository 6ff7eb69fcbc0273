package jsonschema

import "strings"

// uri is a URI reference split into its parts (RFC 3986, appendix B). Nothing is decoded or refused.
type uri struct {
	scheme, authority, path, query, fragment       string
	hasScheme, hasAuthority, hasQuery, hasFragment bool
}

func splitURI(s string) (u uri) {
	s, u.fragment, u.hasFragment = strings.Cut(s, "#")
	s, u.query, u.hasQuery = strings.Cut(s, "?")
	if i := strings.IndexAny(s, ":/"); i > 0 && s[i] == ':' {
		u.scheme, s, u.hasScheme = s[:i], s[i+1:], true
	}
	if strings.HasPrefix(s, "//") {
		s = s[2:]
		u.hasAuthority = true
		if i := strings.IndexByte(s, '/'); i >= 0 {
			u.authority, s = s[:i], s[i:]
		} else {
			u.authority, s = s, ""
		}
	}
	u.path = s
	return u
}

func (u uri) String() string {
	var s strings.Builder
	if u.hasScheme {
		s.WriteString(u.scheme + ":")
	}
	if u.hasAuthority {
		s.WriteString("//" + u.authority)
	}
	s.WriteString(u.path)
	if u.hasQuery {
		s.WriteString("?" + u.query)
	}
	if u.hasFragment && u.fragment != "" {
		s.WriteString("#" + u.fragment)
	}
	return s.String()
}

// resolveURI resolves a reference against a base (RFC 3986, 5.2.2), which may itself be relative or empty. An empty fragment is dropped.
func resolveURI(base, ref string) string {
	r := splitURI(ref)
	if r.hasScheme {
		r.path = removeDots(r.path)
		return r.String()
	}
	b := splitURI(base)
	t := uri{scheme: b.scheme, hasScheme: b.hasScheme, fragment: r.fragment, hasFragment: r.hasFragment}
	switch {
	case r.hasAuthority:
		t.authority, t.hasAuthority = r.authority, true
		t.path, t.query, t.hasQuery = removeDots(r.path), r.query, r.hasQuery
		return t.String()
	case r.path == "":
		t.path = b.path
		t.query, t.hasQuery = b.query, b.hasQuery
		if r.hasQuery {
			t.query, t.hasQuery = r.query, true
		}
	case r.path[0] == '/':
		t.path, t.query, t.hasQuery = removeDots(r.path), r.query, r.hasQuery
	default:
		dir := b.path[:strings.LastIndexByte(b.path, '/')+1]
		if b.hasAuthority && b.path == "" {
			dir = "/"
		}
		t.path, t.query, t.hasQuery = removeDots(dir+r.path), r.query, r.hasQuery
	}
	t.authority, t.hasAuthority = b.authority, b.hasAuthority
	return t.String()
}

// removeDots takes the segments . and .. out of a path (RFC 3986, 5.2.4).
func removeDots(path string) string {
	if !strings.Contains(path, ".") {
		return path
	}
	var out []string
	segments := strings.Split(path, "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 1 || len(out) == 1 && out[0] != "" {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, s)
		}
	}
	return strings.Join(out, "/")
}

// unescapePercent decodes %XX; anything else stays.
func unescapePercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")
var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// escapeFragment writes a name as a segment of a JSON pointer in a URI fragment, as encodeURIComponent has it.
func escapeFragment(name string) string {
	const upper = "0123456789ABCDEF"
	name = pointerEscaper.Replace(name)
	var s strings.Builder
	for i := range len(name) {
		c := name[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()", c) >= 0 {
			s.WriteByte(c)
		} else {
			s.Write([]byte{'%', upper[c>>4], upper[c&15]})
		}
	}
	return s.String()
}
