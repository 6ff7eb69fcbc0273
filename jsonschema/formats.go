package jsonschema

import "bytes"

// format checks one format. It returns what accepts the text: ajv's form, the RFC's, or both. A text comes without quotes and escapes, in UTF-8.
type format func(text []byte) acceptance

// acceptance is a set: who accepts a text.
type acceptance uint8

const (
	fast acceptance = 1 << iota
	strict
	nobody acceptance = 0
	both              = fast | strict
)

// only returns a, if accepted, else nobody.
func (a acceptance) only(accepted bool) acceptance {
	if accepted {
		return a
	}
	return nobody
}

// formatsByName holds every format that a draft from 4 to 7 names and those that ajv adds. Where the fast form checks nothing it always accepts.
var formatsByName = map[string]format{
	"date":          date,
	"time":          clock,
	"date-time":     dateTime,
	"uri":           absoluteURI,
	"uri-reference": uriReference,
	"iri":           unchecked(func(t []byte) bool { return isURI(t, true, true) }),
	"iri-reference": unchecked(func(t []byte) bool { return isURI(t, false, true) }),
	"uri-template": func(t []byte) acceptance {
		return fast.only(isURITemplate(t, false)) | strict.only(isURITemplate(t, true))
	},
	"url":                       webURL,
	"email":                     email,
	"idn-email":                 unchecked(func(t []byte) bool { return isMailbox(t, true) }),
	"hostname":                  hostname,
	"idn-hostname":              unchecked(isIDNHostname),
	"ipv4":                      ipv4,
	"ipv6":                      ipv6,
	"regex":                     regex,
	"uuid":                      uuid,
	"json-pointer":              same(isPointer),
	"json-pointer-uri-fragment": same(isPointerFragment),
	"relative-json-pointer":     same(isRelativePointer),
}

// same is a format with one form.
func same(accepts func([]byte) bool) format {
	return func(text []byte) acceptance { return both.only(accepts(text)) }
}

// unchecked is a format that ajv does not know.
func unchecked(accepts func([]byte) bool) format {
	return func(text []byte) acceptance { return fast | strict.only(accepts(text)) }
}

func isDigit(c byte) bool    { return c-'0' < 10 }
func isLetter(c byte) bool   { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isAlphaNum(c byte) bool { return isDigit(c) || isLetter(c) }

// spaceAt returns how many bytes of white space (ECMA-262's \s) are at text[i]: 0 if there is none.
func spaceAt(text []byte, i int) int {
	c := text[i]
	switch {
	case c == ' ' || c >= '\t' && c <= '\r':
		return 1
	case c < 0xc2:
		return 0
	case c == 0xc2:
		if i+1 < len(text) && text[i+1] == 0xa0 {
			return 2
		}
	case i+2 < len(text) && c&0xf0 == 0xe0:
		r := rune(c&0x0f)<<12 | rune(text[i+1]&0x3f)<<6 | rune(text[i+2]&0x3f)
		switch {
		case r == 0x1680, r >= 0x2000 && r <= 0x200a, r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000, r == 0xfeff:
			return 3
		}
	}
	return 0
}

// hasSpace reports whether there is white space in the text.
func hasSpace(text []byte) bool {
	for i := range text {
		if spaceAt(text, i) > 0 {
			return true
		}
	}
	return false
}

// uuid checks 8-4-4-4-12 hexadecimal digits (RFC 4122); ajv allows the prefix urn:uuid:.
func uuid(text []byte) acceptance {
	who := both
	const prefix = "urn:uuid:"
	if len(text) == 36+len(prefix) && equalFold(text[:len(prefix)], prefix) {
		text = text[len(prefix):]
		who = fast
	}
	if len(text) != 36 {
		return nobody
	}
	for i, c := range text {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return nobody
			}
		default:
			if hexDigit(c) < 0 {
				return nobody
			}
		}
	}
	return who
}

// equalFold reports whether the text is the ASCII word in lower or upper case.
func equalFold(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, c := range text {
		if c != word[i] && !(isLetter(c) && c|0x20 == word[i]|0x20) {
			return false
		}
	}
	return true
}

// regex checks a regular expression of ECMA-262. ajv refuses Perl's \Z too; the strict form every escape of a letter that means nothing.
func regex(text []byte) acceptance {
	if len(text) > maxPattern {
		return nobody
	}
	who := both
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		c := text[i+1]
		if c == 'Z' && i > 0 && text[i-1] != '\\' {
			return nobody
		}
		if isLetter(c) && bytes.IndexByte([]byte("bBcdDfknprPsStuvwWx"), c) < 0 {
			who = fast
		}
		if c == '\\' {
			i++
		}
	}
	if _, err := translate(string(text), true); err != nil {
		return nobody
	}
	return who
}

// isPointer checks a JSON pointer (RFC 6901).
func isPointer(text []byte) bool {
	if len(text) > 0 && text[0] != '/' {
		return false
	}
	for i, c := range text {
		if c == '~' && (i+1 == len(text) || text[i+1] != '0' && text[i+1] != '1') {
			return false
		}
	}
	return true
}

// isRelativePointer checks a relative JSON pointer (draft-handrews-relative-json-pointer).
func isRelativePointer(text []byte) bool {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	if n == 0 || n > 1 && text[0] == '0' {
		return false
	}
	rest := text[n:]
	return len(rest) == 1 && rest[0] == '#' || isPointer(rest)
}

// isPointerFragment checks a JSON pointer in the form of a URI fragment (RFC 6901, 6).
func isPointerFragment(text []byte) bool {
	if len(text) == 0 || text[0] != '#' || len(text) > 1 && text[1] != '/' {
		return false
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '/', c == ':', c == '@', isUnreserved(c) && c != '~', isSubDelim(c):
		case c == '%' && isEscape(text, i):
		case c == '~' && i+1 < len(text) && (text[i+1] == '0' || text[i+1] == '1'):
		default:
			return false
		}
	}
	return true
}
