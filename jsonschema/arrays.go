package jsonschema

import (
	"encoding/binary"
	"strconv"
)

// arrayRules are the keywords maxItems, minItems, items, additionalItems, contains and uniqueItems.
type arrayRules struct {
	maxItems, minItems int // -1 without the keyword

	items      *node   // for every element; nil without, or if items is a list
	tuple      []*node // for the first elements, if items is a list
	isTuple    bool
	additional *node // for those after the tuple; nil: none, anything goes
	closed     bool  // additionalItems is false

	contains *node

	unique bool
	// uniqueTypes, if not empty, are the types whose values uniqueItems compares; others are skipped. ajv does this if items has scalar types only.
	uniqueTypes typeSet
	// skipProto tells that "__proto__" is skipped too, which ajv's comparison cannot remember if items has the type string.
	skipProto bool

	defaults []*value // for the first elements; nil where there is none
}

// arrays compiles the group.
func (c *compiler) arrays(n *node, p place, composite bool) error {
	if !n.used[groupArray] {
		return nil
	}
	r := &arrayRules{}
	var err error
	if r.maxItems, err = count(p, "maxItems"); err != nil {
		return err
	}
	if r.minItems, err = count(p, "minItems"); err != nil {
		return err
	}
	if err := c.items(r, p, composite); err != nil {
		return err
	}
	if r.contains, err = c.sub(p, "contains", true); err != nil {
		return err
	}
	if r.contains != nil {
		c.rereads = true
	}
	if v := p.v.get("uniqueItems"); v != nil && v.kind == kindTrue {
		r.unique = true
		r.uniqueTypes = scalarTypes(p.v.get("items"))
		r.skipProto = r.uniqueTypes == typeString && p.v.get("items").get("type").kind == kindString
		c.rereads = c.rereads || r.uniqueTypes == 0
	}
	n.arr = r
	return nil
}

// items compiles items and additionalItems.
func (c *compiler) items(r *arrayRules, p place, composite bool) error {
	items := p.v.get("items")
	if items == nil {
		return nil
	}
	var err error
	if items.kind != kindArray {
		r.items, err = c.node(p.child(items, "items"), composite)
		return err
	}
	r.isTuple = true
	for i, e := range items.elems {
		sub, err := c.node(p.child(e, "items", strconv.Itoa(i)), composite)
		if err != nil {
			return err
		}
		r.tuple = append(r.tuple, sub)
		d := e.get("default")
		if composite || p.doc.meta {
			d = nil
		}
		r.defaults = append(r.defaults, d)
		c.defaults = c.defaults || d != nil
		c.rereads = c.rereads || d != nil // left to the second pass
	}
	switch a := p.v.get("additionalItems"); {
	case a == nil:
	case a.kind == kindFalse:
		r.closed = true
	default:
		r.additional, err = c.node(p.child(a, "additionalItems"), composite)
	}
	return err
}

// scalarTypes returns the types that a schema's keyword type lists, none if objects or arrays are among them.
func scalarTypes(items *value) typeSet {
	if items == nil {
		return 0
	}
	t := items.get("type")
	if t == nil {
		return 0
	}
	names := []*value{t}
	if t.kind == kindArray {
		names = t.elems
	}
	var set typeSet
	for _, name := range names {
		set |= typesByName[name.text]
	}
	if set&(typeArray|typeObject) != 0 {
		return 0
	}
	return set
}

func (x *explainer) explainArray(r *arrayRules, v *value, at *path, sp *schemaPath) {
	x.fillItems(r, v)
	x.spend(len(v.elems) / 8)
	if r.maxItems >= 0 && len(v.elems) > r.maxItems {
		x.report("maxItems", at, sp.with("/maxItems"), params(nil).int("limit", r.maxItems), "should NOT have more than "+strconv.Itoa(r.maxItems)+" items")
	}
	if r.minItems >= 0 && len(v.elems) < r.minItems {
		x.report("minItems", at, sp.with("/minItems"), params(nil).int("limit", r.minItems), "should NOT have fewer than "+strconv.Itoa(r.minItems)+" items")
	}
	x.explainItems(r, v, at, sp)
	if r.contains != nil {
		x.explainContains(r, v, at, sp)
	}
	if r.unique {
		if i, j, found := x.duplicates(v.elems, r); found {
			message := "should NOT have duplicate items (items ## " + strconv.Itoa(j) + " and " + strconv.Itoa(i) + " are identical)"
			x.report("uniqueItems", at, sp.with("/uniqueItems"), params(nil).int("i", i).int("j", j), message)
		}
	}
}

func (x *explainer) explainItems(r *arrayRules, v *value, at *path, sp *schemaPath) {
	if !r.isTuple {
		if r.items != nil && r.items.rules {
			inner := sp.with("/items")
			for i, e := range v.elems {
				x.eval(r.items, e, at.item(i), inner)
			}
		}
		return
	}
	if r.closed && len(v.elems) > len(r.tuple) {
		n := len(r.tuple)
		x.report("additionalItems", at, sp.with("/additionalItems"), params(nil).int("limit", n), "should NOT have more than "+strconv.Itoa(n)+" items")
	}
	for i, sub := range r.tuple {
		if i < len(v.elems) {
			x.eval(sub, v.elems[i], at.item(i), sp.with("/items/"+strconv.Itoa(i)))
		}
	}
	if r.additional != nil {
		inner := sp.with("/additionalItems")
		for i := len(r.tuple); i < len(v.elems); i++ {
			x.eval(r.additional, v.elems[i], at.item(i), inner)
		}
	}
}

func (x *explainer) explainContains(r *arrayRules, v *value, at *path, sp *schemaPath) {
	before := x.count
	inner := sp.with("/contains")
	for i, e := range v.elems {
		if x.eval(r.contains, e, at.item(i), inner) {
			x.forget(before)
			return
		}
	}
	x.report("contains", at, inner, nil, "should contain a valid item")
}

// duplicates returns the pair of equal elements that ajv reports. It looks from the end: without types for the last element that equals an
// earlier one (and the nearest of those), with types for the last element that equals a later one of those types.
func (x *explainer) duplicates(elems []*value, r *arrayRules) (i, j int, found bool) {
	seen := make(map[string]int, len(elems))
	var buf []byte
	if types := r.uniqueTypes; types != 0 {
		for i := len(elems) - 1; i >= 0; i-- {
			if !types.admits(elems[i]) || r.skipProto && elems[i].kind == kindString && elems[i].text == "__proto__" {
				continue
			}
			buf = x.canonical(buf[:0], elems[i])
			if j, ok := seen[string(buf)]; ok {
				return i, j, true
			}
			seen[string(buf)] = i
		}
		return 0, 0, false
	}
	for k, e := range elems {
		buf = x.canonical(buf[:0], e)
		if earlier, ok := seen[string(buf)]; ok {
			i, j, found = k, earlier, true
		}
		seen[string(buf)] = k
	}
	return i, j, found
}

// canonical is appendCanonical, whose work counts.
func (x *explainer) canonical(dst []byte, v *value) []byte {
	dst = appendCanonical(dst, v)
	x.spend(len(dst) / 16)
	return dst
}

// appendCanonical appends bytes that are the same for equal values only.
func appendCanonical(dst []byte, v *value) []byte {
	dst = append(dst, byte(v.kind))
	switch v.kind {
	case kindNumber:
		n := parseNumber([]byte(v.text))
		if n.neg {
			dst = append(dst, '-')
		}
		dst = binary.AppendVarint(dst, n.exp)
		for _, c := range n.digits {
			if c != '.' {
				dst = append(dst, c)
			}
		}
		return append(dst, 'e')
	case kindString:
		return appendCanonicalText(dst, v.text)
	case kindArray:
		dst = binary.AppendUvarint(dst, uint64(len(v.elems)))
		for _, e := range v.elems {
			dst = appendCanonical(dst, e)
		}
	case kindObject:
		dst = binary.AppendUvarint(dst, uint64(len(v.members)))
		for _, m := range sortedMembers(v) {
			dst = appendCanonicalText(dst, m.key)
			dst = appendCanonical(dst, m.val)
		}
	}
	return dst
}

func appendCanonicalText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}
