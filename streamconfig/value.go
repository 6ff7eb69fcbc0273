package streamconfig

import (
	"strconv"
	"unicode/utf8"
)

// kind is a JSON value's kind.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindList
	kindObject
)

func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// value is a JSON value that remembers the order of its members and where it stands. Values are never changed once they are built, so that merged
// settings share them.
type value struct {
	kind      kind
	line, col int32
	file      *string  // nil for values that we made
	text      string   // a string's text; a number's and a boolean's literal as written
	keys      []string // of an object
	items     []*value // of a list or an object
}

func (v *value) position() Position {
	p := Position{Line: int(v.line), Column: int(v.col)}
	if v.file != nil {
		p.File = *v.file
	}
	return p
}

// get returns an object's member; nil if there is none.
func (v *value) get(key string) *value {
	if v == nil || v.kind != kindObject {
		return nil
	}
	for i, k := range v.keys {
		if k == key {
			return v.items[i]
		}
	}
	return nil
}

// at returns the member of a nested object; nil if there is none.
func (v *value) at(path ...string) *value {
	for _, key := range path {
		v = v.get(key)
	}
	return v
}

// isNull reports whether a value is missing or null: the reference makes no difference.
func (v *value) isNull() bool { return v == nil || v.kind == kindNull }

// isArray reports whether PHP would call the value an array.
func (v *value) isArray() bool { return v.kind == kindList || v.kind == kindObject }

// set puts a member into an object that is being built, replacing one of the same name in place.
func (v *value) set(key string, item *value) {
	for i, k := range v.keys {
		if k == key {
			v.items[i] = item
			return
		}
	}
	v.keys = append(v.keys, key)
	v.items = append(v.items, item)
}

// strings returns the texts of a list of strings or numbers; ok is false if it is anything else. A missing or null value is nil and ok.
func (v *value) strings() (list []string, ok bool) {
	if v.isNull() {
		return nil, true
	}
	if v.kind != kindList {
		return nil, false
	}
	list = make([]string, len(v.items))
	for i, item := range v.items {
		if item.kind != kindString && item.kind != kindNumber {
			return nil, false
		}
		list[i] = phpText(item)
	}
	return list, true
}

// str returns a string's text, and "" for anything else.
func (v *value) str() string {
	if v == nil || v.kind != kindString {
		return ""
	}
	return v.text
}

func (v *value) isTrue() bool { return v != nil && v.kind == kindBool && v.text == "true" }

func stringValue(s string) *value { return &value{kind: kindString, text: s} }

func stringList(list []string) *value {
	v := &value{kind: kindList, items: make([]*value, len(list))}
	for i, s := range list {
		v.items[i] = stringValue(s)
	}
	return v
}

// appendJSON writes the value without white space.
func (v *value) appendJSON(b []byte) []byte {
	switch v.kind {
	case kindNull:
		return append(b, "null"...)
	case kindBool, kindNumber:
		return append(b, v.text...)
	case kindString:
		return appendString(b, v.text)
	case kindList:
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, item := range v.items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, v.keys[i])
		b = append(b, ':')
		b = item.appendJSON(b)
	}
	return append(b, '}')
}

const hex = "0123456789abcdef"

// appendString writes a JSON string: only what must be escaped is.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		case '\r':
			b = append(b, `\r`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// pointerStep appends a step to an RFC 6901 pointer.
func pointerStep(pointer, key string) string {
	escaped := make([]byte, 0, len(pointer)+len(key)+1)
	escaped = append(append(escaped, pointer...), '/')
	for i := 0; i < len(key); i++ {
		switch key[i] {
		case '~':
			escaped = append(escaped, "~0"...)
		case '/':
			escaped = append(escaped, "~1"...)
		default:
			escaped = append(escaped, key[i])
		}
	}
	return string(escaped)
}

func pointerIndex(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }
