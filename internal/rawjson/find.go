package rawjson

// CheckFind is Check for a text of which the value of one member is wanted: if it is an object that has members of this name, the value of the last one is
// b[start:end], and otherwise start is -1. Both are found out in one pass.
func CheckFind(b []byte, name string) (start, end int, err error) {
	start, end = -1, -1
	i := SkipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return start, end, Check(b)
	}
	i, start, end = findMember(b, i, name)
	if i >= 0 {
		if i = SkipSpace(b, i); i == len(b) {
			return start, end, nil
		}
		i = fail(i, trailing)
	}
	return -1, -1, Failure(b, i)
}

// findMember is skipObject for the object at b[i] that also finds a member.
func findMember(b []byte, i int, name string) (next, start, end int) {
	start, end = -1, -1
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, start, end
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return SkipKey(b, i), start, end // says what is wrong
		}
		key := i
		if i, _ = ScanString(b, key); i < 0 {
			return i, start, end
		}
		found := Equal(b[key:i], name)
		if i = SkipColon(b, i); i < 0 {
			return i, start, end
		}
		value := i
		if i = SkipValue(b, value, 1); i < 0 {
			return i, start, end
		}
		if found {
			start, end = value, i
		}
		switch i = SkipSpace(b, i); {
		case i >= len(b):
			return fail(i, endInObject), start, end
		case b[i] == ',':
			i = SkipSpace(b, i+1)
		case b[i] == '}':
			return i + 1, start, end
		default:
			return fail(i, badObject), start, end
		}
	}
}
