package rawjson

import (
	"fmt"
	"unicode/utf8"
)

// SyntaxError says why a text is not JSON.
type SyntaxError struct {
	// Offset is the index of the first byte that cannot be part of the value; the text's length if it ends too early.
	Offset int
	// Msg says what is wrong there, for the person who sent it.
	Msg string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Msg, e.Offset) }

// A failure is what the scanning functions return instead of an index: a negative number that holds the offset and one of these codes, so that
// a scan that fails costs no more than one that does not.
const (
	endInString = iota
	endInNumber
	endInValue
	endInObject
	endInArray
	badUTF8
	badEscape
	badNumber
	badValue
	badKey
	badObject
	badArray
	noColon
	controlInString
	tooDeep
	trailing
)

func fail(offset, code int) int { return ^(offset<<4 | code) }

// TooDeep is the failure of a value nested deeper than MaxDepth that starts at b[offset].
func TooDeep(offset int) int { return fail(offset, tooDeep) }

// Trailing is the failure of a text with more than white space after its value.
func Trailing(offset int) int { return fail(offset, trailing) }

// ExpectComma is the failure of an array (or object) whose element (or member) is followed neither by a comma nor by the closing bracket.
func ExpectComma(b []byte, i int, array bool) int {
	switch {
	case i >= len(b) && array:
		return fail(len(b), endInArray)
	case i >= len(b):
		return fail(len(b), endInObject)
	case array:
		return fail(i, badArray)
	}
	return fail(i, badObject)
}

// Failure turns the negative result of a scanning function into the error that it stands for; b is the text that was scanned.
func Failure(b []byte, failure int) *SyntaxError {
	offset, code := ^failure>>4, ^failure&15
	e := &SyntaxError{Offset: offset}
	switch code {
	case endInString:
		e.Msg = "unexpected end of the text in a string"
	case endInNumber:
		e.Msg = "unexpected end of the text in a number"
	case endInValue:
		e.Msg = "unexpected end of the text, expected a value"
	case endInObject:
		e.Msg = "unexpected end of the text in an object"
	case endInArray:
		e.Msg = "unexpected end of the text in an array"
	case badUTF8:
		e.Msg = "invalid UTF-8 in a string"
	case badEscape:
		e.Msg = "invalid escape in a string: unexpected " + found(b, offset)
	case badNumber:
		e.Msg = "invalid number: unexpected " + found(b, offset)
	case badValue:
		e.Msg = "unexpected " + found(b, offset) + ", expected a value"
	case badKey:
		e.Msg = "unexpected " + found(b, offset) + ", expected a key in double quotes"
	case badObject:
		e.Msg = "unexpected " + found(b, offset) + ", expected a comma or the object's closing brace"
	case badArray:
		e.Msg = "unexpected " + found(b, offset) + ", expected a comma or the array's closing bracket"
	case noColon:
		e.Msg = "unexpected " + found(b, offset) + ", expected a colon after the key"
	case controlInString:
		e.Msg = "unescaped control character " + found(b, offset) + " in a string"
	case tooDeep:
		e.Msg = fmt.Sprintf("arrays and objects nested deeper than %d", MaxDepth)
	case trailing:
		e.Msg = "unexpected " + found(b, offset) + " after the value"
	}
	return e
}

func found(b []byte, i int) string {
	if i >= len(b) {
		return "end of the text"
	}
	r, n := utf8.DecodeRune(b[i:])
	if r == utf8.RuneError && n <= 1 {
		return fmt.Sprintf("byte 0x%02x", b[i])
	}
	return fmt.Sprintf("%q", r)
}
