package jsonschema

import "strings"

// types compiles the keyword type.
func (c *compiler) types(n *node, p place) error {
	v := p.v.get("type")
	if v == nil {
		return nil
	}
	var names []string
	switch v.kind {
	case kindString:
		names = []string{v.text}
	case kindArray:
		for _, e := range v.elems {
			if e.kind != kindString {
				return p.child(v, "type").fail("type is not a list of names")
			}
			names = append(names, e.text)
		}
	}
	n.types = 0
	for _, name := range names {
		set, ok := typesByName[name]
		if !ok {
			return p.child(v, "type").fail("unknown type %q", name)
		}
		n.types |= set
	}
	if len(names) == 0 {
		return p.child(v, "type").fail("type is neither a name nor a list of names")
	}
	n.typeNames = strings.Join(names, ",")
	if len(names) == 1 {
		// A single type is reported when its group's turn comes, if the schema has keywords of that group.
		g := map[string]group{"number": groupNumber, "string": groupString, "array": groupArray, "object": groupObject}[names[0]]
		if n.used[g] {
			n.typeGroup = g
		}
	}
	return nil
}

// explainType reports a value of a wrong type.
func (x *explainer) explainType(n *node, at *path, sp *schemaPath) {
	x.report("type", at, sp.with("/type"), params(nil).text("type", n.typeNames), "should be "+n.typeNames)
}
