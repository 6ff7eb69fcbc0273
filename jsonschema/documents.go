package jsonschema

import (
	"fmt"
	"strconv"
	"strings"
)

// document is a schema text: the one given to Compile or one that a $ref loaded.
type document struct {
	uri   string // what it was loaded by, "" for the one given to Compile
	src   []byte
	root  *value
	draft Draft
	meta  bool // a meta-schema: ajv fills in no defaults from those
}

// place is a subschema's place: where it is and the base URI that its $refs are resolved against.
type place struct {
	doc     *document
	v       *value
	base    string
	pointer string
}

func (p place) fail(format string, args ...any) error {
	return &SchemaError{URI: p.doc.uri, Pointer: p.pointer, Reason: fmt.Sprintf(format, args...)}
}

// child is the place of a value under this one.
func (p place) child(v *value, names ...string) place {
	for _, name := range names {
		p.pointer += "/" + pointerEscaper.Replace(name)
	}
	p.v = v
	p.base = rebase(p.base, v)
	return p
}

// rebase returns the base URI inside a schema: its $id resolved against the one around it. A $id beside a $ref does not count.
func rebase(base string, v *value) string {
	id, ok := schemaID(v)
	if !ok || id[0] == '#' {
		return base
	}
	if ref := v.get("$ref"); ref != nil && ref.kind == kindString {
		return base
	}
	abs := resolveURI(base, id)
	abs, _, _ = strings.Cut(abs, "#")
	return abs
}

// schemaID returns the schema's $id, or the id of draft-04: ajv reads both in every draft.
func schemaID(v *value) (string, bool) {
	for _, key := range []string{"$id", "id"} {
		if id := v.get(key); id != nil && id.kind == kindString && id.text != "" {
			return id.text, true
		}
	}
	return "", false
}

// Where a schema holds other schemas.
var (
	arrayKeywords = map[string]bool{"items": true, "allOf": true, "anyOf": true, "oneOf": true}
	mapKeywords   = map[string]bool{"definitions": true, "properties": true, "patternProperties": true, "dependencies": true}
	dataKeywords  = map[string]bool{"enum": true, "const": true, "default": true, "examples": true, "required": true, "type": true}
)

// index registers the $ids of a schema and of those inside it. Materialised schemas repeat the same $id in many places; the last one stands for it.
func (c *compiler) index(p place) {
	v := p.v
	if v.kind != kindObject {
		return
	}
	if id, ok := schemaID(v); ok && v.get("$ref") == nil {
		if abs := resolveURI(p.base, id); strings.Contains(abs, "#") {
			c.places[abs] = p
		} else if v != p.doc.root {
			c.places[abs] = p
		}
	}
	for _, m := range v.members {
		switch {
		case dataKeywords[m.key]:
		case mapKeywords[m.key] && m.val.kind == kindObject:
			for _, sub := range m.val.members {
				c.index(p.child(sub.val, m.key, sub.key))
			}
		case arrayKeywords[m.key] && m.val.kind == kindArray:
			for i, sub := range m.val.elems {
				c.index(p.child(sub, m.key, strconv.Itoa(i)))
			}
		default:
			c.index(p.child(m.val, m.key))
		}
	}
}

// resolve finds the place that a $ref names.
func (c *compiler) resolve(from place, ref string) (place, error) { return c.resolveHop(from, ref, 0) }

func (c *compiler) resolveHop(from place, ref string, hops int) (place, error) {
	abs := resolveURI(from.base, ref)
	if p, ok := c.places[abs]; ok {
		return p, nil
	}
	doc, fragment, _ := strings.Cut(abs, "#")
	p, ok := c.places[doc]
	if !ok {
		loaded, err := c.load(from, ref, doc)
		if err != nil {
			return place{}, err
		}
		p = loaded
		if p, ok := c.places[abs]; ok {
			return p, nil
		}
	}
	if fragment == "" || fragment == "/" {
		return p, nil
	}
	fragment = unescapePercent(fragment)
	if fragment[0] != '/' {
		return place{}, from.fail("$ref %q names nothing: no schema has the $id %q", ref, "#"+fragment)
	}
	for _, name := range strings.Split(fragment[1:], "/") {
		name = pointerUnescaper.Replace(name)
		next := p.v.get(name)
		if p.v.kind == kindArray {
			if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(p.v.elems) {
				next = p.v.elems[i]
			}
		}
		if next == nil {
			return place{}, from.fail("$ref %q names nothing: there is no %s", ref, p.pointer+"/"+pointerEscaper.Replace(name))
		}
		p = p.child(next, name)
		if mapKeywords[name] {
			continue
		}
		// As ajv has it, a pointer that leads to a $ref leads on from there.
		if ref := next.get("$ref"); ref != nil && ref.kind == kindString {
			if hops++; hops > c.o.Limits.Refs {
				return place{}, from.fail("$ref %q leads in a circle", ref.text)
			}
			on, err := c.resolveHop(p, ref.text, hops)
			if err != nil {
				return place{}, err
			}
			p = on
		}
	}
	return p, nil
}
