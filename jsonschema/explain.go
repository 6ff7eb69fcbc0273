package jsonschema

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// explainer is the second pass: it applies the program to a parsed event in ajv's order, fills in defaults as ajv does, and lists every error.
type explainer struct {
	errs  []Error // the first ones
	count int     // of all errors
	steps int     // how many more subschemas may be applied
	// filling tells that defaults are filled in that the schema itself refuses.
	filling bool
}

// tooCostly ends a pass whose steps are used up.
type tooCostly struct{}

// stepsFor bounds the work on an event of so many bytes. Real schemas need about one step a value.
func stepsFor(bytes int) int { return 1<<18 + 8*bytes }

// explain runs the second pass over a parsed event, which it changes: defaults are filled in. It reports false if that was too costly.
func (s *Schema) explain(v *value, size int) (errs []Error, ok bool) {
	x := &explainer{steps: stepsFor(size)}
	x.tryEval(s.root, v)
	return x.errs, x.steps >= 0
}

// tryEval is eval, ended when the steps are used up.
func (x *explainer) tryEval(n *node, v *value) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, costly := r.(tooCostly); !costly {
				panic(r)
			}
			ok = false
		}
	}()
	return x.eval(n, v, &path{}, rootPath)
}

// spend takes steps.
func (x *explainer) spend(steps int) {
	if x.steps -= steps; x.steps < 0 {
		panic(tooCostly{})
	}
}

// eval applies a node to a value, appends what it refuses and reports whether that is nothing.
func (x *explainer) eval(n *node, v *value, at *path, sp *schemaPath) bool {
	before := x.count
	x.spend(1)
	switch n.fixed {
	case alwaysTrue:
		return true
	case alwaysFalse:
		x.report("false schema", at, sp.with("/false schema"), nil, "boolean schema is false")
		return false
	}
	wrong := n.typeNames != "" && !n.types.admits(v)
	if wrong && n.typeGroup == groupNone {
		x.explainType(n, at, sp)
	}
	if n.ref != nil {
		x.explainRef(n.ref, v, at)
		return x.count == before
	}
	if v.kind == kindNumber && n.num != nil {
		x.explainNumber(n.num, v, at, sp)
	} else if wrong && n.typeGroup == groupNumber {
		x.explainType(n, at, sp)
	}
	if v.kind == kindString && n.str != nil {
		x.explainString(n.str, v, at, sp)
	} else if wrong && n.typeGroup == groupString {
		x.explainType(n, at, sp)
	}
	if v.kind == kindArray && n.arr != nil {
		x.explainArray(n.arr, v, at, sp)
	} else if wrong && n.typeGroup == groupArray {
		x.explainType(n, at, sp)
	}
	if v.kind == kindObject && n.obj != nil {
		x.explainObject(n.obj, v, at, sp)
	} else if wrong && n.typeGroup == groupObject {
		x.explainType(n, at, sp)
	}
	if n.any != nil {
		x.explainAny(n.any, v, at, sp)
	}
	return x.count == before
}

// maxErrors is how many errors are listed.
const maxErrors = 10_000

// forget drops the errors after the first ones.
func (x *explainer) forget(count int) {
	x.count = count
	x.errs = x.errs[:min(count, len(x.errs))]
}

func (x *explainer) report(keyword string, at *path, sp *schemaPath, p params, message string) {
	if x.count++; len(x.errs) >= maxErrors {
		return
	}
	x.errs = append(x.errs, Error{Keyword: keyword, DataPath: at.dataPath(), SchemaPath: sp.String(), Params: p.json(), Message: message, Pointer: at.pointer()})
}

// params are an error's params, a JSON object being written.
type params []byte

func (p params) raw(key string, json []byte) params {
	if p == nil {
		p = params("{")
	} else {
		p = append(p, ',')
	}
	p = rawjson.AppendQuoted(p, []byte(key))
	return append(append(p, ':'), json...)
}

func (p params) text(key, text string) params {
	return p.raw(key, rawjson.AppendQuoted(nil, []byte(text)))
}
func (p params) int(key string, i int) params {
	return p.raw(key, strconv.AppendInt(nil, int64(i), 10))
}

func (p params) json() json.RawMessage {
	if p == nil {
		return json.RawMessage("{}")
	}
	return json.RawMessage(append(p, '}'))
}

// path is a place in the event: a chain of steps up to the event itself, which has up == nil.
type path struct {
	up   *path
	name string
	// declared tells that the schema names the property: ajv then writes an identifier as .name and escapes quotes.
	declared bool
	index    int
	element  bool
}

func (at *path) property(name string, declared bool) *path {
	return &path{up: at, name: name, declared: declared}
}
func (at *path) item(i int) *path { return &path{up: at, index: i, element: true} }

func (at *path) chain() []*path {
	var steps []*path
	for ; at.up != nil; at = at.up {
		steps = append(steps, at)
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return steps
}

// dataPath writes the path as ajv does.
func (at *path) dataPath() string {
	var s strings.Builder
	for _, step := range at.chain() {
		switch {
		case step.element:
			s.WriteString("[" + strconv.Itoa(step.index) + "]")
		case !step.declared:
			s.WriteString("['" + step.name + "']")
		case identifier(step.name):
			s.WriteString("." + step.name)
		default:
			s.WriteString("['" + quoteEscaper.Replace(step.name) + "']")
		}
	}
	return s.String()
}

var quoteEscaper = strings.NewReplacer(`'`, `\'`, `\`, `\\`, "\n", `\n`, "\r", `\r`, "\f", `\f`, "\t", `\t`)

func identifier(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// pointer writes the path as a JSON pointer.
func (at *path) pointer() string {
	var s strings.Builder
	for _, step := range at.chain() {
		if step.element {
			s.WriteString("/" + strconv.Itoa(step.index))
		} else {
			s.WriteString("/" + pointerEscaper.Replace(step.name))
		}
	}
	return s.String()
}

// schemaPath is a place in the schema: a chain of segments.
type schemaPath struct {
	up      *schemaPath
	segment string
}

var rootPath = &schemaPath{segment: "#"}

func (sp *schemaPath) with(segment string) *schemaPath { return &schemaPath{up: sp, segment: segment} }

func (sp *schemaPath) String() string {
	if sp.up == nil {
		return sp.segment
	}
	return sp.up.String() + sp.segment
}
