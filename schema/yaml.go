package schema

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

const (
	maxYAMLDepth = 200
	// maxYAMLNodes bounds what aliases may unfold to.
	maxYAMLNodes = 1_000_000
)

// ToJSON turns a schema's text, YAML or JSON, into JSON. The order of members stays: it is the order in which errors are told.
func ToJSON(text []byte) (_ []byte, err error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if i := rawjson.SkipSpace(text, 0); i < len(text) && text[i] == '{' {
		if rawjson.Check(text) == nil {
			return bytes.TrimSpace(text), nil
		}
	}
	if tooDeep(text) {
		return nil, errors.New("the brackets are nested too deep")
	}
	parsed, err := parseYAML(text)
	if err != nil {
		var located yaml.Error
		if errors.As(err, &located) && located.GetToken() != nil && located.GetToken().Position != nil {
			return nil, fmt.Errorf("line %d: %s", located.GetToken().Position.Line, located.GetMessage())
		}
		return nil, err
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case yamlError:
			err = e
		default:
			panic(e)
		}
	}()
	w := &yamlWriter{anchors: map[string]ast.Node{}, b: make([]byte, 0, len(text))}
	found := false
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		if found {
			w.fail(doc.Body, "the file has more than one document")
		}
		found = true
		w.write(doc.Body, 0)
	}
	if !found {
		return nil, errors.New("the file is empty")
	}
	return w.b, nil
}

// parseYAML calls the parser, whose own faults must not end the program.
func parseYAML(text []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the YAML parser gives up on this text")
		}
	}()
	return parser.ParseBytes(text, 0)
}

// tooDeep reports brackets or list dashes nested deeper than any schema's: the parser's time grows with the square of the depth.
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
		if depth > maxYAMLDepth || dashes > 10*maxYAMLDepth {
			return true
		}
	}
	return false
}

type yamlError string

func (e yamlError) Error() string { return string(e) }

// yamlWriter writes YAML nodes as JSON.
type yamlWriter struct {
	b       []byte
	anchors map[string]ast.Node
	open    []string
	nodes   int
}

func (w *yamlWriter) fail(n ast.Node, format string, args ...any) {
	line := 0
	if tok := n.GetToken(); tok != nil && tok.Position != nil {
		line = tok.Position.Line
	}
	panic(yamlError(fmt.Sprintf("line %d: ", line) + fmt.Sprintf(format, args...)))
}

func (w *yamlWriter) write(n ast.Node, depth int) {
	if w.nodes++; depth > maxYAMLDepth || w.nodes > maxYAMLNodes {
		w.fail(n, "the document is nested too deep or unfolds to too much")
	}
	switch n := n.(type) {
	case *ast.NullNode:
		w.b = append(w.b, "null"...)
	case *ast.BoolNode:
		w.b = strconv.AppendBool(w.b, n.Value)
	case *ast.IntegerNode:
		if written := n.Token.Value; isNumber(written) {
			w.b = append(w.b, written...)
			return
		}
		w.b = fmt.Append(w.b, n.Value)
	case *ast.FloatNode:
		w.float(n)
	case *ast.StringNode:
		if n.Token.Type == token.StringType && isNumber(n.Value) {
			// 1e3, which the parser takes for a text.
			w.b = append(w.b, n.Value...)
			return
		}
		w.b = rawjson.AppendQuoted(w.b, []byte(n.Value))
	case *ast.LiteralNode:
		w.b = rawjson.AppendQuoted(w.b, []byte(n.Value.Value))
	case *ast.SequenceNode:
		w.b = append(w.b, '[')
		for i, item := range n.Values {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.write(item, depth+1)
		}
		w.b = append(w.b, ']')
	case *ast.MappingNode:
		w.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		w.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.AnchorNode:
		w.anchors[n.Name.GetToken().Value] = n.Value
		w.write(n.Value, depth)
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		w.unfold(n, name, func(target ast.Node) { w.write(target, depth+1) })
	case *ast.TagNode:
		w.tagged(n, depth)
	default:
		w.fail(n, "%s cannot stand in a schema", n.Type())
	}
}

// float keeps the digits as written where JSON can say them.
func (w *yamlWriter) float(n *ast.FloatNode) {
	written := n.GetToken().Value
	switch {
	case math.IsInf(n.Value, 0) || math.IsNaN(n.Value):
		w.fail(n, "%s is no number of JSON", written)
	case isNumber(written):
		w.b = append(w.b, written...)
	default:
		w.b = strconv.AppendFloat(w.b, n.Value, 'g', -1, 64)
	}
}

// isNumber reports whether a text is a number of JSON.
func isNumber(s string) bool {
	return s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && s[len(s)-1] != ' ' && rawjson.Check([]byte(s)) == nil
}

func (w *yamlWriter) tagged(n *ast.TagNode, depth int) {
	if tag := n.GetToken().Value; tag == "!!str" {
		if tok := n.Value.GetToken(); tok != nil {
			w.b = rawjson.AppendQuoted(w.b, []byte(tok.Value))
			return
		}
	}
	w.write(n.Value, depth)
}

// unfold calls f with what an alias stands for.
func (w *yamlWriter) unfold(n ast.Node, name string, f func(ast.Node)) {
	target, ok := w.anchors[name]
	if !ok {
		w.fail(n, "the alias *%s has no anchor before it", name)
	}
	for _, open := range w.open {
		if open == name {
			w.fail(n, "the alias *%s stands inside its own anchor", name)
		}
	}
	w.open = append(w.open, name)
	f(target)
	w.open = w.open[:len(w.open)-1]
}

// mapping writes a mapping. What merge keys ("<<") bring in stands where they stand, without the members that the mapping has itself.
func (w *yamlWriter) mapping(members []*ast.MappingValueNode, depth int) {
	w.b = append(w.b, '{')
	taken := make(map[string]bool, len(members))
	for _, m := range members {
		if !m.Key.IsMergeKey() {
			taken[keyText(m.Key)] = true
		}
	}
	first := true
	member := func(m *ast.MappingValueNode) {
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = rawjson.AppendQuoted(w.b, []byte(keyText(m.Key)))
		w.b = append(w.b, ':')
		w.write(m.Value, depth+1)
	}
	for _, m := range members {
		if m.Key.IsMergeKey() {
			w.merge(m.Value, taken, member)
		} else {
			member(m)
		}
	}
	w.b = append(w.b, '}')
}

func (w *yamlWriter) merge(n ast.Node, taken map[string]bool, member func(*ast.MappingValueNode)) {
	switch n := n.(type) {
	case *ast.AliasNode:
		w.unfold(n, n.Value.GetToken().Value, func(target ast.Node) { w.merge(target, taken, member) })
	case *ast.SequenceNode:
		for _, item := range n.Values {
			w.merge(item, taken, member)
		}
	case ast.MapNode:
		for iter := n.MapRange(); iter.Next(); {
			m := iter.KeyValue()
			if m.Key.IsMergeKey() {
				w.merge(m.Value, taken, member)
			} else if key := keyText(m.Key); !taken[key] {
				taken[key] = true
				member(m)
			}
		}
	default:
		w.fail(n, `what "<<" brings in must be a mapping`)
	}
}

// keyText is a member's name: of numbers and other words as they are written.
func keyText(n ast.MapKeyNode) string {
	var node ast.Node = n
	if k, ok := n.(*ast.MappingKeyNode); ok {
		node = k.Value
	}
	if s, ok := node.(*ast.StringNode); ok {
		return s.Value
	}
	return node.GetToken().Value
}
