package jsonschema

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// objectRules are the keywords maxProperties, minProperties, required, dependencies, propertyNames, properties, patternProperties and additionalProperties.
type objectRules struct {
	// What the first pass needs most is worked out by link.
	table

	maxProperties, minProperties int // -1 without the keyword

	required     []string
	dependencies []dependency
	names        *node // propertyNames
	properties   []property
	hasProps     bool // the keyword properties is there and not empty
	patterns     []patternProperty
	additional   *node // for undeclared members; nil without
	at           place
	closed       bool // additionalProperties is false
}

// property is a declared one.
type property struct {
	name string
	node *node
	path string // the segment of its schemaPath
	// fallback is the default, as it is filled in where no combinator forbids it; nil without.
	fallback *value
	insert   []byte // the member that is then inserted, with a comma before it
	sound    bool   // the default is one that the property's schema accepts
	required bool
}

type patternProperty struct {
	text    string
	pattern *pattern
	node    *node
	path    string
}

// dependency is a member of the keyword dependencies: other members that one demands, or a schema for the whole object.
type dependency struct {
	name  string
	needs []string
	node  *node
	path  string
}

// objectKeywords compiles the group.
func (c *compiler) objectKeywords(n *node, p place, composite bool) error {
	if !n.used[groupObject] {
		return nil
	}
	r := &objectRules{at: p}
	var err error
	if r.maxProperties, err = count(p, "maxProperties"); err != nil {
		return err
	}
	if r.minProperties, err = count(p, "minProperties"); err != nil {
		return err
	}
	if v := p.v.get("required"); v != nil {
		if r.required, err = textList(p.child(v, "required"), "required"); err != nil {
			return err
		}
	}
	if err := c.dependencies(r, p, composite); err != nil {
		return err
	}
	if r.names, err = c.sub(p, "propertyNames", true); err != nil {
		return err
	}
	if err := c.properties(r, p, composite); err != nil {
		return err
	}
	n.obj = r
	c.objects = append(c.objects, r)
	return nil
}

// textList returns the names that a keyword lists.
func textList(p place, keyword string) ([]string, error) {
	if p.v.kind != kindArray {
		return nil, p.fail("%s is not a list of names", keyword)
	}
	names := make([]string, len(p.v.elems))
	for i, e := range p.v.elems {
		if e.kind != kindString {
			return nil, p.fail("%s is not a list of names", keyword)
		}
		names[i] = e.text
	}
	return names, nil
}

func (c *compiler) dependencies(r *objectRules, p place, composite bool) error {
	v := p.v.get("dependencies")
	if v == nil {
		return nil
	}
	if v.kind != kindObject {
		return p.child(v, "dependencies").fail("dependencies is not an object")
	}
	// ajv looks at the lists of names first.
	for _, m := range v.members {
		if m.val.kind == kindArray {
			needs, err := textList(p.child(m.val, "dependencies", m.key), "dependencies")
			if err != nil {
				return err
			}
			r.dependencies = append(r.dependencies, dependency{name: m.key, needs: needs})
		}
	}
	for _, m := range v.members {
		if m.val.kind != kindArray {
			sub, err := c.node(p.child(m.val, "dependencies", m.key), composite)
			if err != nil {
				return err
			}
			c.rereads = true
			r.dependencies = append(r.dependencies, dependency{name: m.key, node: sub, path: "/dependencies/" + escapeFragment(m.key)})
		}
	}
	return nil
}

func (c *compiler) properties(r *objectRules, p place, composite bool) error {
	for _, keyword := range []string{"properties", "patternProperties"} {
		if v := p.v.get(keyword); v != nil && v.kind != kindObject {
			return p.child(v, keyword).fail("%s is not an object", keyword)
		}
	}
	if v := p.v.get("properties"); v != nil {
		r.hasProps = len(v.members) > 0
		for _, m := range v.members {
			sub, err := c.node(p.child(m.val, "properties", m.key), composite)
			if err != nil {
				return err
			}
			prop := property{name: m.key, node: sub, path: "/properties/" + escapeFragment(m.key), required: slices.Contains(r.required, m.key)}
			if !composite && !p.doc.meta {
				prop.fallback = m.val.get("default")
				c.defaults = c.defaults || prop.fallback != nil
			}
			r.properties = append(r.properties, prop)
		}
	}
	if v := p.v.get("patternProperties"); v != nil {
		for _, m := range v.members {
			at := p.child(m.val, "patternProperties", m.key)
			sub, err := c.node(at, composite)
			if err != nil {
				return err
			}
			re, err := c.pattern(at, m.key)
			if err != nil {
				return err
			}
			r.patterns = append(r.patterns, patternProperty{text: m.key, pattern: re, node: sub, path: "/patternProperties/" + escapeFragment(m.key)})
			c.rereads = true
		}
	}
	var err error
	if v := p.v.get("additionalProperties"); v != nil && v.kind == kindFalse {
		r.closed = true
	} else {
		r.additional, err = c.sub(p, "additionalProperties", composite)
	}
	return err
}

func sortedMembers(v *value) []member {
	return slices.SortedFunc(slices.Values(v.members), func(a, b member) int { return cmp.Compare(a.key, b.key) })
}

// declared returns the property with the name, nil if there is none.
func (r *objectRules) declared(name string) *property {
	if i := r.lookup([]byte(name)); i >= 0 && r.details[i].property >= 0 {
		return &r.properties[r.details[i].property]
	}
	return nil
}

func (x *explainer) explainObject(r *objectRules, v *value, at *path, sp *schemaPath) {
	x.fillProperties(r, v)
	x.spend(len(v.members) * (1 + len(r.patterns)) / 8)
	if n := len(v.members); r.maxProperties >= 0 && n > r.maxProperties {
		x.report("maxProperties", at, sp.with("/maxProperties"), params(nil).int("limit", r.maxProperties), "should NOT have more than "+strconv.Itoa(r.maxProperties)+" properties")
	}
	if n := len(v.members); r.minProperties >= 0 && n < r.minProperties {
		x.report("minProperties", at, sp.with("/minProperties"), params(nil).int("limit", r.minProperties), "should NOT have fewer than "+strconv.Itoa(r.minProperties)+" properties")
	}
	for _, name := range r.required {
		// Those with a schema of their own are reported when that schema's turn comes.
		if p := r.declared(name); v.get(name) == nil && (p == nil || !p.node.rules) {
			x.explainMissing(name, at, sp)
		}
	}
	for _, d := range r.dependencies {
		if v.get(d.name) != nil {
			x.explainDependency(d, v, at, sp)
		}
	}
	if r.names != nil && r.names.rules {
		x.explainNames(r, v, at, sp)
	}
	x.explainProperties(r, v, at, sp)
}

func (x *explainer) explainMissing(name string, at *path, sp *schemaPath) {
	x.report("required", at, sp.with("/required"), params(nil).text("missingProperty", name), "should have required property '"+name+"'")
}

func (x *explainer) explainDependency(d dependency, v *value, at *path, sp *schemaPath) {
	if d.node != nil {
		x.eval(d.node, v, at, sp.with(d.path))
		return
	}
	list := strings.Join(d.needs, ", ")
	noun := "properties "
	if len(d.needs) == 1 {
		noun = "property "
	}
	for _, name := range d.needs {
		if v.get(name) == nil {
			p := params(nil).text("property", d.name).text("missingProperty", name).int("depsCount", len(d.needs)).text("deps", list)
			x.report("dependencies", at, sp.with("/dependencies"), p, "should have "+noun+list+" when property "+d.name+" is present")
		}
	}
}

func (x *explainer) explainNames(r *objectRules, v *value, at *path, sp *schemaPath) {
	inner := sp.with("/propertyNames")
	for _, m := range v.members {
		before := x.count
		if x.eval(r.names, &value{kind: kindString, text: m.key}, at, inner) {
			continue
		}
		for i := before; i < len(x.errs); i++ {
			x.errs[i].PropertyName = m.key
		}
		x.report("propertyNames", at, inner, params(nil).text("propertyName", m.key), "property name '"+m.key+"' is invalid")
	}
}

func (x *explainer) explainProperties(r *objectRules, v *value, at *path, sp *schemaPath) {
	if r.closed || r.additional != nil {
		inner := sp.with("/additionalProperties")
		for _, m := range v.members {
			switch {
			case r.declared(m.key) != nil || x.matches(r, m.key):
			case r.closed:
				x.report("additionalProperties", at, inner, params(nil).text("additionalProperty", m.key), "should NOT have additional properties")
			default:
				x.eval(r.additional, m.val, at.property(m.key, false), inner)
			}
		}
	}
	for i := range r.properties {
		p := &r.properties[i]
		if !p.node.rules {
			continue
		}
		if val := v.get(p.name); val != nil {
			x.eval(p.node, val, at.property(p.name, true), sp.with(p.path))
		} else if p.required {
			x.explainMissing(p.name, at, sp)
		}
	}
	for i := range r.patterns {
		pp := &r.patterns[i]
		if !pp.node.rules {
			continue
		}
		inner := sp.with(pp.path)
		for _, m := range v.members {
			if pp.pattern.match([]byte(m.key), &x.steps) {
				x.eval(pp.node, m.val, at.property(m.key, false), inner)
			}
		}
	}
}

// matches reports whether a patternProperties pattern matches the name.
func (x *explainer) matches(r *objectRules, name string) bool {
	for _, p := range r.patterns {
		if p.pattern.match([]byte(name), &x.steps) {
			return true
		}
	}
	return false
}
