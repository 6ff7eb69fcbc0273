package eventstreams

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// condition is what where= says of one field: that it has one of some values.
type condition struct {
	path   []string
	values map[string]struct{}
	not    bool
}

// conditions are all to be met.
type conditions []condition

// add adds a value to the condition on a path, in dotted form.
func (c conditions) add(path, value string) conditions {
	parts := strings.Split(path, ".")
	for i := range c {
		if slices.Equal(c[i].path, parts) && !c[i].not {
			c[i].values[value] = struct{}{}
			return c
		}
	}
	return append(c, condition{path: parts, values: map[string]struct{}{value: {}}})
}

// texts are buffers for strings with escapes.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// keep says whether an event meets the conditions. A missing field has no value; of an array one element must do.
func (c conditions) keep(_ string, _ int64, event []byte) bool {
	for i := range c {
		if c[i].met(event) == c[i].not {
			return false
		}
	}
	return true
}

func (c *condition) met(event []byte) bool {
	start, end, ok := rawjson.Find(event, c.path...)
	if !ok {
		return false
	}
	v := event[start:end]
	if v[0] != '[' {
		return c.has(v)
	}
	for e := rawjson.NewElements(v); e.Next(); {
		if c.has(e.Value()) {
			return true
		}
	}
	return false
}

// has compares a string by its text, everything else as it is written.
func (c *condition) has(v []byte) bool {
	if v[0] == '"' {
		if bytes.IndexByte(v, '\\') >= 0 {
			return c.hasEscaped(v)
		}
		v = v[1 : len(v)-1]
	}
	_, ok := c.values[string(v)]
	return ok
}

func (c *condition) hasEscaped(v []byte) bool {
	buf := texts.Get().(*[]byte)
	*buf = rawjson.AppendUnquoted((*buf)[:0], v)
	_, ok := c.values[string(*buf)]
	texts.Put(buf)
	return ok
}

// key tells conditions apart from others, however they were written.
func (c conditions) key() string {
	parts := make([]string, 0, len(c))
	for i := range c {
		values := make([]string, 0, len(c[i].values))
		for v := range c[i].values {
			values = append(values, v)
		}
		slices.Sort(values)
		part := strings.Join(c[i].path, "\x00") + "\x01" + strings.Join(values, "\x01")
		if c[i].not {
			part = "\x02" + part
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return strings.Join(parts, "\x03")
}

// selection are the fields that fields= asks for: nested maps, nil for a whole field.
type selection map[string]selection

// add adds a path in dotted form. A field that is asked for as a whole stays whole.
func (s selection) add(path string) {
	name, rest, nested := strings.Cut(path, ".")
	old, there := s[name]
	switch {
	case !nested:
		s[name] = nil
	case there && old == nil:
	default:
		if !there {
			s[name] = selection{}
		}
		s[name].add(rest)
	}
}

// project appends an event with only the selected fields, in the event's order.
func (s selection) project(dst, event []byte) []byte {
	if len(event) == 0 || event[0] != '{' {
		return append(dst, event...)
	}
	dst = append(dst, '{')
	first := true
	for m := rawjson.NewMembers(event); m.Next(); {
		inner, ok := s.member(m.Key())
		if !ok {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, m.Key()...)
		dst = append(dst, ':')
		if inner == nil {
			dst = append(dst, m.Value()...)
		} else {
			dst = inner.project(dst, m.Value())
		}
	}
	return append(dst, '}')
}

func (s selection) member(key []byte) (selection, bool) {
	if inner, ok := s[string(key[1:len(key)-1])]; ok {
		return inner, true
	}
	for name, inner := range s { // escapes are rare
		if rawjson.Equal(key, name) {
			return inner, true
		}
	}
	return nil, false
}

func (s selection) key() string {
	names := make([]string, 0, len(s))
	for name, inner := range s {
		if inner != nil {
			name += "\x01" + inner.key() + "\x02"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, "\x03")
}
