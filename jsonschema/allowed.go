package jsonschema

import "slices"

// allowed is the list of values of an enum or const, as the first pass compares them.
type allowed struct {
	null, yes, no bool
	numbers       []number            // sorted
	few           []string            // the texts, if they are few
	many          map[string]struct{} // else
	containers    bool                // there are arrays or objects: left to the second pass
}

func newAllowed(list []*value) *allowed {
	a := &allowed{}
	for _, v := range list {
		switch v.kind {
		case kindNull:
			a.null = true
		case kindTrue:
			a.yes = true
		case kindFalse:
			a.no = true
		case kindNumber:
			a.numbers = append(a.numbers, parseNumber([]byte(v.text)))
		case kindString:
			a.few = append(a.few, v.text)
		default:
			a.containers = true
		}
	}
	slices.SortFunc(a.numbers, compareNumbers)
	if len(a.few) > 8 {
		a.many = make(map[string]struct{}, len(a.few))
		for _, text := range a.few {
			a.many[text] = struct{}{}
		}
		a.few = nil
	}
	return a
}

// admits reports whether the scalar value raw is on the list; text is its text if it is a string.
func (a *allowed) admits(raw, text []byte) bool {
	switch raw[0] {
	case 'n':
		return a.null
	case 't':
		return a.yes
	case 'f':
		return a.no
	case '"':
		for _, one := range a.few {
			if one == string(text) {
				return true
			}
		}
		_, ok := a.many[string(text)]
		return ok
	}
	if len(a.numbers) == 0 {
		return false
	}
	_, found := slices.BinarySearchFunc(a.numbers, parseNumber(raw), compareNumbers)
	return found
}
