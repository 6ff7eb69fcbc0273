package profile

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// topLines is how many functions a table has.
const topLines = 40

// cost is what a function took, by itself and together with what it called.
type cost struct {
	name        string
	self, total int64
}

// Top writes a table of the functions that took most by themselves.
func (f *Fetched) Top(out io.Writer) error {
	root := f.tree()
	list := costs(root)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(out, "%s, %s in all\n", f.title(), amount(root.total, f.unit))
	_, _ = fmt.Fprintln(w, "SELF\tSELF %\tSUM %\tWITH CALLS\t%\t  FUNCTION") // Flush tells the error
	var sum int64
	for _, c := range list[:min(len(list), topLines)] {
		sum += c.self
		_, _ = fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%s\t%.1f\t  %s\n", amount(c.self, f.unit), percent(c.self, root.total), percent(sum, root.total),
			amount(c.total, f.unit), percent(c.total, root.total), short(c.name))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if left := len(list) - topLines; left > 0 {
		_, err := fmt.Fprintf(out, "and %d functions more\n", left)
		return err
	}
	return nil
}

// costs adds up a tree by function. One that calls itself counts once.
func costs(root *node) []cost {
	byName := map[string]*cost{}
	open := map[string]int{}
	var walk func(n *node)
	walk = func(n *node) {
		c := byName[n.name]
		if c == nil {
			c = &cost{name: n.name}
			byName[n.name] = c
		}
		c.self += n.self
		if open[n.name] == 0 {
			c.total += n.total
		}
		open[n.name]++
		for _, child := range n.children {
			walk(child)
		}
		open[n.name]--
	}
	for _, child := range root.children {
		walk(child)
	}
	list := make([]cost, 0, len(byName))
	for _, c := range byName {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b cost) int {
		return cmp.Or(cmp.Compare(b.self, a.self), cmp.Compare(b.total, a.total), cmp.Compare(a.name, b.name))
	})
	return list
}
