package filter

import (
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// Filter decides about events.
type Filter struct {
	types   *Types
	program cel.Program
	key     string
}

// Expression is what was compiled, in one form for all ways to write it.
func (f *Filter) Expression() string {
	canonical, _, _ := strings.Cut(f.key, "\x00")
	return canonical
}

// Key tells filters apart: those with the same key keep the same events, however they were written.
func (f *Filter) Key() string { return f.key }

// activation gives an expression its three names.
type activation struct {
	topic     types.String
	timestamp int64
	event     []byte
	shape     *shape
}

// Parent is nil.
func (a *activation) Parent() cel.Activation { return nil }

// ResolveName is the value of a name.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "event":
		return newValue(a.event, a.shape), true
	case "topic":
		return a.topic, true
	case "timestamp":
		return types.Timestamp{Time: time.UnixMilli(a.timestamp).UTC()}, true
	}
	return nil, false
}

var activations = sync.Pool{New: func() any { return new(activation) }}

// Keep says whether an event is to be delivered. event is checked JSON, timestamp the record's time in ms since the epoch. What it gets is not kept.
func (f *Filter) Keep(topic string, timestamp int64, event []byte) bool {
	a := activations.Get().(*activation)
	*a = activation{types.String(topic), timestamp, event, f.types.root}
	verdict, _, err := f.program.Eval(a)
	*a = activation{}
	activations.Put(a)
	if err != nil {
		f.types.failed() // the budget is used up
		return false
	}
	return verdict == types.True
}
