package filter

import (
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// Bounds of an expression. A step is CEL's unit of cost: about one look-up or comparison.
const (
	maxLength   = 64 << 10 // characters
	maxNodes    = 6_000
	maxNesting  = 60
	maxPattern  = 2_000  // instructions of a regular expression
	maxSteps    = 10_000 // a millisecond or two
	likelySize  = 20     // elements of a list, for the estimate
	likelyChars = 500    // characters of a text
	maxMending  = 10     // times that the types are checked again
)

// Compile makes a filter. What is wrong with the expression is told by an *Error.
func (t *Types) Compile(expression string) (*Filter, error) {
	if strings.TrimSpace(expression) == "" {
		return nil, &Error{1, 1, "the expression is empty", ""}
	}
	parsed, issues := t.env.Parse(expression)
	if issues.Err() != nil {
		return nil, t.explain(expression, issues.Errors()[0])
	}
	canonical, err := cel.AstToString(parsed)
	if err != nil {
		return nil, &Error{1, 1, err.Error(), ""}
	}
	if err := t.rewrite(parsed.NativeRep()); err != nil {
		return nil, err
	}
	checked, wrong := t.check(expression, parsed)
	if wrong != nil {
		return nil, wrong
	}
	estimate, err := t.env.EstimateCost(checked, sizes{})
	if err != nil {
		return nil, &Error{1, 1, err.Error(), ""}
	}
	if estimate.Max > maxSteps {
		return nil, &Error{1, 1, fmt.Sprintf("the expression may take %d steps an event; %d is the most", estimate.Max, maxSteps), ""}
	}
	program, err := t.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxSteps))
	if err != nil {
		return nil, &Error{1, 1, err.Error(), ""}
	}
	return &Filter{t, program, canonical + "\x00" + t.sign}, nil
}

// comparing matches what the checker says of a comparison that is meaningful although the types differ: of numbers, and with null.
var comparing = regexp.MustCompile(`^found no matching overload for '(_==_|_!=_|@in)' applied to ` +
	`'\(((int|uint|double), (int|uint|double)|null, .*|.*, null(_type)?|(int|uint|double), (list|map)\((int|uint|double)(, .*)?\))\)'$`)

// check has the types checked. Where numbers of two kinds are compared one is made dynamic: CEL compares them when they meet.
func (t *Types) check(expression string, parsed *cel.Ast) (*cel.Ast, *Error) {
	next := ast.MaxID(parsed.NativeRep()) + 1
	for range maxMending {
		checked, issues := t.env.Check(parsed)
		if issues.Err() == nil {
			return checked, nil
		}
		mended := map[int64]bool{}
		for _, e := range issues.Errors() {
			if !comparing.MatchString(e.Message) {
				return nil, t.explain(expression, e)
			}
			mended[e.ExprID] = true
		}
		factory := ast.NewExprFactory()
		ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if mended[e.ID()] && e.Kind() == ast.CallKind {
				call := e.AsCall()
				a := call.Args()
				e.SetKindCase(factory.NewCall(e.ID(), call.FunctionName(), factory.NewCall(next, "dyn", a[0]), a[1]))
				next++
			}
		}))
	}
	return nil, &Error{1, 1, "the expression compares too much that is of different types", ""}
}

// sizes tells the estimate what events are like.
type sizes struct{}

// EstimateSize is about how much there is at a place.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	switch n.Type().Kind() {
	case types.ListKind, types.MapKind, types.StructKind:
		return &cost.SizeEstimate{Max: likelySize}
	case types.StringKind, types.BytesKind:
		return &cost.SizeEstimate{Max: likelyChars}
	case types.DynKind:
		return &cost.SizeEstimate{Max: likelySize}
	}
	return nil
}

// EstimateCallCost leaves the functions to CEL.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
