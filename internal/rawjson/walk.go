package rawjson

import (
	"encoding/binary"
	"math/bits"
)

// End returns the index after the value that starts at b[i], or -1 if the text ends before it does. It trusts the text: strings are
// skipped and brackets counted, nothing is checked.
func End(b []byte, i int) int {
	if i < 0 || i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		i, _ = StringEnd(b, i)
		return i
	case '{', '[':
		return bracketEnd(b, i)
	}
	for i < len(b) {
		switch b[i] {
		case ',', ']', '}', ' ', '\t', '\n', '\r', ':', '"', '{', '[':
			return i
		}
		i++
	}
	return i
}

// StringEnd returns the index after the closing quote of the string that starts at b[i], or -1 if the text ends before it, and whether it has escapes.
func StringEnd(b []byte, i int) (end int, escaped bool) {
	i++
	for {
		long := i + longRun
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			if stop := ends(w); stop != 0 {
				i += bits.TrailingZeros64(stop) >> 3
				break
			}
			if i += 8; i != long {
				continue
			}
			for ; i+32 <= len(b); i += 32 { // a loop here and not a function of its own, as plainRun is, since most strings are short
				w := b[i : i+32 : i+32]
				if ends(binary.LittleEndian.Uint64(w))|ends(binary.LittleEndian.Uint64(w[8:]))|
					ends(binary.LittleEndian.Uint64(w[16:]))|ends(binary.LittleEndian.Uint64(w[24:])) != 0 {
					break
				}
			}
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' {
			i++
		}
		if i >= len(b) {
			return -1, escaped
		}
		if b[i] == '"' {
			return i + 1, escaped
		}
		escaped = true
		i += 2
	}
}

// ends sets the high bit of the first byte of w that is a quote or a backslash, and nothing if there is none.
func ends(w uint64) uint64 {
	return (((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones)) &^ w & highs
}

func bracketEnd(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i, _ = StringEnd(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// Members iterates over the members of an object in the order of the text:
//
//	for m := rawjson.NewMembers(obj); m.Next(); {
//		use(m.Key(), m.Value())
//	}
type Members struct {
	b                                  []byte
	i                                  int
	keyStart, keyEnd, valStart, valEnd int
}

// NewMembers returns an iterator over the members of the object that obj holds, with or without white space around it. For any other value it has none.
func NewMembers(obj []byte) Members {
	i := SkipSpace(obj, 0)
	if i >= len(obj) || obj[i] != '{' {
		return Members{b: obj, i: len(obj)}
	}
	return Members{b: obj, i: i + 1}
}

// Next moves to the next member and reports whether there is one.
func (m *Members) Next() bool {
	i := SkipSpace(m.b, m.i)
	if i < len(m.b) && m.b[i] == ',' {
		i = SkipSpace(m.b, i+1)
	}
	if i >= len(m.b) || m.b[i] != '"' {
		return false
	}
	m.keyStart = i
	if m.keyEnd, _ = StringEnd(m.b, i); m.keyEnd < 0 {
		return false
	}
	i = SkipSpace(m.b, m.keyEnd)
	if i >= len(m.b) || m.b[i] != ':' {
		return false
	}
	m.valStart = SkipSpace(m.b, i+1)
	if m.valEnd = End(m.b, m.valStart); m.valEnd < 0 {
		return false
	}
	m.i = m.valEnd
	return true
}

// Key returns the member's key as it is written, quotes included.
func (m *Members) Key() []byte { return m.b[m.keyStart:m.keyEnd] }

// KeyStart returns the index of the key's opening quote in the slice that was given to NewMembers.
func (m *Members) KeyStart() int { return m.keyStart }

// Value returns the member's value as it is written.
func (m *Members) Value() []byte { return m.b[m.valStart:m.valEnd] }

// ValueStart returns the index of the value's first byte in the slice that was given to NewMembers.
func (m *Members) ValueStart() int { return m.valStart }

// Elements iterates over the elements of an array, as Members does over an object.
type Elements struct {
	b          []byte
	i          int
	start, end int
}

// NewElements returns an iterator over the elements of the array that arr holds, with or without white space around it. For any other value it has none.
func NewElements(arr []byte) Elements {
	i := SkipSpace(arr, 0)
	if i >= len(arr) || arr[i] != '[' {
		return Elements{b: arr, i: len(arr)}
	}
	return Elements{b: arr, i: i + 1}
}

// Next moves to the next element and reports whether there is one.
func (e *Elements) Next() bool {
	i := SkipSpace(e.b, e.i)
	if i < len(e.b) && e.b[i] == ',' {
		i = SkipSpace(e.b, i+1)
	}
	if i >= len(e.b) || e.b[i] == ']' {
		return false
	}
	end := End(e.b, i)
	if end <= i {
		return false
	}
	e.start, e.end, e.i = i, end, end
	return true
}

// Value returns the element as it is written.
func (e *Elements) Value() []byte { return e.b[e.start:e.end] }

// Start returns the index of the element's first byte in the slice that was given to NewElements.
func (e *Elements) Start() int { return e.start }

// Find returns where the value at the path of property names lies in b, an object: b[start:end]. Of duplicate keys the last one counts, as
// JSON.parse has it. An empty path finds the whole value.
func Find(b []byte, path ...string) (start, end int, ok bool) {
	start = SkipSpace(b, 0)
	end = End(b, start)
	if end < 0 {
		return 0, 0, false
	}
	for _, name := range path {
		found := false
		base := start
		for m := NewMembers(b[start:end]); m.Next(); {
			if Equal(m.Key(), name) {
				start, end, found = base+m.valStart, base+m.valEnd, true
			}
		}
		if !found {
			return 0, 0, false
		}
	}
	return start, end, true
}
