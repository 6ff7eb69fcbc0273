package rawjson

// DropDuplicates appends src, a checked JSON value, to dst as JSON.parse reads it: of the members of an object with the same key only the last
// value stays, at the place of the first, at any depth. Everything else stays as it is written.
func DropDuplicates(dst, src []byte) []byte {
	i := SkipSpace(src, 0)
	end := End(src, i)
	if end < 0 {
		return append(dst, src...)
	}
	dst = append(dst, src[:i]...)
	dst = dropDuplicates(dst, src[i:end])
	return append(dst, src[end:]...)
}

func dropDuplicates(dst, v []byte) []byte {
	if len(v) == 0 {
		return dst
	}
	switch v[0] {
	case '{':
		return dropInObject(dst, v)
	case '[':
		at := 0
		for e := NewElements(v); e.Next(); {
			dst = append(dst, v[at:e.start]...)
			dst = dropDuplicates(dst, v[e.start:e.end])
			at = e.end
		}
		return append(dst, v[at:]...)
	}
	return append(dst, v...)
}

// member is one that stays: the key it was first written with and the value it was last given.
type member struct {
	keyStart, keyEnd, valStart, valEnd int
}

func dropInObject(dst, v []byte) []byte {
	var few [16]member
	kept := few[:0]
	var index map[string]int // key to place in kept, once there are too many to look through
	duplicates := false
	var buf [64]byte
	for m := NewMembers(v); m.Next(); {
		this := member{m.keyStart, m.keyEnd, m.valStart, m.valEnd}
		at := -1
		if index == nil && len(kept) == len(few) {
			index = make(map[string]int, 2*len(few))
			for i, k := range kept {
				index[string(AppendIdentity(buf[:0], v[k.keyStart:k.keyEnd]))] = i
			}
		}
		if index != nil {
			key := AppendIdentity(buf[:0], m.Key())
			if i, ok := index[string(key)]; ok {
				at = i
			} else {
				index[string(key)] = len(kept)
			}
		} else {
			for i, k := range kept {
				if EqualKeys(v[k.keyStart:k.keyEnd], m.Key()) {
					at = i
				}
			}
		}
		if at < 0 {
			kept = append(kept, this)
			continue
		}
		duplicates = true
		kept[at].valStart, kept[at].valEnd = this.valStart, this.valEnd
	}
	at := 0
	if duplicates {
		dst = append(dst, '{')
	}
	for i, k := range kept {
		if duplicates {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, v[k.keyStart:k.keyEnd]...)
			dst = append(dst, ':')
		} else {
			dst = append(dst, v[at:k.valStart]...)
		}
		dst = dropDuplicates(dst, v[k.valStart:k.valEnd])
		at = k.valEnd
	}
	if duplicates {
		return append(dst, '}')
	}
	return append(dst, v[at:]...)
}

// EqualKeys reports whether two strings, as they are written with their quotes, mean the same.
func EqualKeys(a, b []byte) bool {
	if len(a) == len(b) && string(a) == string(b) {
		return true
	}
	if !hasEscape(a) && !hasEscape(b) {
		return false
	}
	var bufA, bufB [64]byte
	return string(AppendIdentity(bufA[:0], a)) == string(AppendIdentity(bufB[:0], b))
}

func hasEscape(raw []byte) bool {
	for _, c := range raw {
		if c == '\\' {
			return true
		}
	}
	return false
}
