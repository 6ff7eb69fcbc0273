package jsonschema

import (
	"hash/maphash"
	"math"
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
	m.undecided = m.undecided || m.steps < 0
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
	var end int
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
		if r := n.str; r != nil && (!r.lengthOnly || end-i-2 > r.maxLength) {
			text := b[i+1 : end-1]
			if len(text) <= r.usualTime && isUsualTime(text) {
				break
			}
			if flags&rawjson.Escaped != 0 {
				text = m.unquoted(i, end, flags)
			}
			if !r.admits(m, text, flags&(rawjson.NonASCII|rawjson.Escaped) == 0) {
				return refused
			}
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

// bytesPerStep is how many bytes may be read again for a step.
const bytesPerStep = 16

// again reads a value that was read before, b[i:end], with another node.
func (m *machine) again(n *node, i, end, depth int) int {
	if m.steps -= 1 + (end-i)/bytesPerStep; m.steps < 0 {
		m.undecided = true
		return refused
	}
	hashes, bits := len(m.hashes), len(m.bits)
	if end = m.value(n, i, depth); end < 0 {
		// What the nodes that gave up have left must not be taken for an enclosing object's.
		m.hashes, m.bits = m.hashes[:hashes], m.bits[:bits]
	}
	return end
}
