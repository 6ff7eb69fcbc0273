package rawjson

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Flags tell what a scanned string or number holds.
type Flags uint8

const (
	// Escaped is set for a string with at least one backslash.
	Escaped Flags = 1 << iota
	// NonASCII is set for a string with a byte above 0x7f, and sometimes for one that such a byte follows closely.
	NonASCII
	// Fraction is set for a number with a fraction or an exponent: its text is not simply an integer's digits.
	Fraction
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// ScanString checks the string whose opening quote is b[i] and returns the index after its closing quote. A negative result is a failure: see [Failure].
func ScanString(b []byte, i int) (end int, flags Flags) {
	start := i
	i++
	for {
		long := i + longRun
		for i+8 <= len(b) { // eight bytes at a time
			w := binary.LittleEndian.Uint64(b[i:])
			special := specials(w)
			if (special|w)&highs == 0 {
				if i += 8; i == long {
					i = plainRun(b, i)
				}
				continue
			}
			if w&highs != 0 {
				flags |= NonASCII
			}
			stop := special &^ w & highs
			if stop == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(stop) >> 3
			goto special
		}
		for i < len(b) && plain[b[i]] {
			if b[i] >= utf8.RuneSelf {
				flags |= NonASCII
			}
			i++
		}
		if i >= len(b) {
			return fail(len(b), endInString), 0
		}
	special:
		switch c := b[i]; {
		case c == '"':
			if flags&NonASCII != 0 && !utf8.Valid(b[start:i]) {
				return fail(invalidUTF8(b, start), badUTF8), 0
			}
			return i + 1, flags
		case c == '\\':
			flags |= Escaped
			if i+1 < len(b) && shortEscape[b[i+1]] {
				i += 2
			} else if i = escapeEnd(b, i); i < 0 {
				return i, 0
			}
		default:
			return fail(i, controlInString), 0
		}
	}
}

// specials sets the high bit of the first byte of w that does not stand for itself in a string: a control character, a quote or a backslash. It may set it
// wrongly in later ones, since a subtraction borrows from them, and in those that are not ASCII. A quote with one bit turned is a space, and no control
// character becomes one that is not less.
func specials(w uint64) uint64 {
	return ((w ^ ones*('"'^' ')) - ones*(' '+1)) | ((w ^ ones*'\\') - ones)
}

// longRun is after how many bytes a run of plain ones is likely to go on.
const longRun = 64

// plainRun returns an index up to which b[i:] is plain ASCII, as most long texts are. It goes by 32 bytes at a time, which is quicker than by eight, but only
// for long strings.
func plainRun(b []byte, i int) int {
	for i+32 <= len(b) {
		w := b[i : i+32 : i+32]
		w0, w1 := binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[8:])
		w2, w3 := binary.LittleEndian.Uint64(w[16:]), binary.LittleEndian.Uint64(w[24:])
		if (specials(w0)|w0|specials(w1)|w1|specials(w2)|w2|specials(w3)|w3)&highs != 0 {
			break
		}
		i += 32
	}
	return i
}

// shortEscape marks what follows the backslash of an escape of two bytes.
var shortEscape = [256]bool{'"': true, '\\': true, '/': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true}

// escapeEnd returns the index after the escape sequence that starts at b[i], or a failure.
func escapeEnd(b []byte, i int) int {
	if i+1 >= len(b) {
		return fail(len(b), endInString)
	}
	if b[i+1] == 'u' {
		for j := i + 2; j < i+6; j++ {
			if j >= len(b) {
				return fail(len(b), endInString)
			}
			if hexValue[b[j]] < 0 {
				return fail(j, badEscape)
			}
		}
		return i + 6
	}
	return fail(i+1, badEscape)
}

func invalidUTF8(b []byte, i int) int {
	for i < len(b) {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return i
}

// ScanNumber checks the number that starts at b[i] and returns the index after it. A negative result is a failure: see [Failure].
func ScanNumber(b []byte, i int) (end int, flags Flags) {
	if b[i] == '-' {
		i++
	}
	switch {
	case i >= len(b):
		return fail(i, endInNumber), 0
	case b[i] == '0':
		i++
	case b[i]-'1' < 9:
		for i++; i < len(b) && b[i]-'0' < 10; i++ {
		}
	default:
		return fail(i, badNumber), 0
	}
	if i < len(b) && b[i] == '.' {
		flags = Fraction
		if i = digits(b, i+1); i < 0 {
			return i, 0
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		flags = Fraction
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i = digits(b, i); i < 0 {
			return i, 0
		}
	}
	return i, flags
}

// digits returns the index after the run of at least one digit that starts at b[i], or a failure.
func digits(b []byte, i int) int {
	if i >= len(b) {
		return fail(i, endInNumber)
	}
	if b[i]-'0' >= 10 {
		return fail(i, badNumber)
	}
	for i++; i < len(b) && b[i]-'0' < 10; i++ {
	}
	return i
}

// SkipSpace returns the index of the first byte at or after b[i] that is not JSON white space, or len(b).
func SkipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && space[b[i]] {
		i++
	}
	return i
}

var space = [256]bool{' ': true, '\t': true, '\n': true, '\r': true}

// plain marks the bytes that stand for themselves in a string.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != '"' && c != '\\'
	}
	return t
}()

// hexValue is the value of a hexadecimal digit, -1 for any other byte.
var hexValue = func() (t [256]int8) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9':
			t[c] = int8(c - '0')
		case c >= 'a' && c <= 'f':
			t[c] = int8(c - 'a' + 10)
		case c >= 'A' && c <= 'F':
			t[c] = int8(c - 'A' + 10)
		default:
			t[c] = -1
		}
	}
	return t
}()
