package streamconfig

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxNodes bounds what aliases may unfold to, so that a small document cannot fill the memory.
const maxNodes = 2_000_000

// readWhole reads one YAML document into a value. Its lines are counted from the given one.
func readWhole(name *string, src []byte, line int, faults *[]Fault) (v *value, err error) {
	if v, found, plain := readPlain(name, src, line); plain {
		*faults = append(*faults, found...)
		return v, nil
	}
	return readAny(name, src, line, faults)
}

// readAny is readWhole for all of YAML.
func readAny(name *string, src []byte, line int, faults *[]Fault) (v *value, err error) {
	if tooDeep(src) {
		return nil, syntaxError{pos: Position{File: *name}, msg: "the brackets are nested too deep"}
	}
	parsed, err := parseYAML(src)
	if err != nil {
		return nil, yamlSyntax(*name, err)
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntaxError:
			err = e
		default:
			panic(e)
		}
	}()
	r := &yamlReader{file: name, line: int32(line), faults: faults, anchors: map[string]ast.Node{}}
	var body ast.Node
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.fail(doc.Body, "the file has more than one document")
		}
		body = doc.Body
	}
	if body == nil {
		return &value{file: name, line: 1, col: 1}, nil
	}
	return r.value(body, "", 0), nil
}

// parseYAML calls the parser, whose own faults must not end the program.
func parseYAML(src []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the YAML parser gives up on this text")
		}
	}()
	return parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
}

// tooDeep reports brackets or list dashes nested deeper than any configuration's: the parser's time grows with the square of the depth.
func tooDeep(text []byte) bool {
	depth, dashes := 0, 0
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '-', '?':
			dashes++
		case ' ':
		default:
			dashes = 0
		}
		if depth > maxDepth || dashes > 10*maxDepth {
			return true
		}
	}
	return false
}

func yamlSyntax(file string, err error) error {
	var located yaml.Error
	if errors.As(err, &located) {
		e := syntaxError{pos: Position{File: file}, msg: located.GetMessage()}
		if tok := located.GetToken(); tok != nil && tok.Position != nil {
			e.pos.Line, e.pos.Column = tok.Position.Line, tok.Position.Column
		}
		return e
	}
	return syntaxError{pos: Position{File: file}, msg: err.Error()}
}

type yamlReader struct {
	file    *string
	line    int32 // added to the parser's
	faults  *[]Fault
	anchors map[string]ast.Node
	open    []string // aliases being unfolded
	nodes   int
}

func (r *yamlReader) fail(n ast.Node, format string, args ...any) {
	panic(syntaxError{pos: r.place(n).position(), msg: fmt.Sprintf(format, args...)})
}

func (r *yamlReader) place(n ast.Node) *value {
	v := &value{file: r.file}
	// The parser's place of a block of members is its first colon.
	switch m := n.(type) {
	case *ast.MappingNode:
		if !m.IsFlowStyle && len(m.Values) > 0 {
			n = m.Values[0].Key
		}
	case *ast.MappingValueNode:
		n = m.Key
	}
	if tok := n.GetToken(); tok != nil && tok.Position != nil {
		v.line, v.col = int32(tok.Position.Line)+r.line, int32(tok.Position.Column)
	}
	return v
}

func (r *yamlReader) value(n ast.Node, pointer string, depth int) *value {
	if depth > maxDepth {
		r.fail(n, "nested more than %d levels deep", maxDepth)
	}
	if r.nodes++; r.nodes > maxNodes {
		r.fail(n, "the document unfolds to more than %d values", maxNodes)
	}
	v := r.place(n)
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.BoolNode:
		v.kind, v.text = kindBool, strconv.FormatBool(n.Value)
	case *ast.IntegerNode:
		v.kind, v.text = kindNumber, n.Token.Value
		if !isNumber(v.text) {
			v.text = fmt.Sprint(n.Value)
		}
	case *ast.FloatNode:
		v.kind, v.text = kindNumber, yamlFloat(n)
	case *ast.StringNode:
		v.kind, v.text = kindString, n.Value
		if n.Token.Type == token.StringType && isNumber(n.Value) {
			// 1e3, which the parser takes for a text.
			v.kind = kindNumber
		}
	case *ast.LiteralNode:
		v.kind, v.text = kindString, n.Value.Value
	case *ast.SequenceNode:
		v.kind = kindList
		for i, item := range n.Values {
			v.items = append(v.items, r.value(item, pointerIndex(pointer, i), depth+1))
		}
	case *ast.MappingNode:
		v.kind = kindObject
		r.members(v, n.Values, pointer, depth)
	case *ast.MappingValueNode:
		v.kind = kindObject
		r.members(v, []*ast.MappingValueNode{n}, pointer, depth)
	case *ast.AnchorNode:
		r.anchors[n.Name.GetToken().Value] = n.Value
		return r.value(n.Value, pointer, depth)
	case *ast.AliasNode:
		return r.alias(n, pointer, depth)
	case *ast.TagNode:
		return r.tagged(n, pointer, depth)
	default:
		r.fail(n, "%s cannot stand in a configuration", n.Type())
	}
	return v
}

// members adds the members of a mapping. Those that a merge key ("<<") brings in stand where it stands; the mapping's own win.
func (r *yamlReader) members(v *value, nodes []*ast.MappingValueNode, pointer string, depth int) {
	own := make(map[string]*value, len(nodes))
	for _, m := range nodes {
		if m.Key.IsMergeKey() {
			r.mergeKey(v, own, m.Value, pointer, depth)
			continue
		}
		key := r.key(m.Key)
		member := pointerStep(pointer, key)
		item := r.value(m.Value, member, depth+1)
		// The place of a member is its name's: that is where one looks for it.
		at := r.place(m.Key)
		shared := *item
		shared.line, shared.col = at.line, at.col
		item = &shared
		if first, twice := own[key]; twice {
			*r.faults = append(*r.faults, duplicate(member, key, first, item))
			continue
		}
		if v.kind == kindObject && len(own) < len(v.keys) {
			v.set(key, item)
		} else {
			v.keys, v.items = append(v.keys, key), append(v.items, item)
		}
		own[key] = item
	}
}

func (r *yamlReader) mergeKey(v *value, own map[string]*value, n ast.Node, pointer string, depth int) {
	merged := r.value(n, pointer, depth+1)
	if merged.kind == kindObject {
		merged = &value{kind: kindList, items: []*value{merged}}
	}
	for _, m := range merged.items {
		if m.kind != kindObject {
			r.fail(n, `what "<<" brings in must be a mapping`)
		}
		for i, key := range m.keys {
			if v.get(key) == nil && own[key] == nil {
				v.set(key, m.items[i])
			}
		}
	}
}

func (r *yamlReader) key(n ast.Node) string {
	if k, ok := n.(*ast.MappingKeyNode); ok {
		n = k.Value
	}
	switch k := n.(type) {
	case *ast.StringNode:
		return k.Value
	case *ast.LiteralNode:
		return k.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return n.GetToken().Value
	}
	v := r.value(n, "", 0)
	if v.isArray() {
		r.fail(n, "a member's name must be a text")
	}
	return v.text
}

func (r *yamlReader) alias(n *ast.AliasNode, pointer string, depth int) *value {
	name := n.Value.GetToken().Value
	target, ok := r.anchors[name]
	if !ok {
		r.fail(n, "the alias *%s has no anchor &%s before it", name, name)
	}
	for _, open := range r.open {
		if open == name {
			r.fail(n, "the alias *%s stands inside its own anchor", name)
		}
	}
	r.open = append(r.open, name)
	v := r.value(target, pointer, depth+1)
	r.open = r.open[:len(r.open)-1]
	return v
}

func (r *yamlReader) tagged(n *ast.TagNode, pointer string, depth int) *value {
	tag := n.GetToken().Value
	v := r.value(n.Value, pointer, depth)
	switch {
	case tag == "!!str" && !v.isArray():
		text := v.text
		if tok := n.Value.GetToken(); v.kind != kindString && tok != nil {
			text = tok.Value
		}
		return &value{kind: kindString, text: text, line: v.line, col: v.col, file: v.file}
	case tag == "!!map" && v.kind == kindObject, tag == "!!seq" && v.kind == kindList,
		tag == "!!int" && v.kind == kindNumber, tag == "!!float" && v.kind == kindNumber,
		tag == "!!bool" && v.kind == kindBool, tag == "!!null" && v.kind == kindNull:
		return v
	}
	r.fail(n, "the tag %s is not supported here", tag)
	return nil
}

// yamlFloat keeps the digits as written where JSON can say them.
func yamlFloat(n *ast.FloatNode) string {
	if tok := n.GetToken(); tok != nil && isNumber(tok.Value) {
		return tok.Value
	}
	if math.IsInf(n.Value, 0) || math.IsNaN(n.Value) {
		return "null"
	}
	return strconv.FormatFloat(n.Value, 'g', -1, 64)
}

// isNumber reports whether a text is a number of JSON.
func isNumber(s string) bool { return numberEnd([]byte(s), 0) == len(s) && s != "" }
