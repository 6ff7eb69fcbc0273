package jsonschema

// maxInPlace is how deep $refs and combinators may be nested in each other without going into the value. Together with rawjson.MaxDepth it
// bounds the stack.
const maxInPlace = 64

// checkCost refuses programs that apply too many nodes to one and the same value: none ends that comes back to itself without going into the
// value, and combinators nested in each other multiply.
func (c *compiler) checkCost() error {
	k := &costs{done: map[*node]cost{}, open: map[*node]bool{}}
	for _, n := range c.order {
		total, loop := k.of(n.node)
		switch {
		case loop:
			return n.at.fail("the schema refers back to itself for the same value: it can never be decided")
		case total.depth > maxInPlace:
			return n.at.fail("$refs and combinators are nested deeper than %d for the same value", maxInPlace)
		case total.steps > c.o.Limits.Steps:
			return n.at.fail("more than %d subschemas apply to the same value", c.o.Limits.Steps)
		}
	}
	return nil
}

// cost is what a node costs for one value, without what lies inside the value.
type cost struct{ steps, depth int }

type costs struct {
	done map[*node]cost
	open map[*node]bool
}

func (k *costs) of(n *node) (total cost, loop bool) {
	if done, ok := k.done[n]; ok {
		return done, false
	}
	if k.open[n] {
		return total, true
	}
	k.open[n] = true
	total.steps = 1
	for _, sub := range n.inPlace() {
		one, loop := k.of(sub)
		if loop {
			return total, true
		}
		total.steps = min(total.steps+one.steps, 1<<40)
		total.depth = max(total.depth, one.depth+1)
	}
	delete(k.open, n)
	k.done[n] = total
	return total, false
}

// inPlace returns the nodes that a node applies to the same value.
func (n *node) inPlace() []*node {
	var subs []*node
	add := func(nodes ...*node) {
		for _, sub := range nodes {
			if sub != nil {
				subs = append(subs, sub)
			}
		}
	}
	if n.ref != nil {
		add(n.ref.node)
	}
	if r := n.any; r != nil {
		add(r.not, r.condition, r.then, r.otherwise)
		add(r.anyOf...)
		add(r.oneOf...)
		add(r.allOf...)
	}
	if n.obj != nil {
		for _, d := range n.obj.dependencies {
			add(d.node)
		}
	}
	return subs
}
