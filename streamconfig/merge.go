package streamconfig

import "strconv"

// merge puts settings over defaults as PHP's array_replace_recursive does: arrays (lists and objects are one kind) deep and by key, so that a
// list's elements replace those with the same index; everything else replaces whatever was there. Members keep the defaults' order, new ones follow.
func merge(base, over *value) *value {
	if base.kind == kindList && over.kind == kindList {
		return mergeLists(base, over)
	}
	if base.kind == kindList {
		base = indexed(base)
	}
	if over.kind == kindList {
		over = indexed(over)
	}
	out := &value{
		kind: kindObject, line: over.line, col: over.col, file: over.file,
		keys:  append(make([]string, 0, len(base.keys)+len(over.keys)+2), base.keys...),
		items: append(make([]*value, 0, len(base.items)+len(over.items)+2), base.items...),
	}
	for i, key := range over.keys {
		out.set(key, replace(base.get(key), over.items[i]))
	}
	return out
}

func mergeLists(base, over *value) *value {
	if len(over.items) == 0 {
		return base
	}
	out := &value{kind: kindList, line: over.line, col: over.col, file: over.file}
	for i, item := range over.items {
		if i < len(base.items) {
			item = replace(base.items[i], item)
		}
		out.items = append(out.items, item)
	}
	if len(base.items) > len(over.items) {
		out.items = append(out.items, base.items[len(over.items):]...)
	}
	return out
}

func replace(old, item *value) *value {
	if old != nil && old.isArray() && item.isArray() {
		return merge(old, item)
	}
	return item
}

// indexed is a list as an object with its indexes as keys.
func indexed(list *value) *value {
	out := &value{kind: kindObject, line: list.line, col: list.col, file: list.file, items: list.items}
	for i := range list.items {
		out.keys = append(out.keys, strconv.Itoa(i))
	}
	return out
}
