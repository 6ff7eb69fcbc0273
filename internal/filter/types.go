package filter

import (
	"crypto/sha256"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Types is what is known of the events of some streams. It is safe for concurrent use.
type Types struct {
	root    *shape
	objects map[string]*shape
	env     *cel.Env
	sign    string
	failed  func()
}

// base is the environment that all share: making one takes a millisecond.
var base = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.ClearMacros(),
		cel.Macros(append([]cel.Macro{cel.GlobalMacro(operators.Has, 1, has)}, cel.StandardMacros[1:]...)...),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.EnableIdentifierEscapeSyntax(),
		cel.EnableMacroCallTracking(),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.ParserRecursionLimit(maxNesting),
		cel.ExpressionNodeLimit(maxNodes),
		cel.RegexProgramSizeLimit(maxPattern),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals()),
		cel.Variable("topic", cel.StringType),
		cel.Variable("timestamp", cel.TimestampType),
	)
})

// NewTypes reads the schemas of the chosen streams; without any, events may have all fields. failed, if set, is called whenever the evaluation of an
// event fails for another reason than a field that is missing or of another type: it must be quick. An error is a schema that is not JSON.
func NewTypes(failed func(), schemas ...Schema) (*Types, error) {
	t := &Types{objects: map[string]*shape{}, failed: failed}
	if failed == nil {
		t.failed = func() {}
	}
	for _, s := range schemas {
		one, err := read(s.Source, s.Name, 0)
		if err != nil {
			return nil, err
		}
		if one.kind != object {
			one = &shape{kind: object, others: anything(s.Name)}
		}
		t.root = merge(t.root, one)
	}
	if t.root == nil {
		t.root = &shape{kind: object, others: anything("")}
	}
	t.root = merge(t.root, placed())
	t.root.name("event", t.objects)
	var sign strings.Builder
	t.root.sign(&sign)
	sum := sha256.Sum256([]byte(sign.String()))
	t.sign = string(sum[:8])

	env, err := base()
	if err != nil {
		return nil, err
	}
	t.env, err = env.Extend(
		cel.CustomTypeProvider(&provider{env.CELTypeProvider(), t.objects}),
		cel.Variable("event", t.root.celType()),
		cel.Function(known, cel.Overload(known, []*cel.Type{cel.BoolType}, cel.BoolType, cel.UnaryBinding(t.known), cel.OverloadIsNonStrict())),
	)
	return t, err
}

// placed are the fields that every event gets when it is sent.
func placed() *shape {
	return &shape{kind: object, from: "all streams", members: map[string]*shape{"meta": {kind: object, from: "all streams", members: map[string]*shape{
		"topic":     {kind: text, description: "The topic that the event is in"},
		"partition": {kind: integer, description: "The partition that the event is in"},
		"offset":    {kind: integer, description: "The event's place in its partition"},
		"key":       {kind: text, description: "The event's key in the log, if it has one"},
	}}}}
}

// known is false for what is not known.
func (t *Types) known(v ref.Val) ref.Val {
	switch v := v.(type) {
	case types.Bool:
		return v
	case *types.Err:
		if !expected(v) {
			t.failed()
		}
	}
	return types.False
}

// expected says whether an error is only a field that is missing, null or of another type.
func expected(err error) bool {
	text := err.Error()
	return strings.HasPrefix(text, "no such key") || strings.HasPrefix(text, "no such overload") || strings.HasPrefix(text, "index out of bounds")
}
