package jsonschema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// atomEscape rewrites an escape outside a class.
func (t *translator) atomEscape() error {
	if t.i+1 >= len(t.src) {
		return errors.New(`\ at the end`)
	}
	c := t.src[t.i+1]
	if c >= '1' && c <= '9' {
		end := t.i + 2
		for end < len(t.src) && t.src[end] >= '0' && t.src[end] <= '9' {
			end++
		}
		if n := clampCount(string(t.src[t.i+1 : end])); n <= t.groups {
			t.backtracks = true
			fmt.Fprintf(&t.out, `(?:\%d)`, n)
			t.i = end
			return t.quantifier()
		}
	}
	if c == 'k' && len(t.names) > 0 {
		end := slices.Index(t.src[t.i:], '>')
		n, ok := 0, false
		if end > 3 && t.src[t.i+2] == '<' {
			n, ok = t.names[string(t.src[t.i+3:t.i+end])]
		}
		if !ok {
			return errors.New("invalid named reference")
		}
		t.backtracks = true
		fmt.Fprintf(&t.out, `(?:\%d)`, n)
		t.i += end + 1
		return t.quantifier()
	}
	if set := classEscape(c); set != nil {
		t.i += 2
		t.set(set)
		return t.quantifier()
	}
	r, length := t.characterEscape(false)
	t.i += length
	t.literal(r)
	return t.quantifier()
}

// characterEscape reads an escape that stands for one character and returns how many it takes.
func (t *translator) characterEscape(inClass bool) (r rune, length int) {
	rest := t.src[t.i+1:]
	switch c := rest[0]; c {
	case 't':
		return '\t', 2
	case 'n':
		return '\n', 2
	case 'v':
		return '\v', 2
	case 'f':
		return '\f', 2
	case 'r':
		return '\r', 2
	case 'c':
		if len(rest) > 1 {
			l := rest[1]
			if l|0x20 >= 'a' && l|0x20 <= 'z' || inClass && (l >= '0' && l <= '9' || l == '_') {
				return l & 31, 3
			}
		}
		return '\\', 1
	case 'x', 'u':
		digits := 2
		if c == 'u' {
			digits = 4
		}
		if len(rest) > digits {
			if n, err := strconv.ParseUint(string(rest[1:1+digits]), 16, 32); err == nil {
				return unitRune(rune(n)), 2 + digits
			}
		}
		return c, 2
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n, k := rune(0), 0
		for k < 3 && k < len(rest) && rest[k] >= '0' && rest[k] <= '7' && n*8+rest[k]-'0' <= 0o377 {
			n = n*8 + rest[k] - '0'
			k++
		}
		return n, 1 + k
	default:
		return c, 2
	}
}

// unitRune returns the rune that stands for a UTF-16 code unit.
func unitRune(unit rune) rune {
	if unit >= 0xd800 && unit < 0xe000 {
		return unit + surrogateShift
	}
	return unit
}

// literal writes a character that stands for itself.
func (t *translator) literal(r rune) {
	switch {
	case r < 0x20 || r == 0x7f:
		fmt.Fprintf(&t.out, `\x%02x`, r)
	case r < utf8.RuneSelf && (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && r != '_':
		t.out.WriteByte('\\')
		t.out.WriteRune(r)
	default:
		t.out.WriteRune(r)
	}
}
