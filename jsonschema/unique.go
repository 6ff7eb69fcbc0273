package jsonschema

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// keySet finds duplicates among the undeclared keys of one object by their hashes, which lie on the machine's stack from base on.
//
// Up to 32 keys, a filter of 64 bits says of nearly every key that it is new; if it does not, the hashes are compared. Of more keys the hashes are
// sorted at the object's end. Either way the work is bounded and nothing is allocated.
type keySet struct {
	base   int
	filter uint64
}

const fewKeys = 32

// repeats takes note of the last hash and reports whether it was there before; it always says no of the keys after the first ones.
func (k *keySet) repeats(hashes []uint64) bool {
	last := len(hashes) - 1
	bit := uint64(1) << (hashes[last] & 63)
	if k.filter&bit == 0 {
		k.filter |= bit
		return false
	}
	return last-k.base < fewKeys && slices.Contains(hashes[k.base:last], hashes[last])
}

// repeatsAtEnd reports whether any hash is there twice, if repeats did not see to that.
func (k *keySet) repeatsAtEnd(hashes []uint64) bool {
	return len(hashes)-k.base > fewKeys && repeated(hashes[k.base:])
}

// repeated sorts the hashes and reports whether one is there twice.
func repeated(hashes []uint64) bool {
	if len(hashes) <= 8 {
		for i, h := range hashes {
			if slices.Contains(hashes[:i], h) {
				return true
			}
		}
		return false
	}
	slices.Sort(hashes)
	for i := 1; i < len(hashes); i++ {
		if hashes[i] == hashes[i-1] {
			return true
		}
	}
	return false
}

// noteElement puts the hash of an element that uniqueItems compares on the stack.
func (m *machine) noteElement(r *arrayRules, start, end int) {
	raw := m.b[start:end]
	if t := r.uniqueTypes; t != 0 && (!t.admitsRaw(raw) || r.skipProto && rawjson.Equal(raw, "__proto__")) {
		return
	}
	h, _ := m.hash(start)
	m.hashes = append(m.hashes, h)
}

// admitsRaw reports whether a scalar value has one of the types.
func (t typeSet) admitsRaw(raw []byte) bool {
	switch raw[0] {
	case '"':
		return t&typeString != 0
	case 'n':
		return t&typeNull != 0
	case 't', 'f':
		return t&typeBoolean != 0
	case '{':
		return t&typeObject != 0
	case '[':
		return t&typeArray != 0
	}
	return t&typeNumber != 0 || t&typeInteger != 0 && parseNumber(raw).isInteger()
}

// hash returns the same for equal values: numbers by their value, strings without their escapes, members in whatever order. The value at b[i] was
// read before. It returns the index after it, too.
func (m *machine) hash(i int) (h uint64, end int) {
	b := m.b
	m.steps--
	switch c := b[i]; c {
	case '"':
		end, flags := rawjson.ScanString(b, i)
		return maphash.Bytes(keySeed, m.unquoted(i, end, flags)), end
	case '[':
		h = 0x9ae16a3b2f90404f
		i = rawjson.SkipSpace(b, i+1)
		for b[i] != ']' {
			var one uint64
			one, i = m.hash(i)
			h = mix(h, one)
			if i = rawjson.SkipSpace(b, i); b[i] == ',' {
				i = rawjson.SkipSpace(b, i+1)
			}
		}
		return h, i + 1
	case '{':
		h = 0xc2b2ae3d27d4eb4f
		i = rawjson.SkipSpace(b, i+1)
		for b[i] != '}' {
			key, end := m.hash(i)
			var one uint64
			one, i = m.hash(rawjson.SkipColon(b, end))
			h += mix(key, one)
			if i = rawjson.SkipSpace(b, i); b[i] == ',' {
				i = rawjson.SkipSpace(b, i+1)
			}
		}
		return mix(h, 1), i + 1
	case 't', 'f', 'n':
		return mix(uint64(c), 2), rawjson.SkipLiteral(b, i)
	}
	end, _ = rawjson.ScanNumber(b, i)
	n := parseNumber(b[i:end])
	h = mix(uint64(n.exp), 3)
	if n.neg {
		h = mix(h, 4)
	}
	for _, c := range n.digits {
		if c != '.' {
			h = mix(h, uint64(c))
		}
	}
	return h, end
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xe7037ed1a0b428db)
	return hi ^ lo
}
