package event

import (
	"slices"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Fill appends to dst what must be inserted into src so that the event has the given values: values[slot] is the JSON text of a field's value,
// nil to leave the field alone. Only absent fields are set: whatever is present stays, also if it is null. Absent parents are made; a parent that is
// present and not an object keeps its subtree from being set. fields are those that [Plan.Scan] found in src, and the insertions' offsets are in src,
// ascending. New text is appended to buf, which is returned grown; the insertions refer to it.
func (p *Plan) Fill(dst []rawjson.Insertion, buf, src []byte, fields []Field, values [][]byte) ([]rawjson.Insertion, []byte) {
	first := len(dst)
	if fields[0].End == 0 || src[fields[0].Start] != '{' {
		return dst, buf
	}
	dst, buf = p.fillObject(dst, buf, src, 0, fields, values)
	slices.SortStableFunc(dst[first:], func(a, b rawjson.Insertion) int { return a.Offset - b.Offset })
	return dst, buf
}

// fillObject fills the members of the object of a slot: one insertion before its closing brace for what is absent.
func (p *Plan) fillObject(dst []rawjson.Insertion, buf, src []byte, slot int, fields []Field, values [][]byte) ([]rawjson.Insertion, []byte) {
	start, brace := len(buf), fields[slot].End-1
	empty := rawjson.SkipSpace(src, fields[slot].Start+1) == brace
	for _, c := range p.nodes[slot].children {
		if fields[c].End > 0 || !p.wanted(c, values) {
			continue
		}
		if !empty || len(buf) > start {
			buf = append(buf, ',')
		}
		buf = p.appendMember(buf, c, values)
	}
	if end := len(buf); end > start {
		dst = append(dst, rawjson.Insertion{Offset: brace, Bytes: buf[start:end:end]})
	}
	for _, c := range p.nodes[slot].children {
		if fields[c].End > 0 && src[fields[c].Start] == '{' && len(p.nodes[c].children) > 0 {
			dst, buf = p.fillObject(dst, buf, src, c, fields, values)
		}
	}
	return dst, buf
}

// appendMember writes the member of a slot that the event does not have, with what is wanted below it.
func (p *Plan) appendMember(buf []byte, slot int, values [][]byte) []byte {
	n := &p.nodes[slot]
	buf = append(buf, n.quoted...)
	buf = append(buf, ':')
	if values[slot] != nil {
		return append(buf, values[slot]...)
	}
	buf = append(buf, '{')
	comma := false
	for _, c := range n.children {
		if !p.wanted(c, values) {
			continue
		}
		if comma {
			buf = append(buf, ',')
		}
		comma = true
		buf = p.appendMember(buf, c, values)
	}
	return append(buf, '}')
}

// wanted reports whether there is a value for a slot or for any below it.
func (p *Plan) wanted(slot int, values [][]byte) bool {
	if values[slot] != nil {
		return true
	}
	for _, c := range p.nodes[slot].children {
		if p.wanted(c, values) {
			return true
		}
	}
	return false
}
