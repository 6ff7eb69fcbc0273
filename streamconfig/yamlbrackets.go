package streamconfig

import "strings"

// plainBrackets reads lists and objects in brackets, within one line.
type plainBrackets struct {
	*plainReader
	text string
	i    int
}

// peek is the next byte that is no space; 0 at the end.
func (f *plainBrackets) peek() byte {
	for f.i < len(f.text) && f.text[f.i] == ' ' {
		f.i++
	}
	if f.i == len(f.text) {
		return 0
	}
	return f.text[f.i]
}

func (f *plainBrackets) value(pointer string, depth int) *value {
	f.must(depth < maxDepth)
	c := f.peek()
	v := &value{file: f.file, line: f.line, col: int32(f.indent + len(f.plainReader.text) - len(f.text) + f.i + 1)}
	switch c {
	case '{':
		v.kind = kindObject
		f.object(v, pointer, depth)
	case '[':
		v.kind = kindList
		f.list(v, pointer, depth)
	case '"', '\'':
		text, n := f.quoted(f.text[f.i:])
		for i := range n {
			f.must(f.text[f.i+i] < 0x80) // columns are counted in characters
		}
		f.i += n
		v.kind, v.text = kindString, text
	default:
		n := strings.IndexAny(f.text[f.i:], ",]}")
		f.must(n > 0)
		s := f.scalar(strings.TrimRight(f.text[f.i:f.i+n], " "))
		f.i += n
		v.kind, v.text = s.kind, s.text
	}
	return v
}

func (f *plainBrackets) object(v *value, pointer string, depth int) {
	f.i++
	if f.peek() == '}' {
		f.i++
		return
	}
	for {
		c := f.peek()
		f.must(c != 0)
		col := f.indent + len(f.plainReader.text) - len(f.text) + f.i + 1
		key, n := f.key(f.text[f.i:], true)
		f.i += n
		f.must(f.i < len(f.text) && f.text[f.i] == ' ')
		member := pointerStep(pointer, key)
		item := f.value(member, depth+1)
		item.col = int32(col)
		if first := v.get(key); first != nil {
			f.faults = append(f.faults, duplicate(member, key, first, item))
		} else {
			v.keys, v.items = append(v.keys, key), append(v.items, item)
		}
		if f.end('}') {
			return
		}
	}
}

func (f *plainBrackets) list(v *value, pointer string, depth int) {
	f.i++
	if f.peek() == ']' {
		f.i++
		return
	}
	for {
		v.items = append(v.items, f.value(pointerIndex(pointer, len(v.items)), depth+1))
		if f.end(']') {
			return
		}
	}
}

// end takes a comma, or the bracket that closes and returns true.
func (f *plainBrackets) end(bracket byte) bool {
	c := f.peek()
	f.must(c == ',' || c == bracket)
	f.i++
	return c == bracket
}
