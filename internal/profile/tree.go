package profile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// node is a function as it was called by its parents: all stacks that begin alike share their nodes.
type node struct {
	name     string // the function's full name
	total    int64  // of it and what it called
	self     int64
	children map[string]*node
}

// tree merges the stacks of a profile. Its root stands for everything.
func (f *Fetched) tree() *node {
	root := &node{name: "all"}
	for _, s := range f.profile.Sample {
		v := s.Value[f.value]
		if v <= 0 { // a difference of two profiles may be below zero
			continue
		}
		at := root
		at.total += v
		for i := len(s.Location) - 1; i >= 0; i-- { // the outermost comes last
			at = at.through(s.Location[i], v)
		}
		at.self += v
	}
	return root
}

// through goes into a place of the program, which stands for several functions where some were inlined.
func (n *node) through(l *profile.Location, v int64) *node {
	if len(l.Line) == 0 {
		return n.child("unknown", v)
	}
	for i := len(l.Line) - 1; i >= 0; i-- { // the outermost comes last
		name := "unknown"
		if f := l.Line[i].Function; f != nil {
			name = f.Name
		}
		n = n.child(name, v)
	}
	return n
}

func (n *node) child(name string, v int64) *node {
	c := n.children[name]
	if c == nil {
		if n.children == nil {
			n.children = map[string]*node{}
		}
		c = &node{name: name}
		n.children[name] = c
	}
	c.total += v
	return c
}

// sorted are the children by name, so that the same function is at the same place in every picture.
func (n *node) sorted() []*node {
	list := make([]*node, 0, len(n.children))
	for _, c := range n.children {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *node) int { return cmp.Compare(a.name, b.name) })
	return list
}

// short is a function's name without the folders that its package is in, and with the generic's types left out.
func short(name string) string {
	if i := strings.IndexByte(name, '['); i >= 0 {
		if end := strings.LastIndexByte(name, ']'); end > i {
			name = name[:i] + name[end+1:]
		}
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// bare is a short name without its package and the type of its receiver.
func bare(short string) string {
	_, name, ok := strings.Cut(short, ".")
	if !ok {
		return short
	}
	if _, method, ok := strings.Cut(name, ")."); ok && strings.HasPrefix(name, "(") {
		return method
	}
	return name
}
