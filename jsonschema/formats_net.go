package jsonschema

import "bytes"

// ipv4 checks a dotted quad (RFC 2673, 3.2); ajv allows leading zeros.
func ipv4(text []byte) acceptance {
	who := both
	for part := range 4 {
		if part > 0 {
			if len(text) == 0 || text[0] != '.' {
				return nobody
			}
			text = text[1:]
		}
		n := 0
		value := 0
		for n < len(text) && n < 3 && isDigit(text[n]) {
			value = value*10 + int(text[n]-'0')
			n++
		}
		if n == 0 || value > 255 {
			return nobody
		}
		if n > 1 && text[0] == '0' {
			who = fast
		}
		text = text[n:]
	}
	return who.only(len(text) == 0)
}

// ipv6 checks an IPv6 address (RFC 4291, 2.2); ajv allows white space around it and a zone.
func ipv6(text []byte) acceptance {
	if isIPv6(text) {
		return both
	}
	for len(text) > 0 && spaceAt(text, 0) > 0 {
		text = text[spaceAt(text, 0):]
	}
	// The zone takes everything, but no line may end in it; white space at the end belongs to the zone as well.
	if i := bytes.IndexByte(text, '%'); i >= 0 {
		zone := trimSpaceRight(text[i+1:])
		if len(zone) == 0 && len(text) == i+1 || bytes.ContainsAny(zone, "\n\r\u2028\u2029") {
			return nobody
		}
		if len(zone) == 0 && bytes.IndexAny(text[i+1:i+2], "\n\r") == 0 {
			return nobody
		}
		text = text[:i]
	} else {
		text = trimSpaceRight(text)
	}
	return fast.only(isIPv6(text))
}

func trimSpaceRight(text []byte) []byte {
	for len(text) > 0 {
		i := len(text) - 1
		for i > 0 && text[i]&0xc0 == 0x80 {
			i--
		}
		if n := spaceAt(text, i); n == 0 || i+n != len(text) {
			break
		}
		text = text[:i]
	}
	return text
}

// isIPv6 checks eight groups, of which :: stands for one or more, the last two perhaps as a dotted quad.
func isIPv6(text []byte) bool {
	groups, gap := 0, false
	if bytes.HasPrefix(text, []byte("::")) {
		gap = true
		text = text[2:]
		if len(text) == 0 {
			return true
		}
	}
	for {
		n := 0
		for n < len(text) && n < 5 && hexDigit(text[n]) >= 0 {
			n++
		}
		if n < len(text) && text[n] == '.' {
			groups += 2
			return ipv4(text)&strict != 0 && (groups == 8 && !gap || groups < 8 && gap)
		}
		if n == 0 || n > 4 {
			return false
		}
		groups++
		text = text[n:]
		switch {
		case len(text) == 0:
			return groups == 8 && !gap || groups < 8 && gap
		case text[0] != ':' || groups >= 8:
			return false
		}
		text = text[1:]
		if len(text) > 0 && text[0] == ':' {
			if gap {
				return false
			}
			gap = true
			text = text[1:]
			if len(text) == 0 {
				return groups < 8
			}
		}
	}
}

// hostname checks a host name (RFC 1123, 2.1), with the encoded labels of RFC 5890; ajv allows a dot at the end and does not decode labels.
func hostname(text []byte) acceptance {
	who := both
	if n := len(text); n > 0 && text[n-1] == '.' {
		text = text[:n-1]
		who = fast
	}
	if len(text) > 253 || !isHostname(text) {
		return nobody
	}
	return who &^ strict.only(!isALabels(text))
}

// isHostname checks labels of up to 63 letters, digits and hyphens, without hyphens at their ends.
func isHostname(text []byte) bool {
	for {
		label, rest, more := bytes.Cut(text, []byte{'.'})
		if len(label) == 0 || len(label) > 63 || !isAlphaNum(label[0]) || !isAlphaNum(label[len(label)-1]) {
			return false
		}
		for _, c := range label {
			if !isAlphaNum(c) && c != '-' {
				return false
			}
		}
		if !more {
			return true
		}
		text = rest
	}
}

// email checks a mailbox (RFC 5321, 4.1.2); ajv's fast form knows no quoted local parts and no address literals, and allows dots anywhere.
func email(text []byte) acceptance {
	who := strict.only(isMailbox(text, false))
	at := bytes.IndexByte(text, '@')
	if at <= 0 {
		return who
	}
	for _, c := range text[:at] {
		if !isAtom(c) && c != '.' {
			return who
		}
	}
	return who | fast.only(isHostname(text[at+1:]))
}

// isAtom reports whether the byte can be part of an atom (RFC 5322, 3.2.3).
func isAtom(c byte) bool {
	return isAlphaNum(c) || bytes.IndexByte([]byte("!#$%&'*+/=?^_`{|}~-"), c) >= 0
}

// isMailbox checks a mailbox (RFC 5321, 4.1.2), if international with the characters of RFC 6531.
func isMailbox(text []byte, international bool) bool {
	at := bytes.LastIndexByte(text, '@')
	if at <= 0 || at > 64 {
		return false
	}
	local, domain := text[:at], text[at+1:]
	if local[0] == '"' {
		if !isQuotedLocal(local, international) {
			return false
		}
	} else {
		for i, c := range local {
			switch {
			case isAtom(c), international && c >= 0x80:
			case c == '.' && i > 0 && i < len(local)-1 && local[i-1] != '.':
			default:
				return false
			}
		}
	}
	if len(domain) > 2 && domain[0] == '[' && domain[len(domain)-1] == ']' {
		literal := domain[1 : len(domain)-1]
		if v6, ok := bytes.CutPrefix(literal, []byte("IPv6:")); ok {
			return isIPv6(v6)
		}
		return ipv4(literal)&strict != 0
	}
	if international {
		return isIDNHostname(domain)
	}
	return len(domain) <= 253 && isHostname(domain)
}

func isQuotedLocal(local []byte, international bool) bool {
	if len(local) < 2 || local[len(local)-1] != '"' {
		return false
	}
	local = local[1 : len(local)-1]
	for i := 0; i < len(local); i++ {
		c := local[i]
		switch {
		case c == '\\':
			if i++; i == len(local) || local[i] < ' ' || local[i] > '~' {
				return false
			}
		case c == '"' || c < ' ' || c == 0x7f || c >= 0x80 && !international:
			return false
		}
	}
	return true
}
