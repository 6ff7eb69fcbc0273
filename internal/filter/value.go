package filter

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// newValue is a JSON value as CEL sees it. Objects and lists stay bytes until they are asked for something. A number is what its place is declared to
// be, if it can be; without a declaration it is an int if it is written as one.
func newValue(raw []byte, s *shape) ref.Val {
	if len(raw) == 0 {
		return types.NullValue
	}
	switch raw[0] {
	case '{':
		return &rawObject{raw, s}
	case '[':
		return &rawList{raw, s}
	case '"':
		if bytes.IndexByte(raw, '\\') < 0 {
			return types.String(raw[1 : len(raw)-1])
		}
		return types.String(rawjson.AppendUnquoted(nil, raw))
	case 't':
		return types.True
	case 'f':
		return types.False
	case 'n':
		return types.NullValue
	}
	return newNumber(string(raw), s)
}

func newNumber(written string, s *shape) ref.Val {
	declared := dynamic
	if s != nil {
		declared = s.kind
	}
	if declared != number {
		if n, err := strconv.ParseInt(written, 10, 64); err == nil {
			return types.Int(n)
		}
	}
	f, _ := strconv.ParseFloat(written, 64) // what is too large is infinite
	if n := int64(f); declared == integer && f >= -1<<63 && f < 1<<63 && float64(n) == f {
		return types.Int(n)
	}
	return types.Double(f)
}

// rawObject is an object. Of doubled members the last one counts. It is used by its pointer because CEL uses values as keys of maps.
type rawObject struct {
	raw   []byte
	shape *shape
}

var (
	_ traits.Mapper   = (*rawObject)(nil)
	_ traits.Foldable = (*rawObject)(nil)
	_ traits.Lister   = (*rawList)(nil)
	_ traits.Foldable = (*rawList)(nil)
)

// Find returns a member.
func (o *rawObject) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return nil, false
	}
	start, end, ok := rawjson.Find(o.raw, string(name))
	if !ok {
		return nil, false
	}
	return newValue(o.raw[start:end], o.shape.member(string(name))), true
}

// Get returns a member, or an error if there is none.
func (o *rawObject) Get(key ref.Val) ref.Val {
	v, ok := o.Find(key)
	if !ok {
		return types.NewErr("no such key: %v", key)
	}
	return v
}

// Contains says whether there is a member.
func (o *rawObject) Contains(key ref.Val) ref.Val {
	_, ok := o.Find(key)
	return types.Bool(ok)
}

// ordinary is the object as CEL's own map, its values still bytes.
func (o *rawObject) ordinary() traits.Mapper {
	m := map[ref.Val]ref.Val{}
	for each := rawjson.NewMembers(o.raw); each.Next(); {
		name := newValue(each.Key(), nil)
		m[name] = newValue(each.Value(), o.shape.member(string(name.(types.String))))
	}
	return types.NewRefValMap(types.DefaultTypeAdapter, m)
}

// Size is the number of members.
func (o *rawObject) Size() ref.Val {
	n := 0
	for each := rawjson.NewMembers(o.raw); each.Next(); {
		n++
	}
	if n > 1 {
		return o.ordinary().Size() // there may be doubled ones
	}
	return types.Int(n)
}

// Iterator goes over the names.
func (o *rawObject) Iterator() traits.Iterator { return o.ordinary().Iterator() }

// Fold goes over names and values.
func (o *rawObject) Fold(f traits.Folder) {
	m := o.ordinary()
	for names := m.Iterator(); names.HasNext() == types.True; {
		name := names.Next()
		if !f.FoldEntry(name, m.Get(name)) {
			return
		}
	}
}

// Equal compares with any map.
func (o *rawObject) Equal(other ref.Val) ref.Val {
	if deep(o.raw) {
		return errDeep
	}
	return o.ordinary().Equal(other)
}

// ConvertToNative is for Go's types, which no expression asks for.
func (o *rawObject) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("an event's object is no %v", t)
}

// ConvertToType knows an object's type and nothing else.
func (o *rawObject) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.MapType:
		return o
	case types.TypeType:
		return types.MapType
	}
	return types.NewErr("type conversion error from '%s' to '%s'", types.MapType, t)
}

// Type is a map.
func (o *rawObject) Type() ref.Type { return types.MapType }

// Value is the object itself.
func (o *rawObject) Value() any { return o }

// rawList is a list.
type rawList struct {
	raw   []byte
	shape *shape
}

func (l *rawList) elements() *shape {
	if l.shape == nil {
		return nil
	}
	return l.shape.elements
}

// Get returns an element.
func (l *rawList) Get(index ref.Val) ref.Val {
	i, err := types.GetOrError(index)
	if err != nil {
		return types.WrapErr(err)
	}
	n := 0
	for each := rawjson.NewElements(l.raw); each.Next(); n++ {
		if n == i {
			return newValue(each.Value(), l.elements())
		}
	}
	return types.NewErr("index out of bounds: %d", i)
}

// values are the elements, still bytes.
func (l *rawList) values() []ref.Val {
	var vals []ref.Val
	for each := rawjson.NewElements(l.raw); each.Next(); {
		vals = append(vals, newValue(each.Value(), l.elements()))
	}
	return vals
}

func (l *rawList) ordinary() traits.Lister {
	return types.NewRefValList(types.DefaultTypeAdapter, l.values())
}

// Size is the number of elements.
func (l *rawList) Size() ref.Val {
	n := 0
	for each := rawjson.NewElements(l.raw); each.Next(); {
		n++
	}
	return types.Int(n)
}

// Contains says whether an element is equal to a value.
func (l *rawList) Contains(value ref.Val) ref.Val {
	for each := rawjson.NewElements(l.raw); each.Next(); {
		if types.Equal(newValue(each.Value(), l.elements()), value) == types.True {
			return types.True
		}
	}
	return types.False
}

// Add is a list with other elements after these.
func (l *rawList) Add(other ref.Val) ref.Val { return l.ordinary().Add(other) }

// Iterator goes over the elements.
func (l *rawList) Iterator() traits.Iterator { return l.ordinary().Iterator() }

// Fold goes over indexes and elements.
func (l *rawList) Fold(f traits.Folder) {
	n := types.Int(0)
	for each := rawjson.NewElements(l.raw); each.Next(); n++ {
		if !f.FoldEntry(n, newValue(each.Value(), l.elements())) {
			return
		}
	}
}

// Equal compares with any list.
func (l *rawList) Equal(other ref.Val) ref.Val {
	if deep(l.raw) {
		return errDeep
	}
	return l.ordinary().Equal(other)
}

// ConvertToNative is for Go's types, which no expression asks for.
func (l *rawList) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("an event's list is no %v", t)
}

// ConvertToType knows a list's type and nothing else.
func (l *rawList) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.ListType:
		return l
	case types.TypeType:
		return types.ListType
	}
	return types.NewErr("type conversion error from '%s' to '%s'", types.ListType, t)
}

// Type is a list.
func (l *rawList) Type() ref.Type { return types.ListType }

// Value is the list itself.
func (l *rawList) Value() any { return l }

// maxCompared is the deepest nesting that is compared as a whole: every level is read again for each one above it.
const maxCompared = 64

var errDeep = types.NewErr("nested too deeply to be compared")

// deep says whether a value is nested too deeply to be compared.
func deep(raw []byte) bool {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			if i = rawjson.End(raw, i) - 1; i < 0 {
				return true
			}
		case '{', '[':
			if depth++; depth > maxCompared {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}
