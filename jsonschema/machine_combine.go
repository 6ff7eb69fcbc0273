package jsonschema

import (
	"slices"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// rest applies the keywords for values of every type to b[i:end].
func (m *machine) rest(n *node, i, end, depth int) int {
	if n.ref != nil && m.again(n.ref.node, i, end, depth) < 0 {
		return refused
	}
	r := n.any
	if r == nil || n.ref != nil {
		return end
	}
	if r.constAllowed != nil && !m.among(r.constAllowed, i, end) || r.enumAllowed != nil && !m.among(r.enumAllowed, i, end) {
		return refused
	}
	if !r.combines() {
		return end
	}
	for _, sub := range r.allOf {
		if m.again(sub, i, end, depth) < 0 {
			return refused
		}
	}
	if r.not != nil && m.again(r.not, i, end, depth) >= 0 {
		return refused
	}
	if len(r.anyOf) > 0 && m.passing(r.anyOf, i, end, depth, 1) == 0 {
		return refused
	}
	if r.oneOf != nil && m.passing(r.oneOf, i, end, depth, 2) != 1 {
		return refused
	}
	if r.condition != nil {
		branch := r.otherwise
		if m.again(r.condition, i, end, depth) >= 0 {
			branch = r.then
		}
		if branch != nil && m.again(branch, i, end, depth) < 0 {
			return refused
		}
	}
	return end
}

// passing counts the nodes that accept the value at b[i], up to enough.
func (m *machine) passing(nodes []*node, i, end, depth, enough int) int {
	n := 0
	for _, sub := range nodes {
		if m.again(sub, i, end, depth) >= 0 {
			if n++; n == enough {
				break
			}
		}
	}
	return n
}

func (m *machine) among(a *allowed, i, end int) bool {
	switch m.b[i] {
	case '{', '[':
		m.undecided = m.undecided || a.containers
		return false
	case '"':
		text := m.b[i+1 : end-1]
		if slices.Contains(text, '\\') {
			text = m.unquoted(i, end, rawjson.Escaped)
		}
		return a.admits(m.b[i:end], text)
	}
	return a.admits(m.b[i:end], nil)
}
