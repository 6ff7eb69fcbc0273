package jsonschema

import "github.com/eventplatform/eventplatform/internal/rawjson"

// array reads the array at b[i], which is nested depth deep. Without rules every array will do.
func (m *machine) array(r *arrayRules, i, depth int) int {
	if depth > rawjson.MaxDepth {
		return rawjson.TooDeep(i)
	}
	b := m.b
	if i++; i < len(b) && b[i] <= ' ' {
		i = rawjson.SkipSpace(b, i)
	}
	count := 0
	contained := r == nil || r.contains == nil
	base := len(m.hashes)
	if i < len(b) && b[i] == ']' {
		i++
	} else {
		for {
			n := anyNode
			if r != nil {
				n = r.elementNode(count)
				if n == nil {
					return refused
				}
			}
			start := i
			if i = m.value(n, i, depth); i < 0 {
				return i
			}
			count++
			if !contained {
				contained = m.again(r.contains, start, i, depth) >= 0
			}
			if r != nil && r.unique {
				if m.noteElement(r, start, i); m.steps < 0 {
					m.undecided = true
					return refused
				}
			}
			if i < len(b) && b[i] == ',' {
				if i++; i < len(b) && b[i] <= ' ' {
					i = rawjson.SkipSpace(b, i)
				}
				continue
			}
			i = rawjson.SkipSpace(b, i)
			if i < len(b) && b[i] == ']' {
				i++
				break
			}
			if i >= len(b) || b[i] != ',' {
				return rawjson.ExpectComma(b, i, true)
			}
			i = rawjson.SkipSpace(b, i+1)
		}
	}
	if r == nil {
		return i
	}
	if count < len(r.defaults) {
		for _, d := range r.defaults[count:] {
			if d != nil {
				m.undecided = true
				return refused
			}
		}
	}
	if !contained || r.maxItems >= 0 && count > r.maxItems || count < r.minItems {
		return refused
	}
	if r.unique {
		if repeated(m.hashes[base:]) {
			m.undecided = true
			return refused
		}
		m.hashes = m.hashes[:base]
	}
	return i
}

// elementNode returns what the element with the index is read with, nil if it must not be there.
func (r *arrayRules) elementNode(i int) *node {
	switch {
	case !r.isTuple && r.items != nil:
		return r.items
	case !r.isTuple:
		return anyNode
	case i < len(r.tuple):
		return r.tuple[i]
	case r.closed:
		return nil
	case r.additional != nil:
		return r.additional
	}
	return anyNode
}
