package jsonschema

import "bytes"

// What a byte can be in a URI.
const (
	uriPlain   = 0         // part of a path or query
	uriColon   = 1 << iota // separates a scheme, elsewhere plain
	uriSpecial             // it depends
)

var uriClass = func() (t [256]uint8) {
	for c := range t {
		switch b := byte(c); {
		case b == ':':
			t[c] = uriColon
		case !isUnreserved(b) && !isSubDelim(b) && b != '@' && b != '/' && b != '?':
			t[c] = uriSpecial
		}
	}
	return t
}()

func isUnreserved(c byte) bool {
	return isAlphaNum(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

func isSubDelim(c byte) bool { return c < 0x80 && bytes.IndexByte([]byte("!$&'()*+,;="), c) >= 0 }

// isEscape reports whether %XX is at text[i].
func isEscape(text []byte, i int) bool {
	return i+2 < len(text) && hexDigit(text[i+1]) >= 0 && hexDigit(text[i+2]) >= 0
}

// absoluteURI checks a URI (RFC 3986); ajv's fast form is a scheme and no white space.
func absoluteURI(text []byte) acceptance {
	n := schemeEnd(text)
	if n < 0 || hasSpace(text[n:]) {
		return nobody
	}
	return fast | strict.only(isURI(text, true, false))
}

// schemeEnd returns the index after the colon of the scheme that the text begins with, -1 if there is none.
func schemeEnd(text []byte) int {
	for i, c := range text {
		switch {
		case isLetter(c):
		case c == ':' && i > 0:
			return i + 1
		case i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.':
			return -1
		}
	}
	return -1
}

// uriReference checks a URI reference (RFC 3986, 4.1); ajv's fast form refuses white space, a backslash at the start and one after the first #.
func uriReference(text []byte) acceptance {
	classes := uint8(uriPlain)
	for _, c := range text {
		classes |= uriClass[c]
	}
	if classes&uriSpecial == 0 {
		return fast | strict.only(isPlainURI(text, classes))
	}
	if hasSpace(text) || len(text) > 0 && text[0] == '\\' {
		return nobody
	}
	if i := bytes.IndexByte(text, '#'); i >= 0 && bytes.IndexByte(text[i:], '\\') >= 0 {
		return nobody
	}
	return fast | strict.only(isURI(text, false, false))
}

// isPlainURI checks a reference of plain bytes and colons.
func isPlainURI(text []byte, classes uint8) bool {
	if classes != uriPlain {
		n := schemeEnd(text)
		if n < 0 {
			// The first segment of a path without scheme has no colon.
			i := bytes.IndexAny(text, ":/?")
			return text[i] != ':' && (!bytes.HasPrefix(text, []byte("//")) || isURI(text, false, false))
		}
		text = text[n:]
	}
	if len(text) < 2 || text[0] != '/' || text[1] != '/' {
		return true
	}
	users, port := 0, 0 // where the last colon after the user is
	i := 2
	for ; i < len(text) && text[i] != '/' && text[i] != '?'; i++ {
		switch text[i] {
		case '@':
			users++
			port = 0
		case ':':
			if port > 0 && bytes.IndexByte(text[i:], '@') < 0 {
				return false
			}
			port = i
		}
	}
	if users > 1 {
		return false
	}
	if port > 0 {
		for _, c := range text[port+1 : i] {
			if !isDigit(c) {
				return false
			}
		}
	}
	return true
}

// isURI checks a URI or, if it need not be absolute, a reference (RFC 3986); if international with the characters of RFC 3987.
func isURI(text []byte, absolute, international bool) bool {
	rest := text
	if n := schemeEnd(text); n > 0 {
		rest = text[n:]
	} else {
		if absolute {
			return false
		}
		// The first segment of a path without scheme has no colon.
		if i := bytes.IndexAny(text, ":/?#"); i >= 0 && text[i] == ':' {
			return false
		}
	}
	rest, fragment, _ := bytes.Cut(rest, []byte{'#'})
	rest, query, _ := bytes.Cut(rest, []byte{'?'})
	if after, ok := bytes.CutPrefix(rest, []byte("//")); ok {
		end := bytes.IndexByte(after, '/')
		if end < 0 {
			end = len(after)
		}
		if !isAuthority(after[:end], international) {
			return false
		}
		rest = after[end:]
	}
	return isURIText(rest, international) && isURIText(query, international) && isURIText(fragment, international)
}

func isURIText(text []byte, international bool) bool {
	for i, c := range text {
		switch {
		case uriClass[c]&uriSpecial == 0:
		case c == '%' && isEscape(text, i):
		case international && c >= 0x80 && spaceAt(text, i) == 0:
		default:
			return false
		}
	}
	return true
}

// isAuthority checks userinfo@host:port.
func isAuthority(text []byte, international bool) bool {
	if i := bytes.LastIndexByte(text, '@'); i >= 0 {
		if bytes.IndexByte(text[:i], '@') >= 0 || bytes.IndexByte(text[:i], '[') >= 0 || !isURIText(text[:i], international) {
			return false
		}
		text = text[i+1:]
	}
	var port []byte
	if len(text) > 0 && text[0] == '[' {
		end := bytes.IndexByte(text, ']')
		if end < 0 || !isIPv6(text[1:end]) && !isIPvFuture(text[1:end]) {
			return false
		}
		port = text[end+1:]
		if len(port) > 0 && port[0] != ':' {
			return false
		}
	} else {
		host := text
		if i := bytes.IndexByte(text, ':'); i >= 0 {
			host, port = text[:i], text[i:]
		}
		if !isURIText(host, international) {
			return false
		}
	}
	if len(port) > 0 {
		for _, c := range port[1:] {
			if !isDigit(c) {
				return false
			}
		}
	}
	return true
}

func isIPvFuture(text []byte) bool {
	dot := bytes.IndexByte(text, '.')
	if dot < 2 || text[0]|0x20 != 'v' || dot+1 == len(text) {
		return false
	}
	for _, c := range text[1:dot] {
		if hexDigit(c) < 0 {
			return false
		}
	}
	for _, c := range text[dot+1:] {
		if !isUnreserved(c) && !isSubDelim(c) && c != ':' {
			return false
		}
	}
	return true
}

// isURITemplate checks a URI template (RFC 6570). If not by the letter then as ajv has it: no apostrophes in literals, no dots in variables.
func isURITemplate(text []byte, letter bool) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '{':
			end := bytes.IndexByte(text[i:], '}')
			if end < 0 || !isTemplateExpression(text[i+1:i+end], letter) {
				return false
			}
			i += end
		case c == '%':
			if !isEscape(text, i) {
				return false
			}
		case c <= ' ' || bytes.IndexByte([]byte("\"<>\\^`|}"), c) >= 0 || c == '\'' && !letter || c == 0x7f && letter:
			return false
		}
	}
	return true
}

func isTemplateExpression(text []byte, letter bool) bool {
	if len(text) > 0 && bytes.IndexByte([]byte("+#./;?&=,!@|"), text[0]) >= 0 {
		text = text[1:]
	}
	for {
		variable, rest, more := bytes.Cut(text, []byte{','})
		if !isTemplateVariable(variable, letter) {
			return false
		}
		if !more {
			return true
		}
		text = rest
	}
}

// isTemplateVariable checks a variable with its modifier.
func isTemplateVariable(text []byte, letter bool) bool {
	if n := len(text); n > 0 && text[n-1] == '*' {
		text = text[:n-1]
	} else if i := bytes.IndexByte(text, ':'); i >= 0 {
		digits := text[i+1:]
		if len(digits) == 0 || len(digits) > 4 || digits[0] == '0' {
			return false
		}
		for _, c := range digits {
			if !isDigit(c) {
				return false
			}
		}
		text = text[:i]
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isAlphaNum(c) || c == '_':
		case c == '.' && letter && i > 0 && i < len(text)-1 && text[i-1] != '.':
		case c == '%' && isEscape(text, i):
			i += 2
		default:
			return false
		}
	}
	return len(text) > 0
}

// webURL checks the format url, which only ajv knows: http, https or ftp, a host that is public by its form, and no white space.
func webURL(text []byte) acceptance {
	i := bytes.Index(text, []byte("://"))
	if i < 0 || !equalFold(text[:i], "http") && !equalFold(text[:i], "https") && !equalFold(text[:i], "ftp") {
		return nobody
	}
	rest := text[i+3:]
	if hasSpace(rest) {
		return nobody
	}
	if isWebHost(rest) {
		return both
	}
	for i := 1; i < len(rest); i++ {
		if rest[i] == '@' && isWebHost(rest[i+1:]) {
			return both
		}
	}
	return nobody
}

// isWebHost checks host, port and path.
func isWebHost(text []byte) bool {
	if i := bytes.IndexByte(text, '/'); i >= 0 {
		text = text[:i]
	}
	if i := bytes.LastIndexByte(text, ':'); i >= 0 {
		port := text[i+1:]
		for _, c := range port {
			if !isDigit(c) {
				return false
			}
		}
		if len(port) < 2 || len(port) > 5 {
			return false
		}
		text = text[:i]
	}
	if ipv4(text) != nobody {
		return isPublicIPv4(text)
	}
	labels := bytes.Split(text, []byte{'.'})
	if len(labels) < 2 {
		return false
	}
	for i, label := range labels {
		last := i == len(labels)-1
		units := 0
		for j, c := range label {
			switch {
			case c == '-' && !last && j > 0 && j < len(label)-1 && label[j-1] != '-':
			case isLetter(c), isDigit(c) && !last:
			case c >= 0xc2 && !bytes.HasPrefix(label[j:], []byte("\u00a0")), c >= 0x80:
			default:
				return false
			}
			if c < 0x80 || c >= 0xc0 {
				units++
			}
			if c >= 0xf0 {
				units++
			}
		}
		if units == 0 || last && units < 2 {
			return false
		}
	}
	return true
}

// isPublicIPv4 reports whether a dotted quad is neither private nor the address of a network or broadcast.
func isPublicIPv4(text []byte) bool {
	var quad [4]int
	for i, part := range bytes.Split(text, []byte{'.'}) {
		if len(part) > 1 && part[0] == '0' && (i == 0 || len(part) == 3 || i == 3) {
			return false
		}
		for _, c := range part {
			quad[i] = quad[i]*10 + int(c-'0')
		}
	}
	switch {
	case quad[0] == 0, quad[0] > 223, quad[3] == 0, quad[3] == 255, quad[0] == 10, quad[0] == 127, quad[0] == 169 && quad[1] == 254,
		quad[0] == 192 && quad[1] == 168, quad[0] == 172 && quad[1] >= 16 && quad[1] <= 31:
		return false
	}
	return true
}
