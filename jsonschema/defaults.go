package jsonschema

import (
	"cmp"
	"slices"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Defaults appends to dst the insertions that fill in the schema's defaults where ajv with useDefaults would, ordered by offset: for members and
// elements that are missing, also in objects that are themselves defaults, but nowhere inside not, anyOf, oneOf, if, contains and propertyNames.
// They do not depend on whether the event is valid. The error is a *rawjson.SyntaxError.
//
// Valid gives the event as it is the verdict that it will have with its defaults, with one exception: a default that its own schema refuses is filled
// in, as ajv does, but does not make an event invalid that is without it.
func (s *Schema) Defaults(event []byte, dst []Insertion) ([]Insertion, error) {
	if !s.hasDefaults {
		return dst, nil
	}
	if err := rawjson.Check(event); err != nil {
		return dst, err
	}
	if s.plainDefaults {
		f := filler{b: event, out: dst}
		f.value(s.root, rawjson.SkipSpace(event, 0))
		return f.out, nil
	}
	v := parse(event)
	x := &explainer{steps: stepsFor(len(event)), filling: true}
	x.tryEval(s.root, v)
	start := len(dst)
	dst = v.insertions(dst)
	slices.SortStableFunc(dst[start:], func(a, b Insertion) int { return cmp.Compare(a.Offset, b.Offset) })
	return dst, nil
}

// filler finds the missing members of a checked event for programs in which nothing but an object's own properties fills it in.
type filler struct {
	b   []byte
	out []Insertion
}

func (f *filler) value(n *node, i int) int {
	n = n.target()
	switch {
	case f.b[i] == '{' && n.obj != nil:
		return f.object(n.obj, i)
	case f.b[i] == '[' && n.arr != nil:
		i = rawjson.SkipSpace(f.b, i+1)
		for count := 0; f.b[i] != ']'; count++ {
			sub := n.arr.elementNode(count)
			if sub == nil {
				sub = anyNode
			}
			if i = rawjson.SkipSpace(f.b, f.value(sub, i)); f.b[i] == ',' {
				i = rawjson.SkipSpace(f.b, i+1)
			}
		}
		return i + 1
	}
	return rawjson.End(f.b, i)
}

func (f *filler) object(o *objectRules, i int) int {
	var few [4]uint64
	seen := bitSet(few[:])
	if len(o.entries) > 64*len(few) {
		seen = newBitSet(len(o.entries))
	}
	var text []byte
	empty := true
	i = rawjson.SkipSpace(f.b, i+1)
	for f.b[i] != '}' {
		empty = false
		end, flags := rawjson.ScanString(f.b, i)
		key := f.b[i+1 : end-1]
		if flags&rawjson.Escaped != 0 {
			text = rawjson.AppendIdentity(text[:0], f.b[i:end])
			key = text
		}
		sub := anyNode
		if at := o.lookup(key); at >= 0 {
			seen.add(at)
			sub = o.entries[at].node
		} else if o.additional != nil {
			sub = o.additional
		}
		if i = rawjson.SkipSpace(f.b, f.value(sub, rawjson.SkipColon(f.b, end))); f.b[i] == ',' {
			i = rawjson.SkipSpace(f.b, i+1)
		}
	}
	for k := range o.properties {
		p := &o.properties[k]
		if p.fallback == nil || seen.has(k) {
			continue
		}
		insert := p.insert
		if empty {
			insert = insert[1:]
		}
		empty = false
		f.out = append(f.out, Insertion{Offset: i, Bytes: insert})
	}
	return i + 1
}

// fillProperties sets the members that are missing and have a default.
func (x *explainer) fillProperties(r *objectRules, v *value) {
	for i := range r.properties {
		p := &r.properties[i]
		if p.fallback == nil || !p.sound && !x.filling || v.get(p.name) != nil {
			continue
		}
		v.set(p.name, x.fill(v, p.fallback))
		v.members[len(v.members)-1].added = true
		if arrayIndex(p.name) >= 0 {
			v.sortIndices()
		}
	}
}

// fillItems sets the elements that are missing and have a default.
func (x *explainer) fillItems(r *arrayRules, v *value) {
	for i, d := range r.defaults {
		if d == nil || i < len(v.elems) && v.elems[i].kind != kindUndefined {
			continue
		}
		for i >= len(v.elems) {
			v.elems = append(v.elems, &value{kind: kindUndefined})
			v.grown++
		}
		v.elems[i] = x.fill(v, d)
	}
}

func (v *value) clone() *value {
	c := *v
	c.index = nil
	c.elems = slices.Clone(v.elems)
	for i, e := range c.elems {
		c.elems[i] = e.clone()
	}
	c.members = slices.Clone(v.members)
	for i, m := range c.members {
		c.members[i].val = m.val.clone()
	}
	if v.index != nil {
		c.reindex()
	}
	return &c
}

// insertions appends what was filled in to a parsed event.
func (v *value) insertions(dst []Insertion) []Insertion {
	var text []byte
	comma := func(first bool) {
		if !first {
			text = append(text, ',')
		}
	}
	kept := 0
	switch v.kind {
	case kindArray:
		kept = len(v.elems) - v.grown
		for i, e := range v.elems {
			if i < kept {
				dst = e.insertions(dst)
			} else {
				comma(i == 0)
				text = e.appendJSON(text, true)
			}
		}
	case kindObject:
		for _, m := range v.members {
			if !m.added {
				kept++
				dst = m.val.insertions(dst)
			}
		}
		first := kept == 0
		for _, m := range v.members {
			if m.added {
				comma(first)
				first = false
				text = append(rawjson.AppendQuoted(text, []byte(m.key)), ':')
				text = m.val.appendJSON(text, true)
			}
		}
	}
	if text != nil {
		dst = append(dst, Insertion{Offset: v.end - 1, Bytes: text})
	}
	return dst
}

// readyDefaults prepares the defaults of an object: their bytes, which of them count, and whether they change no verdict of the first pass.
func (c *compiler) readyDefaults(r *objectRules) error {
	r.quick = !c.rereads && r.maxProperties < 0 && r.minProperties <= 0 && r.names == nil && len(r.dependencies) == 0
	for i := range r.properties {
		p := &r.properties[i]
		if p.fallback == nil {
			continue
		}
		x := &explainer{steps: stepsFor(0), filling: true}
		filled := p.fallback.clone()
		filled.mark(1)
		if p.sound = x.tryEval(p.node, filled); x.steps < 0 {
			return r.at.fail("the default of %q fills in defaults without end", p.name)
		}
		if p.sound {
			if r.fallbacks == nil {
				r.fallbacks = newBitSet(len(r.entries))
			}
			r.fallbacks.add(i)
			r.plainEnd = false
		}
		p.insert = append(rawjson.AppendQuoted([]byte{','}, []byte(p.name)), ':')
		p.insert = filled.appendJSON(p.insert, true)
	}
	return nil
}

// maxFilled is how deep defaults may be filled into defaults.
const maxFilled = 64

// fill returns a default to be set in v.
func (x *explainer) fill(v, fallback *value) *value {
	if v.filled >= maxFilled {
		x.steps = -1
		panic(tooCostly{})
	}
	c := fallback.clone()
	c.mark(v.filled + 1)
	return c
}

func (v *value) mark(filled int) {
	v.filled = filled
	for _, e := range v.elems {
		e.mark(filled)
	}
	for _, m := range v.members {
		m.val.mark(filled)
	}
}
