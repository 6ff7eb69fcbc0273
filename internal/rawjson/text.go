package rawjson

import "unicode/utf8"

// Equal reports whether the string raw, as it is written with its quotes, means the text s.
func Equal(raw []byte, s string) bool {
	if len(raw) < 2 {
		return false
	}
	raw = raw[1 : len(raw)-1]
	if len(raw) <= len(s) {
		return string(raw) == s && !hasEscape(raw) // an escape is longer than what it means
	}
	var buf [8]byte
	for len(raw) > 0 {
		if raw[0] != '\\' {
			if len(s) == 0 || s[0] != raw[0] {
				return false
			}
			raw, s = raw[1:], s[1:]
			continue
		}
		piece, n := unescape(buf[:0], raw)
		if len(s) < len(piece) || s[:len(piece)] != string(piece) {
			return false
		}
		raw, s = raw[n:], s[len(piece):]
	}
	return len(s) == 0
}

// AppendUnquoted appends the text that the string raw means, given as it is written with its quotes. Halves of surrogate pairs become U+FFFD.
func AppendUnquoted(dst, raw []byte) []byte {
	start := len(dst)
	dst = AppendIdentity(dst, raw)
	for i := start; i+2 < len(dst); i++ {
		if dst[i] == 0xed && dst[i+1] >= 0xa0 {
			dst[i], dst[i+1], dst[i+2] = 0xef, 0xbf, 0xbd
		}
	}
	return dst
}

// AppendIdentity appends what tells the string raw from all others: its text, with halves of surrogate pairs encoded like the code points
// they are (three bytes each, which is not valid UTF-8).
func AppendIdentity(dst, raw []byte) []byte {
	if len(raw) < 2 {
		return dst
	}
	raw = raw[1 : len(raw)-1]
	for {
		i := 0
		for i < len(raw) && raw[i] != '\\' {
			i++
		}
		dst = append(dst, raw[:i]...)
		if i == len(raw) {
			return dst
		}
		var n int
		dst, n = unescape(dst, raw[i:])
		raw = raw[i+n:]
	}
}

// unescape appends what the escape at the start of raw means and returns how many bytes it took. Two escapes that make one code point are
// taken together.
func unescape(dst, raw []byte) ([]byte, int) {
	if len(raw) < 2 {
		return append(dst, raw...), len(raw)
	}
	switch raw[1] {
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'u':
	default:
		return append(dst, raw[1]), 2
	}
	r := unit(raw)
	if r < 0 {
		return append(dst, raw[1]), 2
	}
	if r >= 0xd800 && r < 0xdc00 {
		if low := unit(raw[6:]); low >= 0xdc00 && low < 0xe000 {
			return utf8.AppendRune(dst, (r-0xd800)<<10+(low-0xdc00)+0x10000), 12
		}
	}
	if r >= 0xd800 && r < 0xe000 {
		return append(dst, 0xed, 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f), 6
	}
	return utf8.AppendRune(dst, r), 6
}

// unit returns the UTF-16 code unit that the escape at the start of raw stands for, -1 if there is none.
func unit(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range raw[2:6] {
		v := hexValue[c]
		if v < 0 {
			return -1
		}
		r = r<<4 | rune(v)
	}
	return r
}

// AppendQuoted appends text as a JSON string in the form that JSON.stringify has: the shortest escapes, control characters as \u00xx, everything else
// as it is. What is not UTF-8 becomes U+FFFD, except halves of surrogate pairs (see [AppendIdentity]), which become \udxxx.
func AppendQuoted(dst, text []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case plain[c]:
				dst = append(dst, c)
			case c == '"' || c == '\\':
				dst = append(dst, '\\', c)
			case c == '\b':
				dst = append(dst, '\\', 'b')
			case c == '\f':
				dst = append(dst, '\\', 'f')
			case c == '\n':
				dst = append(dst, '\\', 'n')
			case c == '\r':
				dst = append(dst, '\\', 'r')
			case c == '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
			}
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r != utf8.RuneError || n != 1:
			dst = append(dst, text[i:i+n]...)
		case c == 0xed && i+2 < len(text) && text[i+1]&0xe0 == 0xa0 && text[i+2]&0xc0 == 0x80:
			n = 3
			dst = append(dst, '\\', 'u', 'd', digits[8+(text[i+1]&0x1f)>>2], digits[(text[i+1]&3)<<2|(text[i+2]&0x3f)>>4], digits[text[i+2]&15])
		default:
			dst = append(dst, "\ufffd"...)
		}
		i += n
	}
	return append(dst, '"')
}
