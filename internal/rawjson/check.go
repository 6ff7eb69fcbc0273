package rawjson

// MaxDepth is the deepest nesting of arrays and objects that [Check] accepts.
const MaxDepth = 4096

// Check reports whether b is exactly one JSON value (RFC 8259) in valid UTF-8, nested at most MaxDepth deep, with nothing but white space
// around it. The error is nil or a *SyntaxError. A byte order mark is refused; duplicate keys and halves of surrogate pairs are not.
func Check(b []byte) error {
	i := SkipValue(b, SkipSpace(b, 0), 0)
	if i >= 0 {
		i = SkipSpace(b, i)
		if i == len(b) {
			return nil
		}
		i = fail(i, trailing)
	}
	return Failure(b, i)
}

// SkipValue checks the value that starts at b[i], which is nested depth deep, and returns the index after it. A negative result is a
// failure: see [Failure].
func SkipValue(b []byte, i, depth int) int {
	if i >= len(b) {
		return fail(len(b), endInValue)
	}
	switch c := b[i]; {
	case c == '"':
		end, _ := ScanString(b, i)
		return end
	case c == '{':
		return skipObject(b, i, depth+1)
	case c == '[':
		return skipArray(b, i, depth+1)
	case c == '-' || c-'0' < 10:
		end, _ := ScanNumber(b, i)
		return end
	}
	return SkipLiteral(b, i)
}

// SkipLiteral returns the index after the true, false or null at b[i], or a failure.
func SkipLiteral(b []byte, i int) int {
	if len(b)-i >= 4 {
		switch word := string(b[i : i+4]); {
		case word == "true" || word == "null":
			return i + 4
		case word == "fals" && len(b)-i > 4 && b[i+4] == 'e':
			return i + 5
		}
	}
	word := "null"
	switch b[i] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
	default:
		return fail(i, badValue)
	}
	for j := range len(word) {
		if i+j >= len(b) {
			return fail(len(b), endInValue)
		}
		if b[i+j] != word[j] {
			return fail(i+j, badValue)
		}
	}
	return i + len(word)
}

func skipObject(b []byte, i, depth int) int {
	if depth > MaxDepth {
		return fail(i, tooDeep)
	}
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for {
		if i = SkipKey(b, i); i < 0 {
			return i
		}
		if i = SkipValue(b, i, depth); i < 0 {
			return i
		}
		if i < len(b) && b[i] <= ' ' {
			i = SkipSpace(b, i)
		}
		switch {
		case i >= len(b):
			return fail(i, endInObject)
		case b[i] == ',':
			i = SkipSpace(b, i+1)
		case b[i] == '}':
			return i + 1
		default:
			return fail(i, badObject)
		}
	}
}

// SkipKey checks the key that starts at b[i] and the colon after it, and returns the index where the member's value starts, or a failure.
func SkipKey(b []byte, i int) int {
	if i >= len(b) {
		return fail(i, endInObject)
	}
	if b[i] != '"' {
		return fail(i, badKey)
	}
	end, _ := ScanString(b, i)
	if end < 0 {
		return end
	}
	return SkipColon(b, end)
}

// SkipColon returns the index where the value starts whose key ended before b[i], or a failure.
func SkipColon(b []byte, i int) int {
	if i < len(b) && b[i] == ':' && i+1 < len(b) && b[i+1] > ' ' {
		return i + 1
	}
	i = SkipSpace(b, i)
	if i >= len(b) {
		return fail(i, endInObject)
	}
	if b[i] != ':' {
		return fail(i, noColon)
	}
	return SkipSpace(b, i+1)
}

func skipArray(b []byte, i, depth int) int {
	if depth > MaxDepth {
		return fail(i, tooDeep)
	}
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		if i = SkipValue(b, i, depth); i < 0 {
			return i
		}
		if i < len(b) && b[i] <= ' ' {
			i = SkipSpace(b, i)
		}
		switch {
		case i >= len(b):
			return fail(i, endInArray)
		case b[i] == ',':
			i = SkipSpace(b, i+1)
		case b[i] == ']':
			return i + 1
		default:
			return fail(i, badArray)
		}
	}
}
