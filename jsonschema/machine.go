package jsonschema

import (
	"hash/maphash"
	"math"
	"slices"
	"sync"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// machine is the first pass over an event's bytes. It is all or nothing: whatever it does not accept is looked at again.
//
// Its methods return the index after what they read, or a negative number: a failure of rawjson for what is not JSON, refused for what the
// schema refuses or the machine cannot decide.
type machine struct {
	b []byte
	// hashes holds a hash of each undeclared key of the objects being read, to find duplicates.
	hashes []uint64
	// bits holds the entries seen of the objects being read that have too many for the fixed set.
	bits  []uint64
	text  []byte // a string without its escapes
	steps int
	// undecided is set if the second pass must decide: a key may be a duplicate, or a default would be filled in that matters.
	undecided bool
	wrong     uint // guesses
	// lax is set if a format accepted what its strict form refuses.
	lax bool
}

// refused is returned for a value that is not accepted.
const refused = math.MinInt

var machines = sync.Pool{New: func() any { return new(machine) }}

// keySeed makes hashes that nobody outside the process can predict.
var keySeed = maphash.MakeSeed()

// accepts makes one pass over the event and reports whether it is JSON without duplicate keys that the schema accepts. If not, undecided tells
// that this may be the pass's own limitation.
func (s *Schema) accepts(event []byte) (ok, undecided bool) {
	m := machines.Get().(*machine)
	m.b = event
	m.steps = stepsFor(len(event))
	m.undecided, m.lax = false, false
	m.hashes, m.bits = m.hashes[:0], m.bits[:0]
	end := m.value(s.root, rawjson.SkipSpace(event, 0), 0)
	ok = end >= 0 && !m.undecided && rawjson.SkipSpace(event, end) == len(event)
	undecided = m.undecided
	if ok && m.lax {
		s.lax.Add(1)
	}
	m.b = nil
	m.release()
	return ok, undecided
}

// release gives the machine back, unless an unusual event made it large.
func (m *machine) release() {
	const large = 1 << 16
	if cap(m.hashes) <= large && cap(m.bits) <= large && cap(m.text) <= large {
		machines.Put(m)
	}
}

// value reads the value at b[i] with a node.
func (m *machine) value(n *node, i, depth int) int {
	if n.more {
		n = n.target()
	}
	b := m.b
	if i >= len(b) {
		return rawjson.SkipValue(b, i, 0)
	}
	end := refused
	switch c := b[i]; c {
	case '"':
		if n.types&typeString == 0 {
			return refused
		}
		var flags rawjson.Flags
		end, flags = rawjson.ScanString(b, i)
		if end < 0 {
			return end
		}
		if r := n.str; r != nil && (!r.lengthOnly || end-i-2 > r.maxLength) &&
			!r.admits(m.unquoted(i, end, flags), flags&(rawjson.NonASCII|rawjson.Escaped) == 0, &m.lax) {
			return refused
		}
	case '{':
		if n.types&typeObject == 0 {
			return refused
		}
		end = m.object(n.obj, i, depth+1)
	case '[':
		if n.types&typeArray == 0 {
			return refused
		}
		end = m.array(n.arr, i, depth+1)
	case 't', 'f':
		if n.types&typeBoolean == 0 {
			return refused
		}
		end = rawjson.SkipLiteral(b, i)
	case 'n':
		if n.types&typeNull == 0 {
			return refused
		}
		end = rawjson.SkipLiteral(b, i)
	default:
		end = m.number(n, i)
	}
	if n.more && end >= 0 {
		return m.rest(n, i, end, depth)
	}
	return end
}

// unquoted returns the text of the string b[i:end], valid until the next call.
func (m *machine) unquoted(i, end int, flags rawjson.Flags) []byte {
	if flags&rawjson.Escaped == 0 {
		return m.b[i+1 : end-1]
	}
	m.text = rawjson.AppendIdentity(m.text[:0], m.b[i:end])
	return m.text
}

func (m *machine) number(n *node, i int) int {
	if end, small := smallNumber(m.b, i); end > 0 && n.types&typeInteger != 0 && (n.num == nil || n.num.isSmall) {
		if n.num != nil && !n.num.admitsSmall(small) {
			return refused
		}
		return end
	}
	if c := m.b[i]; c != '-' && c-'0' > 9 {
		return rawjson.SkipLiteral(m.b, i)
	}
	end, flags := rawjson.ScanNumber(m.b, i)
	if end < 0 {
		return end
	}
	if n.num != nil && n.types&typeNumber != 0 && n.num.isSmall && n.num.surelyAdmits(m.b[i:end]) {
		return end
	}
	if n.types&typeNumber == 0 {
		if n.types&typeInteger == 0 || flags != 0 && !parseNumber(m.b[i:end]).isInteger() {
			return refused
		}
	}
	if n.num != nil && !n.num.admits(m.b[i:end]) {
		return refused
	}
	return end
}

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
		v := 0
		e := last.next.Load()
		if e != nil && e.starts(b, i) {
			if v = i + len(e.start); b[v] <= ' ' {
				v = rawjson.SkipSpace(b, v)
			}
		} else if e, v = m.key(o, i, last, &keys); v < 0 {
			return v
		}
		if o.names != nil && m.again(o.names, i, depth) < 0 {
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
		if o.needed[0]&^seen != 0 {
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
	if !m.complete(o, all, members, start, depth) {
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
		if end >= 0 && m.again(n, i, depth) < 0 {
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
	for j := range o.patterns {
		p := &o.patterns[j]
		if !p.pattern.match(key) {
			continue
		}
		if end < 0 {
			// The key may lie in the machine's scratch space, which reading the value reuses.
			key = slices.Clone(key)
			if end = m.value(p.node, i, depth); end < 0 {
				return end
			}
		} else if m.again(p.node, i, depth) < 0 {
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
func (m *machine) complete(o *objectRules, seen bitSet, members, start, depth int) bool {
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
		if seen.has(l.from) && (!l.needs.in(seen) || l.node != nil && m.again(l.node, start, depth-1) < 0) {
			return false
		}
	}
	return true
}

// again reads a value that was read before with another node.
func (m *machine) again(n *node, i, depth int) int {
	if m.steps--; m.steps < 0 {
		m.undecided = true
		return refused
	}
	hashes, bits := len(m.hashes), len(m.bits)
	end := m.value(n, i, depth)
	if end < 0 {
		// What the nodes that gave up have left must not be taken for an enclosing object's.
		m.hashes, m.bits = m.hashes[:hashes], m.bits[:bits]
	}
	return end
}

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
				contained = m.again(r.contains, start, depth) >= 0
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

// rest applies the keywords for values of every type to b[i:end].
func (m *machine) rest(n *node, i, end, depth int) int {
	if n.ref != nil && m.again(n.ref.node, i, depth) < 0 {
		return refused
	}
	r := n.any
	if r == nil || n.ref != nil {
		return end
	}
	if r.constAllowed != nil && !m.among(r.constAllowed, i, end) || r.enumAllowed != nil && !m.among(r.enumAllowed, i, end) {
		return refused
	}
	if !r.combines() {
		return end
	}
	for _, sub := range r.allOf {
		if m.again(sub, i, depth) < 0 {
			return refused
		}
	}
	if r.not != nil && m.again(r.not, i, depth) >= 0 {
		return refused
	}
	if len(r.anyOf) > 0 && m.passing(r.anyOf, i, depth, 1) == 0 {
		return refused
	}
	if r.oneOf != nil && m.passing(r.oneOf, i, depth, 2) != 1 {
		return refused
	}
	if r.condition != nil {
		branch := r.otherwise
		if m.again(r.condition, i, depth) >= 0 {
			branch = r.then
		}
		if branch != nil && m.again(branch, i, depth) < 0 {
			return refused
		}
	}
	return end
}

// passing counts the nodes that accept the value at b[i], up to enough.
func (m *machine) passing(nodes []*node, i, depth, enough int) int {
	n := 0
	for _, sub := range nodes {
		if m.again(sub, i, depth) >= 0 {
			if n++; n == enough {
				break
			}
		}
	}
	return n
}

func (m *machine) among(a *allowed, i, end int) bool {
	switch m.b[i] {
	case '{', '[':
		m.undecided = m.undecided || a.containers
		return false
	case '"':
		text := m.b[i+1 : end-1]
		if slices.Contains(text, '\\') {
			text = m.unquoted(i, end, rawjson.Escaped)
		}
		return a.admits(m.b[i:end], text)
	}
	return a.admits(m.b[i:end], nil)
}
