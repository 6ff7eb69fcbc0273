package filter

import (
	"fmt"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"
)

// known is the function that makes false of what cannot be known.
const known = "@known"

// rewriter makes the expression that is checked and evaluated of the one that was written:
//
//   - X['name'] becomes X.name, for objects have types by name;
//   - whatever stands where a truth value is expected, and is no !, && or || of others, is put into known();
//   - fields are looked up, and patterns are seen to be constants.
type rewriter struct {
	types *Types
	ast.ExprFactory
	info   *ast.SourceInfo
	root   int64
	last   int64 // the highest id in use
	hidden int   // how many comprehensions use the name event for something else
	err    *Error
}

// rewrite changes a parsed expression.
func (t *Types) rewrite(a *ast.AST) *Error {
	r := &rewriter{types: t, ExprFactory: ast.NewExprFactory(), info: a.SourceInfo(), root: a.Expr().ID(), last: ast.MaxID(a)}
	inner := r.truth(a.Expr())
	a.Expr().SetKindCase(r.NewCall(r.root, known, inner))
	return r.err
}

// fail keeps the first error.
func (r *rewriter) fail(e ast.Expr, shift int, near, format string, args ...any) {
	if r.err == nil {
		at := r.info.GetStartLocation(e.ID())
		r.err = &Error{Line: at.Line(), Column: at.Column() + 1 + shift, Message: fmt.Sprintf(format, args...), Nearest: near}
	}
}

// id is the one that a node keeps. The root's is in use for what is put around everything.
func (r *rewriter) id(e ast.Expr) int64 {
	if e.ID() != r.root {
		return e.ID()
	}
	return r.fresh(e)
}

// fresh is a new id at a node's place.
func (r *rewriter) fresh(e ast.Expr) int64 {
	r.last++
	if place, ok := r.info.GetOffsetRange(e.ID()); ok {
		r.info.SetOffsetRange(r.last, place)
	}
	return r.last
}

// truth rewrites what stands where a truth value is expected.
func (r *rewriter) truth(e ast.Expr) ast.Expr {
	switch e.Kind() {
	case ast.LiteralKind:
		return r.expr(e)
	case ast.IdentKind:
		if e.AsIdent() == parser.AccumulatorName || e.AsIdent() == parser.HiddenAccumulatorName {
			return r.expr(e)
		}
	case ast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
			return r.expr(e)
		case operators.Conditional:
			a := call.Args()
			return r.NewCall(r.id(e), call.FunctionName(), r.truth(a[0]), r.truth(a[1]), r.truth(a[2]))
		}
	}
	return r.NewCall(r.fresh(e), known, r.expr(e))
}

// expr rewrites any expression.
func (r *rewriter) expr(e ast.Expr) ast.Expr {
	id := r.id(e)
	switch e.Kind() {
	case ast.CallKind:
		return r.call(e, id)
	case ast.SelectKind:
		s := e.AsSelect()
		return r.field(e, id, s.Operand(), s.FieldName(), s.IsTestOnly())
	case ast.ComprehensionKind:
		return r.comprehension(e.AsComprehension(), id)
	case ast.ListKind:
		l := e.AsList()
		return r.NewList(id, r.all(l.Elements()), l.OptionalIndices())
	case ast.MapKind:
		var entries []ast.EntryExpr
		for _, entry := range e.AsMap().Entries() {
			m := entry.AsMapEntry()
			entries = append(entries, r.NewMapEntry(entry.ID(), r.expr(m.Key()), r.expr(m.Value()), m.IsOptional()))
		}
		return r.NewMap(id, entries)
	case ast.IdentKind:
		return r.NewIdent(id, e.AsIdent())
	case ast.LiteralKind:
		return r.NewLiteral(id, e.AsLiteral())
	}
	r.fail(e, 0, "", "an expression cannot make messages")
	return r.NewLiteral(id, types.False)
}

func (r *rewriter) all(list []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		out[i] = r.expr(e)
	}
	return out
}

func (r *rewriter) call(e ast.Expr, id int64) ast.Expr {
	call := e.AsCall()
	name, args := call.FunctionName(), call.Args()
	switch name {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
		truths := make([]ast.Expr, len(args))
		for i, a := range args {
			truths[i] = r.truth(a)
		}
		return r.NewCall(id, name, truths...)
	case operators.Conditional:
		return r.NewCall(id, name, r.truth(args[0]), r.expr(args[1]), r.expr(args[2]))
	case operators.Index:
		if field, ok := constant(args[1]); ok {
			return r.field(e, id, args[0], field, false)
		}
	case "matches":
		if pattern := args[len(args)-1]; pattern.Kind() != ast.LiteralKind {
			r.fail(pattern, 0, "", "the pattern of matches() must be written out: it cannot be taken from an event")
		}
	}
	if call.IsMemberFunction() {
		return r.NewMemberCall(id, name, r.expr(call.Target()), r.all(args)...)
	}
	return r.NewCall(id, name, r.all(args)...)
}

func (r *rewriter) comprehension(c ast.ComprehensionExpr, id int64) ast.Expr {
	over, begin := r.expr(c.IterRange()), r.expr(c.AccuInit())
	if c.IterVar() == "event" || c.IterVar2() == "event" {
		r.hidden++
		defer func() { r.hidden-- }()
	}
	return r.NewComprehensionTwoVar(id, over, c.IterVar(), c.IterVar2(), c.AccuVar(), begin, r.expr(c.LoopCondition()), r.expr(c.LoopStep()), r.expr(c.Result()))
}

// field is the member of an object. One of the event that is not declared is an error.
func (r *rewriter) field(e ast.Expr, id int64, operand ast.Expr, name string, test bool) ast.Expr {
	s, path := r.shapeOf(operand)
	if s != nil && s.kind == object {
		if macro, ok := r.info.GetMacroCall(e.ID()); ok { // has(): the place of what it is asked about
			e = macro.AsCall().Args()[0]
		}
		switch m := s.member(name); {
		case m == nil:
			r.fail(e, 1, r.types.nearest(s, path, name), "%s has no field '%s' in the schemas of these streams", path, name)
		case m.conflict != "":
			r.fail(e, 1, "", "%s cannot be used for all of these streams: it %s", written(path, name), m.conflict)
		}
	}
	if test {
		return r.NewPresenceTest(id, r.expr(operand), name)
	}
	return r.NewSelect(id, r.expr(operand), name)
}

// shapeOf is the shape of what follows the event by constant names, and how it is written; nil for everything else.
func (r *rewriter) shapeOf(e ast.Expr) (*shape, string) {
	var operand ast.Expr
	var name string
	switch e.Kind() {
	case ast.IdentKind:
		if e.AsIdent() == "event" && r.hidden == 0 {
			return r.types.root, "event"
		}
		return nil, ""
	case ast.SelectKind:
		operand, name = e.AsSelect().Operand(), e.AsSelect().FieldName()
	case ast.CallKind:
		field, ok := "", false
		if e.AsCall().FunctionName() == operators.Index {
			field, ok = constant(e.AsCall().Args()[1])
		}
		if !ok {
			return nil, ""
		}
		operand, name = e.AsCall().Args()[0], field
	default:
		return nil, ""
	}
	s, path := r.shapeOf(operand)
	if s == nil {
		return nil, ""
	}
	return s.member(name), written(path, name)
}

// constant is the text of a literal.
func constant(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// has is CEL's macro of this name, which also takes has(event['$schema']).
func has(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	switch e := args[0]; e.Kind() {
	case ast.SelectKind:
		return eh.NewPresenceTest(e.AsSelect().Operand(), e.AsSelect().FieldName()), nil
	case ast.CallKind:
		if call := e.AsCall(); call.FunctionName() == operators.Index {
			if field, ok := constant(call.Args()[1]); ok {
				return eh.NewPresenceTest(call.Args()[0], field), nil
			}
		}
	}
	return nil, eh.NewError(args[0].ID(), "has() takes a field, such as has(event.meta.domain) or has(event['$schema'])")
}
