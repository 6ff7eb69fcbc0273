package event

import "github.com/eventplatform/eventplatform/internal/rawjson"

// Field is where a field's value lies: src[Start:End], with its quotes or brackets. The zero Field is absent.
type Field struct{ Start, End int }

// Present reports whether the event has the field, with whatever value.
func (f Field) Present() bool { return f.End > 0 }

// In returns the value's bytes in the bytes that were scanned, nil if the field is absent.
func (f Field) In(src []byte) []byte {
	if f.End == 0 {
		return nil
	}
	return src[f.Start:f.End:f.End]
}

// Scan finds the plan's fields in the value that starts at src[at] and writes them to fields, one for each slot, with offsets in src. It returns
// the index after the value, or -1 if the structure cannot be followed; then src is not JSON and fields mean nothing. If the value is not an
// object, only slot 0 is present.
func (p *Plan) Scan(src []byte, at int, fields []Field) int {
	clear(fields)
	if at >= len(src) {
		return -1
	}
	var end int
	if src[at] == '{' {
		end = p.object(src, at, 0, fields)
	} else {
		end = rawjson.End(src, at)
	}
	if end < 0 {
		return -1
	}
	fields[0] = Field{at, end}
	return end
}

// object scans the object that starts at src[i], whose members are the children of a slot.
func (p *Plan) object(src []byte, i, slot int, fields []Field) int {
	i = rawjson.SkipSpace(src, i+1)
	if i < len(src) && src[i] == '}' {
		return i + 1
	}
	for i < len(src) && src[i] == '"' {
		key := i
		var escaped bool
		if i, escaped = rawjson.StringEnd(src, i); i < 0 {
			return -1
		}
		child := p.child(slot, src[key:i], escaped)
		if i = rawjson.SkipSpace(src, i); i >= len(src) || src[i] != ':' {
			return -1
		}
		if i = rawjson.SkipSpace(src, i+1); i >= len(src) {
			return -1
		}
		start := i
		if child > 0 {
			if fields[child].End > 0 {
				p.forget(child, fields)
			}
			if src[i] == '{' && len(p.nodes[child].children) > 0 {
				i = p.object(src, i, child, fields)
			} else {
				i = rawjson.End(src, i)
			}
			fields[child] = Field{start, i}
		} else {
			i = rawjson.End(src, i)
		}
		if i <= start {
			return -1
		}
		if i = rawjson.SkipSpace(src, i); i >= len(src) {
			return -1
		}
		switch src[i] {
		case '}':
			return i + 1
		case ',':
			i = rawjson.SkipSpace(src, i+1)
		default:
			return -1
		}
	}
	return -1
}

// child returns the slot of a member by its raw key, with quotes, or 0.
func (p *Plan) child(slot int, key []byte, escaped bool) int {
	parent := &p.nodes[slot]
	if !escaped && parent.likely&bitOf(key) == 0 {
		return 0
	}
	for _, c := range parent.children {
		n := &p.nodes[c]
		if string(key) == n.quoted || escaped && rawjson.Equal(key, n.name) {
			return c
		}
	}
	return 0
}

// forget makes a field that turned up again absent, and everything below it: the last one counts, as a whole.
func (p *Plan) forget(slot int, fields []Field) {
	fields[slot] = Field{}
	for _, c := range p.nodes[slot].children {
		p.forget(c, fields)
	}
}
