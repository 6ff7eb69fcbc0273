package kafkasse

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// jsonMessage says why a text is no JSON, in the words that JavaScript's JSON.parse has for it (V8 11.3): clients have seen them for years.
func jsonMessage(text string) string {
	j := jsText{s: text}
	j.value()
	if j.message == "" {
		if j.space(); j.i < len(text) {
			j.fail("Unexpected non-whitespace character after JSON")
		}
	}
	return j.message
}

// jsText is a text that is read as JSON until something is wrong.
type jsText struct {
	s       string
	i       int
	depth   int
	message string
}

// fail notes what is wrong at this place, the first time.
func (j *jsText) fail(what string) bool {
	if j.message == "" {
		j.message = fmt.Sprintf("%s in JSON at position %d", what, j.i)
		if strings.HasSuffix(what, "after JSON") {
			j.message = fmt.Sprintf("%s at position %d", what, j.i)
		}
	}
	return false
}

// peek is the byte at this place, 0 at the end.
func (j *jsText) peek() byte {
	if j.i < len(j.s) {
		return j.s[j.i]
	}
	return 0
}

func (j *jsText) space() {
	for j.i < len(j.s) && strings.IndexByte(" \t\r\n", j.s[j.i]) >= 0 {
		j.i++
	}
}

// take takes a byte if it comes next, after white space.
func (j *jsText) take(c byte) bool {
	j.space()
	if j.i < len(j.s) && j.s[j.i] == c {
		j.i++
		return true
	}
	return false
}

// value reads a value and reports whether it is whole.
func (j *jsText) value() bool {
	j.space()
	switch c := j.peek(); {
	case c == '"':
		return j.str()
	case c == '-' || c >= '0' && c <= '9':
		return j.number()
	case c == 't':
		return j.literal("true")
	case c == 'f':
		return j.literal("false")
	case c == 'n':
		return j.literal("null")
	case c == '{' || c == '[':
		if j.depth++; j.depth > 10_000 { // only their memory bounds it there
			return j.fail("Nested too deeply")
		}
		defer func() { j.depth-- }()
		j.i++
		if c == '{' {
			return j.object()
		}
		return j.array()
	}
	return j.unexpected()
}

func (j *jsText) object() bool {
	if j.take('}') {
		return true
	}
	for first := true; ; first = false {
		switch j.space(); {
		case j.peek() != '"' && first:
			return j.fail("Expected property name or '}'")
		case j.peek() != '"':
			return j.fail("Expected double-quoted property name")
		case !j.str():
			return false
		case j.take(':'):
		case first:
			return j.fail("Expected ':' after property name")
		default:
			return j.unexpected()
		}
		if !j.value() {
			return false
		}
		if !j.take(',') {
			return j.take('}') || j.fail("Expected ',' or '}' after property value")
		}
	}
}

func (j *jsText) array() bool {
	if j.take(']') {
		return true
	}
	for {
		if !j.value() {
			return false
		}
		if !j.take(',') {
			return j.take(']') || j.fail("Expected ',' or ']' after array element")
		}
	}
}

func (j *jsText) literal(word string) bool {
	for k := range len(word) {
		if j.peek() != word[k] {
			return j.unexpected()
		}
		j.i++
	}
	return true
}

func (j *jsText) digits() bool {
	from := j.i
	for c := j.peek(); c >= '0' && c <= '9'; c = j.peek() {
		j.i++
	}
	return j.i > from
}

func (j *jsText) number() bool {
	if j.peek() == '-' {
		j.i++
		if c := j.peek(); c < '0' || c > '9' {
			return j.fail("No number after minus sign")
		}
	}
	if j.peek() == '0' {
		j.i++
		if c := j.peek(); c >= '0' && c <= '9' {
			return j.fail("Unexpected number")
		}
	} else {
		j.digits()
	}
	if j.peek() == '.' {
		j.i++
		if !j.digits() {
			return j.fail("Unterminated fractional number")
		}
	}
	if c := j.peek(); c == 'e' || c == 'E' {
		j.i++
		if c := j.peek(); c == '+' || c == '-' {
			j.i++
		}
		if !j.digits() {
			return j.fail("Exponent part is missing a number")
		}
	}
	return true
}

func (j *jsText) str() bool {
	j.i++
	for {
		if j.i >= len(j.s) {
			return j.fail("Unterminated string")
		}
		switch c := j.s[j.i]; {
		case c == '"':
			j.i++
			return true
		case c < ' ':
			return j.fail("Bad control character in string literal")
		case c == '\\':
			j.i++
			if !j.escape() {
				return false
			}
		default:
			j.i++
		}
	}
}

func (j *jsText) escape() bool {
	switch c := j.peek(); {
	case j.i >= len(j.s):
		return j.unexpected()
	case c == 'u':
		j.i++
		for range 4 {
			if c := j.peek() | 0x20; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return j.fail("Bad Unicode escape")
			}
			j.i++
		}
		return true
	case strings.IndexByte(`"\/bfnrt`, c) < 0:
		return j.fail("Bad escaped character")
	}
	j.i++
	return true
}

// unexpected is said where no value begins.
func (j *jsText) unexpected() bool {
	const around = 10 // bytes on either side are shown
	c, _ := utf8.DecodeRuneInString(j.s[j.i:])
	from, to := 0, len(j.s)
	before, after := "", ""
	if len(j.s) > 2*around {
		if j.i >= around {
			before, from = "...", j.i-around
		}
		if j.i < len(j.s)-around {
			after, to = "...", j.i+around
		}
	}
	switch {
	case j.message != "":
	case j.s == "undefined" || j.s == "NaN" || j.s == "Infinity" || j.s == "[object Object]":
		j.message = `"` + j.s + `" is not valid JSON`
	case j.i >= len(j.s):
		j.message = "Unexpected end of JSON input"
	case j.peek() == '"':
		return j.fail("Unexpected string")
	case j.peek() == '-' || j.peek() >= '0' && j.peek() <= '9':
		return j.fail("Unexpected number")
	default:
		j.message = fmt.Sprintf(`Unexpected token '%c', %s"%s"%s is not valid JSON`, c, before, strings.ToValidUTF8(j.s[from:to], ""), after)
	}
	return false
}
