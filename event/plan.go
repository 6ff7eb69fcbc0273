package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// Plan names the fields that one scan finds, as a tree of object members. Each named path and each of its ancestors has a slot; slot 0 is the
// event itself. A Plan is immutable and safe for concurrent use.
type Plan struct {
	nodes []node
}

type node struct {
	path     string
	name     string
	quoted   string // the name as JSON.stringify writes it: what most keys look like
	children []int  // slots
	likely   uint64 // bitOf of each child: most other members are told apart by it
}

// NewPlan makes a plan for dotted paths such as "meta.stream". A path may be given twice and may be an ancestor of another one. It fails on a
// path with an empty segment.
func NewPlan(paths ...string) (*Plan, error) {
	p := &Plan{nodes: []node{{}}}
	for _, path := range paths {
		if slices.Contains(strings.Split(path, "."), "") {
			return nil, fmt.Errorf("field path %q has an empty segment", path)
		}
		at := 0
		for rest := path; rest != ""; {
			name, after, _ := strings.Cut(rest, ".")
			rest = after
			at = p.grow(at, name)
		}
	}
	return p, nil
}

func (p *Plan) grow(parent int, name string) int {
	for _, c := range p.nodes[parent].children {
		if p.nodes[c].name == name {
			return c
		}
	}
	path := name
	if parent != 0 {
		path = p.nodes[parent].path + "." + name
	}
	slot := len(p.nodes)
	quoted := string(rawjson.AppendQuoted(nil, []byte(name)))
	p.nodes = append(p.nodes, node{path: path, name: name, quoted: quoted})
	p.nodes[parent].children = append(p.nodes[parent].children, slot)
	p.nodes[parent].likely |= bitOf(quoted)
	return slot
}

// bitOf is one bit for a name with its quotes, made of its length and how it begins.
func bitOf[T string | []byte](quoted T) uint64 {
	return 1 << ((uint(len(quoted)) ^ uint(quoted[1])) & 63)
}

// Len is the number of slots: how many fields a scan writes.
func (p *Plan) Len() int { return len(p.nodes) }

// Slot returns the slot of a path, or -1 if the plan does not have it. The slot of "" is 0, the event itself.
func (p *Plan) Slot(path string) int {
	for i := range p.nodes {
		if p.nodes[i].path == path {
			return i
		}
	}
	return -1
}

// Path returns the dotted path of a slot, "" for slot 0.
func (p *Plan) Path(slot int) string { return p.nodes[slot].path }
