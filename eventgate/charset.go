package eventgate

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decoder finds the decoder of a charset, whose name is in lower case; like the Node.js service it takes "utf-16-le" for utf-16le.
func decoder(charset string) (decode func([]byte) []byte, known bool) {
	if decode, known = decoderOf(charset); known {
		return decode, true
	}
	if name, ok := strings.CutPrefix(charset, "utf-"); ok {
		return decoderOf("utf-" + strings.NewReplacer("-", "", "_", "").Replace(name))
	}
	return nil, false
}

// decoderOf knows the charsets that a body may be in; nil needs no decoding. What is not Unicode is refused, as ever, and so is UTF-7.
func decoderOf(charset string) (decode func([]byte) []byte, known bool) {
	switch charset {
	case utf8Charset:
		return nil, true
	case "utf-16":
		return decodeUTF16, true
	case "utf-16le":
		return func(b []byte) []byte { return utf16Text(b, false) }, true
	case "utf-16be":
		return func(b []byte) []byte { return utf16Text(b, true) }, true
	}
	return nil, false
}

// decodeUTF16 goes by the byte order mark, without one by what the first character, which is ASCII in JSON, looks like.
func decodeUTF16(b []byte) []byte {
	if len(b) < 2 {
		return utf16Text(b, false)
	}
	return utf16Text(b, b[0] == 0xFE && b[1] == 0xFF || b[0] == 0 && b[1] != 0)
}

// utf16Text decodes UTF-16 to UTF-8 without its byte order mark. Half a pair of surrogates, or half a character at the end, becomes a byte that is not
// UTF-8, for which the body is refused.
func utf16Text(b []byte, big bool) []byte {
	unit := func(i int) rune {
		if big {
			return rune(b[i])<<8 | rune(b[i+1])
		}
		return rune(b[i+1])<<8 | rune(b[i])
	}
	text := make([]byte, 0, len(b))
	for i := 0; i+1 < len(b); i += 2 {
		c := unit(i)
		if i == 0 && c == 0xFEFF {
			continue
		}
		if utf16.IsSurrogate(c) {
			pair := rune(utf8.RuneError)
			if i+3 < len(b) {
				pair = utf16.DecodeRune(c, unit(i+2))
			}
			if pair == utf8.RuneError {
				text = append(text, notUTF8)
				continue
			}
			i += 2
			c = pair
		}
		text = utf8.AppendRune(text, c)
	}
	if len(b)%2 == 1 {
		text = append(text, notUTF8)
	}
	return text
}

// notUTF8 is a byte that UTF-8 does not have.
const notUTF8 = 0xFF
