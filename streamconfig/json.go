package streamconfig

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a source. Real declarations have five levels.
const maxDepth = 200

// jsonReader reads RFC 8259 JSON into values that know their lines. It exists because encoding/json keeps neither the order of members nor places,
// and because a file of ten thousand streams must be read in a fraction of a second.
type jsonReader struct {
	src       []byte
	i         int
	line      int
	lineStart int
	file      *string
	faults    *[]Fault
}

// readJSON reads one document. Members given twice are reported with both places.
func readJSON(file *string, src []byte, faults *[]Fault) (v *value, err error) {
	r := &jsonReader{src: src, line: 1, file: file, faults: faults}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntaxError:
			err = e
		default:
			panic(e)
		}
	}()
	if len(src) >= 3 && string(src[:3]) == "\ufeff" {
		r.i, r.lineStart = 3, 3
	}
	v = r.value("", 0)
	r.space()
	if r.i < len(src) {
		r.fail("there is text after the end of the document")
	}
	return v, nil
}

// syntaxError is a document that is no JSON or YAML, with its place.
type syntaxError struct {
	pos Position
	msg string
}

func (e syntaxError) Error() string { return e.pos.String() + ": " + e.msg }

func (r *jsonReader) fail(format string, args ...any) {
	panic(syntaxError{
		pos: Position{File: *r.file, Line: r.line, Column: r.i - r.lineStart + 1},
		msg: fmt.Sprintf(format, args...),
	})
}

func (r *jsonReader) space() {
	for ; r.i < len(r.src); r.i++ {
		switch r.src[r.i] {
		case '\n':
			r.line++
			r.lineStart = r.i + 1
		case ' ', '\t', '\r':
		default:
			return
		}
	}
}

// next returns the next byte that is not white space, 0 at the end.
func (r *jsonReader) next() byte {
	r.space()
	if r.i >= len(r.src) {
		return 0
	}
	return r.src[r.i]
}

func (r *jsonReader) value(pointer string, depth int) *value {
	if depth > maxDepth {
		r.fail("nested more than %d levels deep", maxDepth)
	}
	c := r.next()
	v := &value{line: int32(r.line), col: int32(r.i - r.lineStart + 1), file: r.file}
	switch c {
	case '{':
		v.kind = kindObject
		r.object(v, pointer, depth)
	case '[':
		v.kind = kindList
		r.list(v, pointer, depth)
	case '"':
		v.kind, v.text = kindString, r.str()
	case 't':
		v.kind, v.text = kindBool, r.word("true")
	case 'f':
		v.kind, v.text = kindBool, r.word("false")
	case 'n':
		r.word("null")
	case 0:
		r.fail("the document ends where a value should be")
	default:
		v.kind, v.text = kindNumber, r.number()
	}
	return v
}

func (r *jsonReader) object(v *value, pointer string, depth int) {
	r.i++
	if r.next() == '}' {
		r.i++
		return
	}
	var seen map[string]int
	for {
		if r.next() != '"' {
			r.fail(`a member's name in double quotes should be here`)
		}
		line, col := r.line, r.i-r.lineStart+1
		key := r.str()
		if r.next() != ':' {
			r.fail(`":" should be here, after the name %q`, key)
		}
		r.i++
		member := pointerStep(pointer, key)
		item := r.value(member, depth+1)
		item.line, item.col = int32(line), int32(col)
		// A few members are compared one by one; the streams of a file need an index.
		if len(v.keys) == 16 {
			seen = make(map[string]int, 64)
			for i, k := range v.keys {
				seen[k] = i
			}
		}
		first := -1
		if seen != nil {
			if i, dup := seen[key]; dup {
				first = i
			}
			seen[key] = len(v.keys)
		} else {
			for i, k := range v.keys {
				if k == key {
					first = i
				}
			}
		}
		if first >= 0 {
			*r.faults = append(*r.faults, duplicate(member, key, v.items[first], item))
		} else {
			v.keys = append(v.keys, key)
			v.items = append(v.items, item)
		}
		switch r.next() {
		case ',':
			r.i++
		case '}':
			r.i++
			return
		default:
			r.fail(`"," or "}" should be here, after the member %q`, key)
		}
	}
}

func (r *jsonReader) list(v *value, pointer string, depth int) {
	r.i++
	if r.next() == ']' {
		r.i++
		return
	}
	for {
		v.items = append(v.items, r.value(pointerIndex(pointer, len(v.items)), depth+1))
		switch r.next() {
		case ',':
			r.i++
		case ']':
			r.i++
			return
		default:
			r.fail(`"," or "]" should be here`)
		}
	}
}

func (r *jsonReader) word(w string) string {
	if len(r.src)-r.i < len(w) || string(r.src[r.i:r.i+len(w)]) != w {
		r.fail("no JSON value begins like this")
	}
	r.i += len(w)
	return w
}

func (r *jsonReader) number() string {
	start := r.i
	end := numberEnd(r.src, start)
	if end < 0 {
		r.fail("no JSON value begins like this")
	}
	r.i = end
	return string(r.src[start:end])
}

// numberEnd returns the index after the number that begins at i; -1 if none does.
func numberEnd(src []byte, i int) int {
	at := func(set string) bool { return i < len(src) && strings.IndexByte(set, src[i]) >= 0 }
	digits := func() bool {
		start := i
		for at("0123456789") {
			i++
		}
		return i > start
	}
	if at("-") {
		i++
	}
	if at("0") {
		i++
	} else if !digits() {
		return -1
	}
	if at(".") {
		i++
		if !digits() {
			return -1
		}
	}
	if at("eE") {
		i++
		if at("+-") {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// str reads a string; r.i is at its opening quote.
func (r *jsonReader) str() string {
	r.i++
	start := r.i
	for r.i < len(r.src) {
		switch c := r.src[r.i]; {
		case c == '"':
			s := string(r.src[start:r.i])
			if !utf8.ValidString(s) {
				r.fail("the text is not valid UTF-8")
			}
			r.i++
			return s
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.fail("a control character in a string must be escaped")
		}
		r.i++
	}
	r.fail("the document ends inside a string")
	return ""
}

// escaped reads the rest of a string that has an escape at r.i.
func (r *jsonReader) escaped(start int) string {
	b := append([]byte(nil), r.src[start:r.i]...)
	for r.i < len(r.src) {
		c := r.src[r.i]
		switch {
		case c == '"':
			r.i++
			if !utf8.Valid(b) {
				r.fail("the text is not valid UTF-8")
			}
			return string(b)
		case c < ' ':
			r.fail("a control character in a string must be escaped")
		case c != '\\':
			b = append(b, c)
			r.i++
			continue
		}
		if r.i+1 >= len(r.src) {
			break
		}
		c = r.src[r.i+1]
		r.i += 2
		switch c {
		case '"', '\\', '/':
			b = append(b, c)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			u := r.hex4()
			if utf16.IsSurrogate(u) && r.i+1 < len(r.src) && r.src[r.i] == '\\' && r.src[r.i+1] == 'u' {
				r.i += 2
				u = utf16.DecodeRune(u, r.hex4())
			}
			b = utf8.AppendRune(b, u)
		default:
			r.fail(`\%c is no escape of JSON`, c)
		}
	}
	r.fail("the document ends inside a string")
	return ""
}

func (r *jsonReader) hex4() rune {
	if r.i+4 > len(r.src) {
		r.fail("the document ends inside a string")
	}
	u, err := strconv.ParseUint(string(r.src[r.i:r.i+4]), 16, 16)
	if err != nil {
		r.fail(`four hexadecimal digits should follow \u`)
	}
	r.i += 4
	return rune(u)
}
