package jsonschema

import (
	"errors"
	"fmt"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// compiler turns schema texts into nodes.
type compiler struct {
	o        Options
	check    bool              // check schemas against their meta-schemas; else they are meta-schemas
	places   map[string]place  // by absolute URI
	nodes    map[nodeKey]*node // what is compiled or being compiled
	withRef  map[*value]bool   // whether a value has a $ref in it
	patterns map[string]*pattern
	order    []compiled // the nodes in the order in which they were met
	bytes    int
	refs     int

	// What holds for the program as a whole.
	defaults bool // some default can be filled in
	rereads  bool // some value is looked at again after defaults were filled in below it
	objects  []*objectRules
}

// compiled is a node and where it comes from.
type compiled struct {
	node *node
	at   place
}

// nodeKey identifies a node: ajv compiles a schema differently inside a combinator, where it fills in no defaults.
type nodeKey struct {
	v         *value
	composite bool
}

func compile(src []byte, o Options, check bool) (*Schema, error) {
	c := &compiler{o: o, check: check, places: map[string]place{}, nodes: map[nodeKey]*node{}, withRef: map[*value]bool{}, patterns: map[string]*pattern{}}
	c.o.Limits = o.Limits.withDefaults()
	root, err := c.add("", src)
	if err != nil {
		return nil, err
	}
	n, err := c.node(root, false)
	if err != nil {
		return nil, err
	}
	s := &Schema{root: n}
	if id, ok := schemaID(root.v); ok {
		s.id = id
	}
	if title := root.v.get("title"); title != nil && title.kind == kindString {
		s.title = title.text
	}
	if err := c.checkCost(); err != nil {
		return nil, err
	}
	s.hasDefaults = c.defaults
	if err := c.link(s); err != nil {
		return nil, err
	}
	return s, nil
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.Bytes, 16<<20)
	set(&l.Depth, 256)
	set(&l.Refs, 10_000)
	set(&l.Enum, 100_000)
	set(&l.Nodes, 100_000)
	set(&l.Steps, 10_000)
	return l
}

// add reads a schema text and registers it and the $ids in it.
func (c *compiler) add(uri string, src []byte) (place, error) {
	p := place{doc: &document{uri: uri, src: src}}
	_, p.doc.meta = draftOf(uri)
	p.doc.meta = p.doc.meta || !c.check
	if c.bytes += len(src); c.bytes > c.o.Limits.Bytes {
		return p, p.fail("the schema with what it refers to is larger than %d bytes", c.o.Limits.Bytes)
	}
	if err := rawjson.Check(src); err != nil {
		return p, &SchemaError{URI: uri, Reason: "not JSON: " + err.Error(), Cause: err}
	}
	if nesting(src) > c.o.Limits.Depth {
		return p, p.fail("nested deeper than %d", c.o.Limits.Depth)
	}
	v := parse(src)
	p.doc.root, p.v, p.doc.draft = v, v, c.o.Draft
	switch v.kind {
	case kindObject, kindTrue, kindFalse:
	default:
		return p, p.fail("a schema is an object or a boolean")
	}
	if s := v.get("$schema"); s != nil {
		if s.kind != kindString {
			return p, p.child(s, "$schema").fail("$schema is not a string")
		}
		draft, ok := draftOf(s.text)
		if !ok {
			return p, p.child(s, "$schema").fail("unknown meta-schema %q: known are draft-04, draft-06 and draft-07 of http://json-schema.org/", s.text)
		}
		p.doc.draft = draft
	}
	if c.check {
		if err := c.checkMeta(p); err != nil {
			return p, err
		}
	}
	p.base, _, _ = strings.Cut(uri, "#")
	c.places[p.base] = p
	p.base = rebase(p.base, v)
	c.places[p.base] = p
	c.index(p)
	return p, nil
}

func (c *compiler) checkMeta(p place) error {
	err := metaSchema(p.doc.draft).Validate(p.doc.src)
	if err == nil {
		return nil
	}
	reason := err.Error()
	pointer := ""
	var refused *ValidationError
	if errors.As(err, &refused) {
		first := refused.Errors[0]
		pointer = first.Pointer
		reason = fmt.Sprintf("%s (%s of the meta-schema of %s)", first.Message, first.Keyword, metaSchemas[p.doc.draft].name)
	}
	return &SchemaError{URI: p.doc.uri, Pointer: pointer, Reason: reason, Cause: err}
}

// load fetches the schema that a $ref names by the absolute URI.
func (c *compiler) load(from place, ref, uri string) (place, error) {
	if draft, ok := draftOf(uri); ok {
		return c.add(uri, metaSchemas[draft].src)
	}
	if c.o.Load == nil {
		return place{}, from.fail("$ref %q is outside the schema", ref)
	}
	src, err := c.o.Load(uri)
	if err != nil {
		return place{}, &SchemaError{URI: from.doc.uri, Pointer: from.pointer, Reason: fmt.Sprintf("cannot load $ref %q: %v", ref, err), Cause: err}
	}
	return c.add(uri, src)
}

// nesting returns how deep the arrays and objects of a checked text are nested.
func nesting(src []byte) int {
	depth, deepest := 0, 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '"':
			end, _ := rawjson.ScanString(src, i)
			i = end - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// node compiles the subschema at p. It may return a node that is still being compiled, if the schema is recursive.
func (c *compiler) node(p place, composite bool) (*node, error) {
	switch p.v.kind {
	case kindTrue:
		return anyNode, nil
	case kindFalse:
		return noNode, nil
	case kindObject:
	default:
		return nil, p.fail("a schema is an object or a boolean")
	}
	key := nodeKey{p.v, composite}
	if n, ok := c.nodes[key]; ok {
		return n, nil
	}
	if len(c.nodes) >= c.o.Limits.Nodes {
		return nil, p.fail("more than %d subschemas", c.o.Limits.Nodes)
	}
	n := &node{types: anyType}
	c.nodes[key] = n
	c.order = append(c.order, compiled{n, p})
	for _, m := range p.v.members {
		g, ok := keywordGroups[m.key]
		if !ok {
			continue
		}
		n.rules = true
		if m.key == "format" {
			n.used[groupNumber] = true
		}
		n.used[g] = true
	}
	if err := c.types(n, p); err != nil {
		return nil, err
	}
	if ref := p.v.get("$ref"); ref != nil && ref.kind == kindString {
		n.more = true
		return n, c.ref(n, p, ref.text, composite)
	}
	for _, group := range []func(*node, place, bool) error{c.numbers, c.strings, c.arrays, c.objectKeywords, c.anyKeywords} {
		if err := group(n, p, composite); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// sub compiles the schema that a keyword holds; nil without the keyword.
func (c *compiler) sub(p place, keyword string, composite bool) (*node, error) {
	v := p.v.get(keyword)
	if v == nil {
		return nil, nil
	}
	return c.node(p.child(v, keyword), composite)
}

// count returns the non-negative integer that a keyword holds, -1 without the keyword.
func count(p place, keyword string) (int, error) {
	v := p.v.get(keyword)
	if v == nil {
		return -1, nil
	}
	if v.kind == kindNumber {
		n := parseNumber([]byte(v.text))
		if !n.neg && n.isInteger() {
			if n.exp > 15 {
				return 1 << 50, nil // more than any event has
			}
			i, scale := n.integer()
			result := int(i.Int64())
			for ; scale > 0; scale-- {
				result *= 10
			}
			return result, nil
		}
	}
	return 0, p.child(v, keyword).fail("%s is not a non-negative integer", keyword)
}
