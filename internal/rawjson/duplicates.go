package rawjson

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
)

// DropDuplicates appends src, a checked JSON value, to dst as JSON.parse reads it: of the members of an object with the same key only the last
// value stays, at the place of the first, at any depth. Everything else stays as it is written. Without duplicates the result has src's length.
//
// It takes one pass to find the duplicates and one to write, however deep they are nested.
func DropDuplicates(dst, src []byte) []byte {
	i := SkipSpace(src, 0)
	if i >= len(src) {
		return append(dst, src...)
	}
	d := dropPool.Get().(*dropper)
	d.src = src
	d.value(i)
	slices.SortFunc(d.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	dst = d.write(dst, 0, len(src))
	d.src, d.edits, d.open, d.order = nil, d.edits[:0], d.open[:0], d.order[:0]
	if cap(d.open)+cap(d.edits)+cap(d.order) <= manyMembers {
		dropPool.Put(d)
	}
	return dst
}

// manyMembers is how many members make a dropper too large to be kept for the next text.
const manyMembers = 1 << 14

// dropper finds the duplicates of one text.
type dropper struct {
	src   []byte
	open  []member // the members so far of the objects being read, innermost last
	order []int32  // scratch
	edits []edit
}

// member is where a member lies in the text.
type member struct {
	hash                               uint64
	keyStart, keyEnd, valStart, valEnd int
}

// edit puts src[insertFrom:insertTo] in the place of src[from:to].
type edit struct {
	from, to, insertFrom, insertTo int
}

var dropPool = sync.Pool{New: func() any { return new(dropper) }}

var keySeed = maphash.MakeSeed()

// value reads the value at i and returns the index after it. A text that ends too early has no more duplicates.
func (d *dropper) value(i int) int {
	if i >= len(d.src) {
		return len(d.src)
	}
	switch d.src[i] {
	case '{':
		return d.object(i)
	case '[':
		i = SkipSpace(d.src, i+1)
		for i < len(d.src) && d.src[i] != ']' {
			if i = SkipSpace(d.src, d.value(i)); i < len(d.src) && d.src[i] == ',' {
				i = SkipSpace(d.src, i+1)
			} else if i < len(d.src) && d.src[i] != ']' {
				return len(d.src)
			}
		}
		return min(i+1, len(d.src))
	}
	if end := End(d.src, i); end > i {
		return end
	}
	return len(d.src)
}

func (d *dropper) object(i int) int {
	base := len(d.open)
	i = SkipSpace(d.src, i+1)
	for i < len(d.src) && d.src[i] == '"' {
		m := member{keyStart: i}
		if m.keyEnd, _ = StringEnd(d.src, i); m.keyEnd < 0 {
			return len(d.src)
		}
		if m.valStart = SkipColon(d.src, m.keyEnd); m.valStart < 0 {
			return len(d.src)
		}
		m.hash = hashKey(d.src[m.keyStart:m.keyEnd])
		d.open = append(d.open, m)
		i = d.value(m.valStart)
		d.open[len(d.open)-1].valEnd = i
		if i = SkipSpace(d.src, i); i < len(d.src) && d.src[i] == ',' {
			i = SkipSpace(d.src, i+1)
		}
	}
	d.close(d.open[base:])
	d.open = d.open[:base]
	return min(i+1, len(d.src))
}

// hashKey returns the same for keys that mean the same.
func hashKey(raw []byte) uint64 {
	if !hasEscape(raw) {
		return maphash.Bytes(keySeed, raw[1:len(raw)-1])
	}
	var buf [64]byte
	return maphash.Bytes(keySeed, AppendIdentity(buf[:0], raw))
}

// close notes the edits for the duplicates among the members of an object.
func (d *dropper) close(members []member) {
	d.order = d.order[:0]
	for i := range members {
		d.order = append(d.order, int32(i))
	}
	slices.SortFunc(d.order, func(a, b int32) int {
		if c := cmp.Compare(members[a].hash, members[b].hash); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	order := d.order
	for len(order) > 1 {
		first := members[order[0]]
		last := 0
		for k := 1; k < len(order) && members[order[k]].hash == first.hash; k++ {
			again := members[order[k]]
			if !EqualKeys(d.src[first.keyStart:first.keyEnd], d.src[again.keyStart:again.keyEnd]) {
				continue
			}
			// The comma before goes too. The first member of an object is never a duplicate, so there is one.
			d.edits = append(d.edits, edit{from: members[order[k]-1].valEnd, to: again.valEnd})
			last = k
		}
		if last > 0 {
			with := members[order[last]]
			d.edits = append(d.edits, edit{first.valStart, first.valEnd, with.valStart, with.valEnd})
		}
		order = order[last+1:]
	}
}

// write appends src[from:to] with the edits in it made. An edit's insertion has edits of its own.
func (d *dropper) write(dst []byte, from, to int) []byte {
	at, _ := slices.BinarySearchFunc(d.edits, from, func(e edit, i int) int { return cmp.Compare(e.from, i) })
	for ; at < len(d.edits) && d.edits[at].from < to; at++ {
		e := d.edits[at]
		if e.from < from {
			continue // inside what an earlier edit dropped
		}
		dst = append(dst, d.src[from:e.from]...)
		if e.insertTo > e.insertFrom {
			dst = d.write(dst, e.insertFrom, e.insertTo)
		}
		from = e.to
	}
	return append(dst, d.src[from:to]...)
}

// EqualKeys reports whether two strings, as they are written with their quotes, mean the same.
func EqualKeys(a, b []byte) bool {
	if len(a) == len(b) && string(a) == string(b) {
		return true
	}
	if !hasEscape(a) && !hasEscape(b) {
		return false
	}
	var bufA, bufB [64]byte
	return string(AppendIdentity(bufA[:0], a)) == string(AppendIdentity(bufB[:0], b))
}

func hasEscape(raw []byte) bool { return slices.Contains(raw, '\\') }
