package jsonschema

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// table is what the first pass knows of an object's members: one entry for each name that the schema mentions, found by a perfect hash.
type table struct {
	// before stands for an object's start in the guesses.
	before entry
	// need has the entries that are required, if one word is enough for all.
	need uint64
	// plainEnd tells that required is all there is to check at an object's end; wide that there are more than 64 entries.
	plainEnd, wide bool

	entries []entry
	details []detail // of the entries
	slots   []int32  // index into entries + 1, 0 for none
	mult    uint64
	shift   uint8
	byName  map[string]int // instead of the hash, for names it cannot tell apart

	needed    bitSet // entries that are required
	fallbacks bitSet // entries with a default that counts, nil if there is none
	// quick tells that the defaults change no verdict: a missing member with a default counts as there. Else the second pass decides.
	quick bool
	links []link
	most  int // maxProperties, or more than there can be
}

// learn takes note that another entry came after the last one than was guessed, now and then: producers that differ must not fight for the guesses.
func (m *machine) learn(last, next *entry) {
	if m.wrong++; m.wrong%8 == 1 && next.start != "" {
		last.next.Store(next)
	}
}

// anyObject admits every object.
var anyObject = &objectRules{maxProperties: -1, minProperties: -1, table: table{most: math.MaxInt, plainEnd: true}}

// entry is a name that the schema mentions: in properties, required or dependencies. It is kept small, to lie in one cache line.
type entry struct {
	// start is the quoted name with the colon, as a member is likely to begin; "" if the name is likely to be written with escapes. head and tail
	// are its first and last eight bytes; of a shorter one both are all of it, and mask cuts off what follows.
	start            string
	head, tail, mask uint64
	// next is the entry that came after this one lately, nil for no guess: producers write members in the same order again and again.
	next atomic.Pointer[entry]
	node *node // what the value is read with
	// index is the entry's own; last is where in start the last eight bytes begin.
	index, last uint32
	// plainText tells that every string will do, again that there is more in the details.
	plainText, again bool
}

// detail is what only some members need to know of their entry.
type detail struct {
	name     string
	property int     // index of the property, -1 if it is not declared
	more     []*node // what the value is read with again
}

// link is a dependency between entries.
type link struct {
	from  int
	needs bitSet
	node  *node
}

// bitSet is a set of entries.
type bitSet []uint64

func newBitSet(n int) bitSet    { return make(bitSet, (n+63)/64) }
func (s bitSet) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s bitSet) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }
func (s bitSet) in(t bitSet) bool {
	for i := range s {
		if s[i]&^t[i] != 0 {
			return false
		}
	}
	return true
}

// link works out the table of every object of the program.
func (c *compiler) link(s *Schema) error {
	for _, r := range c.objects {
		r.buildTable()
	}
	for _, r := range c.objects {
		if err := c.readyDefaults(r); err != nil {
			return err
		}
	}
	s.plainDefaults = !c.rereads
	return nil
}

func (r *objectRules) buildTable() {
	index := map[string]int{}
	add := func(name string) int {
		if i, ok := index[name]; ok {
			return i
		}
		index[name] = len(r.details)
		r.details = append(r.details, detail{name: name, property: -1})
		return len(r.details) - 1
	}
	for i, p := range r.properties {
		r.details[add(p.name)].property = i
	}
	for _, name := range r.required {
		add(name)
	}
	for _, d := range r.dependencies {
		add(d.name)
		for _, name := range d.needs {
			add(name)
		}
	}
	r.entries = make([]entry, len(r.details))
	r.needed = newBitSet(len(r.entries))
	for _, name := range r.required {
		r.needed.add(index[name])
	}
	for _, d := range r.dependencies {
		l := link{from: index[d.name], node: d.node, needs: newBitSet(len(r.entries))}
		for _, name := range d.needs {
			l.needs.add(index[name])
		}
		r.links = append(r.links, l)
	}
	last := &r.before
	for i := range r.entries {
		e := &r.entries[i]
		e.index = uint32(i)
		r.fillEntry(e, &r.details[i])
		if e.start != "" {
			last.next.Store(e)
		}
		last = e
	}
	r.wide = len(r.entries) > 64
	r.plainEnd = !r.wide && r.maxProperties < 0 && r.minProperties <= 0 && len(r.links) == 0
	if !r.wide && len(r.needed) > 0 {
		r.need = r.needed[0]
	}
	r.most = math.MaxInt
	if r.maxProperties >= 0 {
		r.most = r.maxProperties
	}
	r.hash(index)
}

// fillEntry works out what the value of a member is read with.
func (r *objectRules) fillEntry(e *entry, d *detail) {
	var nodes []*node
	steps := stepsFor(0)
	if d.property >= 0 {
		nodes = append(nodes, r.properties[d.property].node.target())
	}
	for _, p := range r.patterns {
		if p.pattern.match([]byte(d.name), &steps) {
			nodes = append(nodes, p.node.target())
		}
	}
	if nodes == nil {
		if r.closed {
			nodes = append(nodes, noNode)
		} else if r.additional != nil {
			nodes = append(nodes, r.additional.target())
		}
	}
	if nodes == nil {
		nodes = append(nodes, anyNode)
	}
	e.node, d.more = nodes[0], nodes[1:]
	e.again = len(d.more) > 0
	e.plainText = !e.again && e.node.takesText()
	if start := string(rawjson.AppendQuoted(nil, []byte(d.name))); len(start) == len(d.name)+2 {
		e.setStart(start + ":")
	}
}

// setStart prepares the comparison with what a member is likely to begin with.
func (e *entry) setStart(start string) {
	var padded [8]byte
	copy(padded[:], start)
	e.start, e.mask = start, math.MaxUint64
	e.head = binary.LittleEndian.Uint64(padded[:])
	e.tail = e.head
	if n := len(start); n < 8 {
		e.mask = 1<<(8*n) - 1
	} else {
		e.tail = binary.LittleEndian.Uint64([]byte(start[n-8:]))
		e.last = uint32(n - 8)
	}
}

// starts reports whether a member of the entry's name is at b[i]. It says no near the end of the text, where it cannot compare eight bytes at a time.
func (e *entry) starts(b []byte, i int) bool {
	n := len(e.start)
	return len(b)-i > n+8 && binary.LittleEndian.Uint64(b[i:])&e.mask == e.head && binary.LittleEndian.Uint64(b[i+int(e.last):])&e.mask == e.tail &&
		(n <= 16 || string(b[i+8:i+n-8]) == e.start[8:n-8])
}

// takesText reports whether the node accepts every string.
func (n *node) takesText() bool {
	return n.types&typeString != 0 && n.str == nil && n.any == nil && n.ref == nil
}

// target follows $refs with nothing of their own to say.
func (n *node) target() *node {
	for n.ref != nil && n.types == anyType {
		n = n.ref.node
	}
	return n
}

// hash looks for a multiplier that gives every name a slot of its own.
func (r *objectRules) hash(index map[string]int) {
	if len(r.entries) == 0 {
		return
	}
	distinct := map[uint64]bool{}
	for i := range r.entries {
		distinct[nameHash([]byte(r.details[i].name))] = true
	}
	if len(distinct) < len(r.entries) || len(r.entries) > 1<<12 {
		r.byName = index
		return
	}
	mult := uint64(0x9e3779b97f4a7c15)
	for size := bits.Len(uint(2*len(r.entries) - 1)); size < 20; size++ {
		for range 200 {
			if r.try(mult, size) {
				return
			}
			mult = mult*0xd1342543de82ef95 + 2 // a linear congruential generator; the last bit stays 1
		}
	}
	r.slots, r.byName = nil, index
}

func (r *objectRules) try(mult uint64, size int) bool {
	r.mult, r.shift = mult, uint8(64-size)
	r.slots = make([]int32, 1<<size)
	for i := range r.entries {
		slot := &r.slots[nameHash([]byte(r.details[i].name))*mult>>r.shift]
		if *slot != 0 {
			return false
		}
		*slot = int32(i + 1)
	}
	return true
}

// nameHash condenses a name: its length with its first and last bytes, up to eight of each.
func nameHash(name []byte) uint64 {
	n := len(name)
	switch {
	case n >= 8:
		return binary.LittleEndian.Uint64(name) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(name[n-8:]), 29) ^ uint64(n)<<3
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(name))<<32 ^ uint64(binary.LittleEndian.Uint32(name[n-4:])) ^ uint64(n)<<29
	case n > 0:
		return uint64(name[0])<<16 | uint64(name[n>>1])<<8 | uint64(name[n-1]) | uint64(n)<<24
	}
	return 0
}

// lookup returns the index of the entry with the name, -1 if there is none.
func (t *table) lookup(name []byte) int {
	if t.slots == nil {
		if i, ok := t.byName[string(name)]; ok {
			return i
		}
		return -1
	}
	i := int(t.slots[nameHash(name)*t.mult>>t.shift]) - 1
	if i >= 0 && t.details[i].name == string(name) {
		return i
	}
	return -1
}
