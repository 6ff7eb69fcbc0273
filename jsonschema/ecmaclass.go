package jsonschema

import (
	"cmp"
	"errors"
	"slices"
	"unicode/utf8"
)

// ranges is a set of characters: ranges from the first to the last one, both included.
type ranges [][2]rune

var (
	digitClass = ranges{{'0', '9'}}
	wordClass  = ranges{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	spaceClass = ranges{{'\t', '\r'}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
		{0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff}}
)

// classEscape returns the set that \d, \s, \w or their complements stand for, nil for any other letter.
func classEscape(c rune) ranges {
	switch c {
	case 'd':
		return digitClass
	case 'D':
		return complement(digitClass)
	case 'w':
		return wordClass
	case 'W':
		return complement(wordClass)
	case 's':
		return spaceClass
	case 'S':
		return complement(spaceClass)
	}
	return nil
}

// complement returns the characters that are not in the set.
func complement(set ranges) ranges {
	out := ranges{}
	next := rune(0)
	for _, r := range normal(set) {
		if r[0] > next {
			out = append(out, [2]rune{next, r[0] - 1})
		}
		next = r[1] + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, [2]rune{next, utf8.MaxRune})
	}
	return out
}

// normal sorts and joins the ranges.
func normal(set ranges) ranges {
	set = slices.Clone(set)
	slices.SortFunc(set, func(a, b [2]rune) int { return cmp.Compare(a[0], b[0]) })
	out := ranges{}
	for _, r := range set {
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
		} else {
			out = append(out, r)
		}
	}
	return out
}

// unitRange returns the characters between two, given by the runes that stand for code units.
func unitRange(lo, hi rune) ranges {
	unit := func(r rune) rune {
		if r >= 0xd800+surrogateShift {
			return r - surrogateShift
		}
		return r
	}
	lo, hi = unit(lo), unit(hi)
	var out ranges
	add := func(from, to, shift rune) {
		if a, b := max(lo, from), min(hi, to); a <= b {
			out = append(out, [2]rune{a + shift, b + shift})
		}
	}
	add(0, 0xd7ff, 0)
	add(0xd800, 0xdfff, surrogateShift)
	add(0xe000, 0xffff, 0)
	return out
}

// class reads a class in brackets.
func (t *translator) class() (ranges, error) {
	t.i++
	negated := t.at("^")
	if negated {
		t.i++
	}
	set := ranges{}
	for {
		if t.i >= len(t.src) {
			return nil, errors.New("unterminated class")
		}
		if t.src[t.i] == ']' {
			t.i++
			break
		}
		lo, single, err := t.classAtom()
		if err != nil {
			return nil, err
		}
		if !t.at("-") || t.at("-]") || t.i+1 >= len(t.src) {
			set = append(set, lo...)
			continue
		}
		t.i++
		hi, alsoSingle, err := t.classAtom()
		if err != nil {
			return nil, err
		}
		switch {
		case !single || !alsoSingle: // annex B: the hyphen stands for itself
			set = append(append(append(set, lo...), hi...), [2]rune{'-', '-'})
		default:
			span := unitRange(lo[0][0], hi[0][0])
			if span == nil {
				return nil, errors.New("range out of order in a class")
			}
			set = append(set, span...)
		}
	}
	if negated {
		return complement(set), nil
	}
	return normal(set), nil
}

// classAtom reads a member of a class; single tells that it is one character.
func (t *translator) classAtom() (set ranges, single bool, err error) {
	c := t.src[t.i]
	if c != '\\' {
		t.i++
		return ranges{{c, c}}, true, nil
	}
	if t.i+1 >= len(t.src) {
		return nil, false, errors.New("unterminated class")
	}
	c = t.src[t.i+1]
	if set := classEscape(c); set != nil {
		t.i += 2
		return set, false, nil
	}
	if c == 'b' {
		t.i += 2
		return ranges{{'\b', '\b'}}, true, nil
	}
	r, length := t.characterEscape(true)
	t.i += length
	return ranges{{r, r}}, true, nil
}

// set writes a set of characters as a class.
func (t *translator) set(set ranges) {
	switch {
	case len(set) == 0:
		t.write(`[^\x00-\x{10FFFF}]`, `(?!)`)
		return
	case len(set) == 1 && set[0] == [2]rune{0, utf8.MaxRune}:
		t.out.WriteString(`[\s\S]`)
		return
	}
	t.out.WriteByte('[')
	for _, r := range set {
		t.literal(r[0])
		if r[1] > r[0] {
			t.out.WriteByte('-')
			t.literal(r[1])
		}
	}
	t.out.WriteByte(']')
}
