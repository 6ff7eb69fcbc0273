package jsonschema

import (
	"cmp"
	"slices"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// kind is the JSON type of a value.
type kind uint8

const (
	kindNull kind = iota
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindArray
	kindObject
	// kindUndefined is an element of an array that JavaScript left out when it set a later one.
	kindUndefined
)

// value is a parsed JSON value as JSON.parse has it: of duplicate keys the last one's value counts, at the first one's place, and keys that
// look like array indices come first, in ascending order. Schemas are read through it, and events that were refused.
type value struct {
	kind       kind
	start, end int    // the value's bytes in its source
	text       string // kindString: the text (halves of surrogate pairs as rawjson.AppendIdentity has them); kindNumber: as written
	elems      []*value
	members    []member
	index      map[string]int // position in members, if there are many
	filled     int            // how many defaults deep it was filled in
	grown      int            // how many of the last elems were filled in as defaults
}

type member struct {
	key   string
	val   *value
	added bool // filled in as a default
}

// get returns the member with the key, nil if there is none.
func (v *value) get(key string) *value {
	if v.kind != kindObject {
		return nil
	}
	if v.index != nil {
		if i, ok := v.index[key]; ok {
			return v.members[i].val
		}
		return nil
	}
	for i := range v.members {
		if v.members[i].key == key {
			return v.members[i].val
		}
	}
	return nil
}

// set replaces or appends a member.
func (v *value) set(key string, val *value) {
	if v.index != nil {
		if i, ok := v.index[key]; ok {
			v.members[i].val = val
			return
		}
		v.index[key] = len(v.members)
	} else {
		for i := range v.members {
			if v.members[i].key == key {
				v.members[i].val = val
				return
			}
		}
	}
	v.members = append(v.members, member{key: key, val: val})
	if v.index == nil && len(v.members) > 8 {
		v.reindex()
	}
}

func (v *value) reindex() {
	v.index = make(map[string]int, 2*len(v.members))
	for i, m := range v.members {
		v.index[m.key] = i
	}
}

// parse reads the checked text b.
func parse(b []byte) *value {
	p := parser{b: b}
	return p.value(rawjson.SkipSpace(b, 0))
}

type parser struct {
	b   []byte
	buf []byte
}

func (p *parser) text(raw []byte) string {
	p.buf = rawjson.AppendIdentity(p.buf[:0], raw)
	return string(p.buf)
}

func (p *parser) value(i int) *value {
	v := &value{start: i}
	switch c := p.b[i]; c {
	case '{':
		v.kind = kindObject
		p.object(v)
	case '[':
		v.kind = kindArray
		p.array(v)
	case '"':
		v.kind = kindString
		v.end, _ = rawjson.ScanString(p.b, i)
		v.text = p.text(p.b[i:v.end])
	case 't':
		v.kind, v.end = kindTrue, i+4
	case 'f':
		v.kind, v.end = kindFalse, i+5
	case 'n':
		v.kind, v.end = kindNull, i+4
	default:
		v.kind = kindNumber
		v.end, _ = rawjson.ScanNumber(p.b, i)
		v.text = string(p.b[i:v.end])
	}
	return v
}

func (p *parser) array(v *value) {
	i := rawjson.SkipSpace(p.b, v.start+1)
	for p.b[i] != ']' {
		e := p.value(i)
		v.elems = append(v.elems, e)
		if i = rawjson.SkipSpace(p.b, e.end); p.b[i] == ',' {
			i = rawjson.SkipSpace(p.b, i+1)
		}
	}
	v.end = i + 1
}

func (p *parser) object(v *value) {
	i := rawjson.SkipSpace(p.b, v.start+1)
	indices := false
	for p.b[i] != '}' {
		end, _ := rawjson.ScanString(p.b, i)
		key := p.text(p.b[i:end])
		e := p.value(rawjson.SkipColon(p.b, end))
		v.set(key, e)
		indices = indices || arrayIndex(key) >= 0
		if i = rawjson.SkipSpace(p.b, e.end); p.b[i] == ',' {
			i = rawjson.SkipSpace(p.b, i+1)
		}
	}
	v.end = i + 1
	if indices {
		v.sortIndices()
	}
}

// sortIndices puts the keys that are array indices first, as JavaScript enumerates them.
func (v *value) sortIndices() {
	slices.SortStableFunc(v.members, func(a, b member) int {
		x, y := arrayIndex(a.key), arrayIndex(b.key)
		switch {
		case x >= 0 && y >= 0:
			return cmp.Compare(x, y)
		case x >= 0:
			return -1
		case y >= 0:
			return 1
		}
		return 0
	})
	if v.index != nil {
		v.reindex()
	}
}

// arrayIndex returns the array index that a key stands for in JavaScript, -1 if it is none.
func arrayIndex(key string) int64 {
	if len(key) == 0 || len(key) > 10 || key[0] == '0' && len(key) > 1 {
		return -1
	}
	var n int64
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			return -1
		}
		n = n*10 + int64(key[i]-'0')
	}
	if n > 1<<32-2 {
		return -1
	}
	return n
}

// appendJSON appends the value as JSON.stringify writes it; exact keeps numbers as they were written instead of making doubles of them.
func (v *value) appendJSON(dst []byte, exact bool) []byte {
	switch v.kind {
	case kindFalse:
		return append(dst, "false"...)
	case kindTrue:
		return append(dst, "true"...)
	case kindNumber:
		if exact {
			return append(dst, v.text...)
		}
		return append(dst, jsNumber(v.text)...)
	case kindString:
		return rawjson.AppendQuoted(dst, []byte(v.text))
	case kindArray:
		dst = append(dst, '[')
		for i, e := range v.elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.appendJSON(dst, exact)
		}
		return append(dst, ']')
	case kindObject:
		dst = append(dst, '{')
		for i, m := range v.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = rawjson.AppendQuoted(dst, []byte(m.key))
			dst = append(dst, ':')
			dst = m.val.appendJSON(dst, exact)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

// equal reports whether two values are the same: numbers by their exact value, objects in whatever order.
func equal(a, b *value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case kindString:
		return a.text == b.text
	case kindNumber:
		return a.text == b.text || compareNumbers(parseNumber([]byte(a.text)), parseNumber([]byte(b.text))) == 0
	case kindArray:
		if len(a.elems) != len(b.elems) {
			return false
		}
		for i := range a.elems {
			if !equal(a.elems[i], b.elems[i]) {
				return false
			}
		}
	case kindObject:
		if len(a.members) != len(b.members) {
			return false
		}
		for _, m := range a.members {
			if other := b.get(m.key); other == nil || !equal(m.val, other) {
				return false
			}
		}
	}
	return true
}
