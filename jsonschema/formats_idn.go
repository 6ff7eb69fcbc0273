package jsonschema

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// isIDNHostname checks an internationalized host name (RFC 5890): labels as people or as DNS write them, separated by dots of any kind.
func isIDNHostname(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	for _, dot := range []string{"\u3002", "\uff0e", "\uff61"} {
		text = bytes.ReplaceAll(text, []byte(dot), []byte{'.'})
	}
	rightToLeft := false
	var labels [][]rune
	total := 0
	for _, part := range bytes.Split(text, []byte{'.'}) {
		label, length, ok := idnLabel(part)
		if !ok {
			return false
		}
		total += length + 1
		labels = append(labels, label)
		for _, r := range label {
			d := direction(r)
			rightToLeft = rightToLeft || d == dirRight || d == dirArabicNumber
		}
	}
	if total > 254 {
		return false
	}
	for _, label := range labels {
		if rightToLeft && !keepsDirection(label) {
			return false
		}
	}
	return true
}

// isALabels checks the labels of a host name that are encoded (xn--…).
func isALabels(text []byte) bool {
	for _, part := range bytes.Split(text, []byte{'.'}) {
		if len(part) >= 4 && equalFold(part[:4], "xn--") {
			if label, _, ok := idnLabel(part); !ok || !keepsDirection(label) && hasRightToLeft(label) {
				return false
			}
		}
	}
	return true
}

func hasRightToLeft(label []rune) bool {
	for _, r := range label {
		if d := direction(r); d == dirRight || d == dirArabicNumber {
			return true
		}
	}
	return false
}

// idnLabel checks one label and returns it as people write it, and its length in DNS.
func idnLabel(part []byte) (label []rune, length int, ok bool) {
	ascii := true
	for _, c := range part {
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		if len(part) < 4 || !equalFold(part[:4], "xn--") {
			hyphens := len(part) > 3 && part[2] == '-' && part[3] == '-'
			return []rune(string(part)), len(part), isHostname(part) && !hyphens
		}
		if len(part) > 63 {
			return nil, 0, false
		}
		if label, ok = punyDecode(part[4:]); !ok || !equalFold(part[4:], string(punyEncode(label))) {
			return nil, 0, false
		}
		return label, len(part), beyondASCII(label) && isULabel(label)
	}
	label = []rune(string(part))
	length = 4 + len(punyEncode(label))
	return label, length, length <= 63 && isULabel(label)
}

func beyondASCII(label []rune) bool {
	for _, r := range label {
		if r >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// isULabel checks a label as people write it (RFC 5891, 4.2.3).
func isULabel(label []rune) bool {
	n := len(label)
	if n == 0 || label[0] == '-' || label[n-1] == '-' || n > 3 && label[2] == '-' && label[3] == '-' || unicode.Is(unicode.M, label[0]) {
		return false
	}
	for i, r := range label {
		if !idnPermitted(r) || !inContext(label, i) {
			return false
		}
	}
	return true
}

// idnPermitted reports whether a code point can be part of a label at all (RFC 5892). What compatibility mappings would change is told by ranges.
func idnPermitted(r rune) bool {
	switch {
	case r == '-', r >= '0' && r <= '9', r >= 'a' && r <= 'z':
		return true
	case r < utf8.RuneSelf:
		return r >= 'A' && r <= 'Z' // written in capitals, looked up in small letters
	case r == 0xb7, r == 0x375, r == 0x5f3, r == 0x5f4, r == 0x30fb, r == 0x200c, r == 0x200d, r == 0x6fd, r == 0x6fe, r == 0xf0b, r == 0x3007:
		return true
	case r == 0x640, r == 0x7fa, r == 0x302e, r == 0x302f, r >= 0x3031 && r <= 0x3035, r == 0x303b:
		return false
	case r >= 0x1100 && r <= 0x11ff, r >= 0xa960 && r <= 0xa97f, r >= 0xd7b0 && r <= 0xd7ff: // old Hangul
		return false
	case r == 0xaa, r == 0xb5, r == 0xba, r >= 0x2b0 && r <= 0x2b8, r >= 0x2070 && r <= 0x214f, r >= 0x3131 && r <= 0x318e, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfb00 && r <= 0xfdff, r >= 0xfe70 && r <= 0xffef, r >= 0x1d400 && r <= 0x1d7ff, r >= 0x1ee00 && r <= 0x1eeff, r >= 0x2f800 && r <= 0x2fa1f:
		return false
	}
	return unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lm, unicode.Mn, unicode.Mc, unicode.Nd)
}

// inContext checks the rules for code points that are permitted only beside certain others (RFC 5892, appendix A).
func inContext(label []rune, i int) bool {
	before, after := rune(-1), rune(-1)
	if i > 0 {
		before = label[i-1]
	}
	if i+1 < len(label) {
		after = label[i+1]
	}
	switch r := label[i]; {
	case r == 0xb7:
		return before == 'l' && after == 'l'
	case r == 0x375:
		return unicode.Is(unicode.Greek, after)
	case r == 0x5f3 || r == 0x5f4:
		return unicode.Is(unicode.Hebrew, before)
	case r == 0x30fb:
		return some(label, func(r rune) bool {
			return r != 0x30fb && unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
		})
	case r >= 0x660 && r <= 0x669:
		return !some(label, func(r rune) bool { return r >= 0x6f0 && r <= 0x6f9 })
	case r == 0x200d:
		return isVirama(before)
	case r == 0x200c:
		return isVirama(before) || isJoining(before) && isJoining(after)
	}
	return true
}

func some(label []rune, is func(rune) bool) bool {
	for _, r := range label {
		if is(r) {
			return true
		}
	}
	return false
}

// isVirama reports whether a sign takes the vowel from the letter before it.
func isVirama(r rune) bool {
	switch r {
	case 0x94d, 0x9cd, 0xa4d, 0xacd, 0xb4d, 0xbcd, 0xc4d, 0xccd, 0xd3b, 0xd3c, 0xd4d, 0xdca, 0xe3a, 0xeba, 0xf84, 0x1039, 0x103a, 0x1714, 0x1734, 0x17d2, 0x1a60, 0x1b44, 0x1baa,
		0x1bab, 0x1bf2, 0x1bf3, 0x2d7f, 0xa806, 0xa8c4, 0xa953, 0xa9c0, 0xaaf6, 0xabed:
		return true
	}
	return false
}

// isJoining reports whether a letter of a cursive script joins its neighbours.
func isJoining(r rune) bool {
	return unicode.IsLetter(r) && unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Phags_Pa)
}

// The directions of writing that matter here, as Unicode's bidirectional algorithm classes them.
const (
	dirLeft = iota
	dirRight
	dirNumber
	dirArabicNumber
	dirMark
	dirNeutral
)

func direction(r rune) int {
	switch {
	case r >= '0' && r <= '9', r >= 0x6f0 && r <= 0x6f9:
		return dirNumber
	case r >= 0x660 && r <= 0x669:
		return dirArabicNumber
	case r == '-', r == 0xb7, r == 0x375:
		return dirNeutral
	case unicode.Is(unicode.Mn, r), r == 0x200c, r == 0x200d:
		return dirMark
	case unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Samaritan, unicode.Mandaic, unicode.Adlam):
		return dirRight
	}
	return dirLeft
}

// keepsDirection checks the rule for labels of a name in which anything is written from right to left (RFC 5893, 2).
func keepsDirection(label []rune) bool {
	first := direction(label[0])
	if first != dirLeft && first != dirRight {
		return false
	}
	end := len(label) - 1
	for end > 0 && direction(label[end]) == dirMark {
		end--
	}
	last := direction(label[end])
	numbers, arabicNumbers := false, false
	for _, r := range label {
		switch d := direction(r); {
		case first == dirLeft && (d == dirRight || d == dirArabicNumber), first == dirRight && d == dirLeft:
			return false
		case d == dirNumber:
			numbers = true
		case d == dirArabicNumber:
			arabicNumbers = true
		}
	}
	if first == dirLeft {
		return last == dirLeft || last == dirNumber
	}
	return (last == dirRight || last == dirNumber || last == dirArabicNumber) && !(numbers && arabicNumbers)
}
