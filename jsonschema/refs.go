package jsonschema

// refRule is a $ref.
type refRule struct {
	text string // as it is written
	node *node
	// inline tells that ajv puts the schema in place, because it has no $ref itself: its errors' schemaPath then begins with the $ref, else with #.
	inline bool
}

// ref compiles a $ref.
func (c *compiler) ref(n *node, p place, text string, composite bool) error {
	if c.refs++; c.refs > c.o.Limits.Refs {
		return p.fail("more than %d $refs", c.o.Limits.Refs)
	}
	target, err := c.resolve(p, text)
	if err != nil {
		return err
	}
	n.ref = &refRule{text: text, inline: text != "#" && text != "#/" && !c.hasRef(target.v)}
	// What is not put in place is a function of its own, which knows nothing of a combinator around the $ref.
	n.ref.node, err = c.node(target, composite && n.ref.inline)
	if n.typeGroup != groupNone {
		n.types, n.typeNames = anyType, "" // its turn never comes
	}
	return err
}

// hasRef reports whether a value has the key $ref somewhere.
func (c *compiler) hasRef(v *value) bool {
	if has, ok := c.withRef[v]; ok {
		return has
	}
	has := false
	for _, e := range v.elems {
		has = has || c.hasRef(e)
	}
	for _, m := range v.members {
		has = has || m.key == "$ref" || c.hasRef(m.val)
	}
	c.withRef[v] = has
	return has
}

// explainRef lists what the schema that a $ref leads to refuses.
func (x *explainer) explainRef(r *refRule, v *value, at *path) {
	if r.inline {
		x.eval(r.node, v, at, &schemaPath{segment: r.text})
	} else {
		x.eval(r.node, v, at, rootPath)
	}
}
