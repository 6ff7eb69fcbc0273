package streamconfig

// appendExplanations appends where each setting of each stream comes from.
func appendExplanations(b []byte, entries []Entry) []byte {
	b = append(b, '{')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, e.Name), ':')
		b = e.Stream.appendExplanation(b)
	}
	return append(b, '}')
}

// appendExplanation appends an object: the pointer of each setting to the file and line it comes from, "computed" for what nobody wrote. Of lists and
// scalars the whole is one setting; objects are told member by member.
func (s *Stream) appendExplanation(b []byte) []byte {
	b = append(b, '{')
	first := true
	tell := func(pointer, source string) {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendString(append(appendString(b, pointer), ':'), source)
	}
	var walk func(v *value, pointer string)
	walk = func(v *value, pointer string) {
		if v.kind == kindObject && len(v.keys) > 0 {
			for i, key := range v.keys {
				walk(v.items[i], pointerStep(pointer, key))
			}
			return
		}
		source := "computed"
		if v.file != nil {
			p := v.position()
			p.Column = 0
			source = p.String()
		}
		tell(pointer, source)
	}
	walk(s.settings, "")
	if !s.fixedTopics && s.settings.get("topics") == nil {
		tell("/topics", "computed")
	}
	return append(b, '}')
}
