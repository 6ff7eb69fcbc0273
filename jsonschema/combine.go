package jsonschema

import (
	"strconv"
)

// anyRules are the keywords for values of every type: const, enum, not, anyOf, oneOf, allOf, and if with then and else.
type anyRules struct {
	constant  *value
	enum      []*value // the keyword's values; nil without
	enumJSON  []byte   // for the params
	constJSON []byte

	// What the first pass compares with: of const and of enum.
	constAllowed, enumAllowed *allowed

	not                        *node
	anyOf, oneOf, allOf        []*node
	condition, then, otherwise *node
}

// anyKeywords compiles the group.
func (c *compiler) anyKeywords(n *node, p place, composite bool) error {
	if !n.used[groupAny] {
		return nil
	}
	r := &anyRules{}
	if v := p.v.get("const"); v != nil {
		r.constant, r.constJSON = v, v.appendJSON(nil, false)
		r.constAllowed = newAllowed([]*value{v})
		c.rereads = c.rereads || r.constAllowed.containers
	}
	if v := p.v.get("enum"); v != nil {
		if v.kind != kindArray {
			return p.child(v, "enum").fail("enum is not an array")
		}
		if len(v.elems) > c.o.Limits.Enum {
			return p.child(v, "enum").fail("enum has more than %d values", c.o.Limits.Enum)
		}
		r.enum, r.enumJSON = v.elems, v.appendJSON(nil, false)
		if r.enum == nil {
			r.enum = []*value{}
		}
		r.enumAllowed = newAllowed(r.enum)
		c.rereads = c.rereads || r.enumAllowed.containers
	}
	var err error
	if r.not, err = c.sub(p, "not", true); err != nil {
		return err
	}
	if r.anyOf, err = c.list(p, "anyOf", true); err != nil {
		return err
	}
	if r.oneOf, err = c.list(p, "oneOf", true); err != nil {
		return err
	}
	if r.allOf, err = c.list(p, "allOf", composite); err != nil {
		return err
	}
	if p.v.get("then") != nil || p.v.get("else") != nil {
		if r.condition, err = c.sub(p, "if", true); err != nil {
			return err
		}
	}
	if r.condition != nil {
		if r.then, err = c.sub(p, "then", composite); err != nil {
			return err
		}
		if r.otherwise, err = c.sub(p, "else", composite); err != nil {
			return err
		}
	}
	n.any, n.more = r, true
	c.rereads = c.rereads || r.combines()
	return nil
}

// combines reports whether the rules apply further schemas to the value.
func (r *anyRules) combines() bool {
	return r.not != nil || r.condition != nil || len(r.anyOf)+len(r.oneOf)+len(r.allOf) > 0
}

// list compiles a keyword's list of schemas.
func (c *compiler) list(p place, keyword string, composite bool) ([]*node, error) {
	v := p.v.get(keyword)
	if v == nil {
		return nil, nil
	}
	if v.kind != kindArray {
		return nil, p.child(v, keyword).fail("%s is not a list of schemas", keyword)
	}
	nodes := make([]*node, len(v.elems))
	for i, e := range v.elems {
		n, err := c.node(p.child(e, keyword, strconv.Itoa(i)), composite)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

func (x *explainer) explainAny(r *anyRules, v *value, at *path, sp *schemaPath) {
	if r.constant != nil && !equal(v, r.constant) {
		x.report("const", at, sp.with("/const"), params(nil).raw("allowedValue", r.constJSON), "should be equal to constant")
	}
	if r.enum != nil && !x.among(v, r) {
		x.report("enum", at, sp.with("/enum"), params(nil).raw("allowedValues", r.enumJSON), "should be equal to one of the allowed values")
	}
	if r.not != nil {
		before := x.count
		inner := sp.with("/not")
		if passed := x.eval(r.not, v, at, inner); passed {
			x.report("not", at, inner, nil, "should NOT be valid")
		} else {
			x.forget(before)
		}
	}
	x.explainAnyOf(r, v, at, sp)
	x.explainOneOf(r, v, at, sp)
	for i, n := range r.allOf {
		x.eval(n, v, at, sp.with("/allOf/"+strconv.Itoa(i)))
	}
	x.explainIf(r, v, at, sp)
}

func (x *explainer) among(v *value, r *anyRules) bool {
	switch v.kind {
	case kindArray, kindObject:
	case kindString:
		return r.enumAllowed.admits([]byte{'"'}, []byte(v.text))
	default:
		return v.kind != kindUndefined && r.enumAllowed.admits(v.appendJSON(nil, true), nil)
	}
	for _, e := range r.enum {
		x.spend(1)
		if equal(v, e) {
			return true
		}
	}
	return false
}

func (x *explainer) explainAnyOf(r *anyRules, v *value, at *path, sp *schemaPath) {
	if len(r.anyOf) == 0 {
		return
	}
	for _, n := range r.anyOf {
		if !n.rules {
			return // ajv does not even look at the others
		}
	}
	before := x.count
	for i, n := range r.anyOf {
		if x.eval(n, v, at, sp.with("/anyOf/"+strconv.Itoa(i))) {
			x.forget(before)
			return
		}
	}
	x.report("anyOf", at, sp.with("/anyOf"), nil, "should match some schema in anyOf")
}

func (x *explainer) explainOneOf(r *anyRules, v *value, at *path, sp *schemaPath) {
	if r.oneOf == nil {
		return
	}
	before := x.count
	passing := -1
	for i, n := range r.oneOf {
		if !x.eval(n, v, at, sp.with("/oneOf/"+strconv.Itoa(i))) {
			continue
		}
		if passing >= 0 {
			pair := "[" + strconv.Itoa(passing) + "," + strconv.Itoa(i) + "]"
			x.report("oneOf", at, sp.with("/oneOf"), params(nil).raw("passingSchemas", []byte(pair)), "should match exactly one schema in oneOf")
			return
		}
		passing = i
	}
	if passing >= 0 {
		x.forget(before)
		return
	}
	x.report("oneOf", at, sp.with("/oneOf"), params(nil).raw("passingSchemas", []byte("null")), "should match exactly one schema in oneOf")
}

func (x *explainer) explainIf(r *anyRules, v *value, at *path, sp *schemaPath) {
	if r.condition == nil || (r.then == nil || !r.then.rules) && (r.otherwise == nil || !r.otherwise.rules) {
		return
	}
	before := x.count
	clause, n := "else", r.otherwise
	if x.eval(r.condition, v, at, sp.with("/if")) {
		clause, n = "then", r.then
	}
	x.forget(before)
	if n == nil || !n.rules {
		return
	}
	if !x.eval(n, v, at, sp.with("/"+clause)) {
		x.report("if", at, sp.with("/if"), params(nil).text("failingKeyword", clause), `should match "`+clause+`" schema`)
	}
}
