package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxNodes and maxDepth bound what aliases may unfold to, so that a small file cannot fill the memory.
const (
	maxNodes = 200_000
	maxDepth = 100
)

// parse reads one YAML document. Doubled keys are faults; the first one is kept.
func (r *reading) parse(text []byte) (root *node) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case unreadable:
			r.fault(e.line, "", "%s", e.text)
			root = nil
		default:
			panic(e)
		}
	}()
	parsed, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		panic(syntax(err))
	}
	y := &yamlReader{reading: r, anchors: map[string]ast.Node{}}
	var body ast.Node
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			y.fail(doc.Body, "the file has more than one document: remove the line ---")
		}
		body = doc.Body
	}
	if body == nil {
		return &node{line: 1}
	}
	return y.node(body, 0)
}

// unreadable ends the reading of a document.
type unreadable struct {
	line int
	text string
}

func syntax(err error) unreadable {
	var located yaml.Error
	if !errors.As(err, &located) {
		return unreadable{text: "this is not YAML: " + err.Error()}
	}
	u := unreadable{text: "this is not YAML: " + located.GetMessage()}
	if token := located.GetToken(); token != nil && token.Position != nil {
		u.line = token.Position.Line
	}
	return u
}

type yamlReader struct {
	*reading
	anchors map[string]ast.Node
	open    []string // aliases that are being unfolded
	nodes   int
}

func (y *yamlReader) fail(n ast.Node, format string, args ...any) {
	panic(unreadable{lineOf(n), fmt.Sprintf(format, args...)})
}

func lineOf(n ast.Node) int {
	if token := n.GetToken(); token != nil && token.Position != nil {
		return token.Position.Line
	}
	return 0
}

func (y *yamlReader) node(n ast.Node, depth int) *node {
	if depth > maxDepth {
		y.fail(n, "nested more than %d levels deep", maxDepth)
	}
	if y.nodes++; y.nodes > maxNodes {
		y.fail(n, "the file unfolds to more than %d values", maxNodes)
	}
	out := &node{line: lineOf(n)}
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.BoolNode:
		out.kind, out.text = kindBool, strconv.FormatBool(n.Value)
	case *ast.IntegerNode:
		out.kind, out.text = kindNumber, fmt.Sprint(n.Value)
	case *ast.FloatNode:
		out.kind, out.text = kindNumber, strconv.FormatFloat(n.Value, 'g', -1, 64)
	case *ast.InfinityNode:
		out.kind, out.text = kindNumber, strconv.FormatFloat(n.Value, 'g', -1, 64)
	case *ast.NanNode:
		out.kind, out.text = kindNumber, strconv.FormatFloat(math.NaN(), 'g', -1, 64)
	case *ast.StringNode:
		out.kind, out.text = kindText, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = kindText, n.Value.Value
	case *ast.SequenceNode:
		out.kind = kindList
		for _, item := range n.Values {
			out.items = append(out.items, y.node(item, depth+1))
		}
	case *ast.MappingNode:
		out.kind = kindObject
		y.members(out, n.Values, depth)
	case *ast.MappingValueNode:
		out.kind = kindObject
		y.members(out, []*ast.MappingValueNode{n}, depth)
	case *ast.AnchorNode:
		y.anchors[n.Name.GetToken().Value] = n.Value
		return y.node(n.Value, depth)
	case *ast.AliasNode:
		return y.alias(n, depth)
	case *ast.TagNode:
		return y.node(n.Value, depth)
	default:
		y.fail(n, "%s cannot stand in a configuration", n.Type())
	}
	return out
}

// members adds the members of a mapping; its own win over those that a merge key ("<<") brings in.
func (y *yamlReader) members(out *node, values []*ast.MappingValueNode, depth int) {
	own := map[string]int{}
	for _, m := range values {
		line := lineOf(m.Key)
		if m.Key.IsMergeKey() {
			y.mergeKey(out, m.Value, depth)
			continue
		}
		key := y.key(m.Key)
		if first, twice := own[key]; twice {
			y.fault(line, key, "is given twice, first in line %d: remove one of them", first)
			continue
		}
		own[key] = line
		out.set(key, y.node(m.Value, depth+1), line)
	}
}

func (y *yamlReader) mergeKey(out *node, value ast.Node, depth int) {
	merged := y.node(value, depth+1)
	if merged.kind == kindObject {
		merged = &node{kind: kindList, items: []*node{merged}}
	}
	for _, m := range merged.items {
		if m.kind != kindObject {
			y.fail(value, `what "<<" brings in must be an object`)
		}
		for i, key := range m.keys {
			if out.get(key) == nil {
				out.set(key, m.items[i], m.at[i])
			}
		}
	}
}

func (y *yamlReader) key(n ast.Node) string {
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
	y.fail(n, "a key must be a text")
	return ""
}

func (y *yamlReader) alias(n *ast.AliasNode, depth int) *node {
	name := n.Value.GetToken().Value
	target, ok := y.anchors[name]
	if !ok {
		y.fail(n, "the alias *%s has no anchor &%s before it", name, name)
	}
	for _, open := range y.open {
		if open == name {
			y.fail(n, "the alias *%s stands inside its own anchor", name)
		}
	}
	y.open = append(y.open, name)
	out := *y.node(target, depth+1)
	y.open = y.open[:len(y.open)-1]
	return &out
}
