package jsonschema

import (
	"hash/maphash"
	"slices"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// object reads the object at b[i], which is nested depth deep. Without rules every object will do.
func (m *machine) object(o *objectRules, i, depth int) int {
	if o == nil {
		o = anyObject
	}
	if depth > rawjson.MaxDepth {
		return rawjson.TooDeep(i)
	}
	b := m.b
	start := i
	if i++; i < len(b) && b[i] <= ' ' {
		i = rawjson.SkipSpace(b, i)
	}
	var seen uint64 // the entries seen, if a word is enough
	bitsBase := len(m.bits)
	if o.wide {
		for range o.needed {
			m.bits = append(m.bits, 0)
		}
	}
	keys := keySet{base: len(m.hashes)}
	members, last := 0, &o.before
	if i < len(b) && b[i] == '}' {
		return m.objectEnd(o, 0, i, start, bitsBase, members, depth)
	}
	for {
		var v int
		e := last.next.Load()
		if e != nil && e.starts(b, i) {
			if v = i + len(e.start); b[v] <= ' ' {
				v = rawjson.SkipSpace(b, v)
			}
		} else if e, v = m.key(o, i, last, &keys); v < 0 {
			return v
		}
		if o.names != nil && m.again(o.names, i, v, depth) < 0 {
			return refused
		}
		members++
		if e == nil {
			i = m.undeclared(o, i, v, depth)
		} else {
			bit := uint64(1) << (e.index & 63)
			if o.wide {
				if m.seenBefore(bitsBase, e.index) {
					return refused
				}
			} else if seen&bit != 0 {
				m.undecided = true
				return refused
			}
			seen |= bit
			last = e
			switch {
			case e.plainText && v < len(b) && b[v] == '"':
				i, _ = rawjson.ScanString(b, v)
			case !e.again:
				i = m.value(e.node, v, depth)
			default:
				i = m.repeatedly(e, o.details[e.index].more, v, depth)
			}
		}
		if i < 0 {
			return i
		}
		if i < len(b) && b[i] == ',' {
			if i++; i < len(b) && b[i] <= ' ' {
				i = rawjson.SkipSpace(b, i)
			}
			continue
		}
		if i = rawjson.SkipSpace(b, i); i < len(b) && b[i] == '}' {
			break
		}
		if i >= len(b) || b[i] != ',' {
			return rawjson.ExpectComma(b, i, false)
		}
		i = rawjson.SkipSpace(b, i+1)
	}
	if len(m.hashes) > keys.base {
		if keys.repeatsAtEnd(m.hashes) {
			m.undecided = true
			return refused
		}
		m.hashes = m.hashes[:keys.base]
	}
	if o.plainEnd {
		if o.need&^seen != 0 {
			return refused
		}
		return i + 1
	}
	return m.objectEnd(o, seen, i, start, bitsBase, members, depth)
}

// seenBefore takes note of an entry of an object with many, and reports whether it was seen before.
func (m *machine) seenBefore(base int, index uint32) bool {
	word, bit := &m.bits[base+int(index>>6)], uint64(1)<<(index&63)
	m.undecided = m.undecided || *word&bit != 0
	*word |= bit
	return m.undecided
}

// objectEnd checks what can be said of an object only at its end, at b[i].
func (m *machine) objectEnd(o *objectRules, seen uint64, i, start, bitsBase, members, depth int) int {
	few := [1]uint64{seen}
	all := bitSet(few[:])
	if o.wide {
		all = m.bits[bitsBase:]
	}
	if !m.complete(o, all, members, start, i, depth) {
		return refused
	}
	m.bits = m.bits[:bitsBase]
	return i + 1
}

// key reads the key at b[i] and the colon after it. It returns the entry, nil for a key that the schema does not mention, and where the value is.
func (m *machine) key(o *objectRules, i int, last *entry, keys *keySet) (e *entry, v int) {
	b := m.b
	if i >= len(b) || b[i] != '"' {
		return nil, rawjson.SkipKey(b, i)
	}
	end, flags := rawjson.ScanString(b, i)
	if end < 0 {
		return nil, end
	}
	if v = rawjson.SkipColon(b, end); v < 0 {
		return nil, v
	}
	key := m.unquoted(i, end, flags)
	if len(o.entries) > 0 {
		if at := o.lookup(key); at >= 0 {
			m.learn(last, &o.entries[at])
			return &o.entries[at], v
		}
	}
	if m.hashes = append(m.hashes, maphash.Bytes(keySeed, key)); keys.repeats(m.hashes) {
		m.undecided = true
		return nil, refused
	}
	return nil, v
}

// repeatedly reads the value at b[i] with an entry's node and then with more.
func (m *machine) repeatedly(e *entry, more []*node, i, depth int) int {
	end := m.value(e.node, i, depth)
	for _, n := range more {
		if end >= 0 && m.again(n, i, end, depth) < 0 {
			return refused
		}
	}
	return end
}

// undeclared reads the value at b[v] of a member that the schema does not mention; its key is at b[i].
func (m *machine) undeclared(o *objectRules, i, v, depth int) int {
	if o.patterns != nil {
		end, flags := rawjson.ScanString(m.b, i)
		return m.patterned(o, m.unquoted(i, end, flags), v, depth)
	}
	if o.closed {
		return refused
	}
	if o.additional != nil {
		return m.value(o.additional, v, depth)
	}
	return m.value(anyNode, v, depth)
}

func (m *machine) patterned(o *objectRules, key []byte, i, depth int) int {
	end := refused
	m.steps -= len(o.patterns) / 4
	for j := range o.patterns {
		p := &o.patterns[j]
		if !p.pattern.match(key, &m.steps) {
			continue
		}
		if end < 0 {
			// The key may lie in the machine's scratch space, which reading the value reuses.
			key = slices.Clone(key)
			if end = m.value(p.node, i, depth); end < 0 {
				return end
			}
		} else if m.again(p.node, i, end, depth) < 0 {
			return refused
		}
	}
	switch {
	case end >= 0:
		return end
	case o.closed:
		return refused
	case o.additional != nil:
		return m.value(o.additional, i, depth)
	}
	return m.value(anyNode, i, depth)
}

// complete checks an object of which the entries seen are known.
func (m *machine) complete(o *objectRules, seen bitSet, members, start, end, depth int) bool {
	if members > o.most || members < o.minProperties {
		m.undecided = o.fallbacks != nil
		return false
	}
	if o.fallbacks != nil && !o.fallbacks.in(seen) {
		if !o.quick {
			m.undecided = true
			return false
		}
		for i, word := range o.fallbacks {
			seen[i] |= word
		}
	}
	if !o.needed.in(seen) {
		return false
	}
	for _, l := range o.links {
		if seen.has(l.from) && (!l.needs.in(seen) || l.node != nil && m.again(l.node, start, end, depth-1) < 0) {
			return false
		}
	}
	return true
}
