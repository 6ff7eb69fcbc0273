package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindText
	kindList
	kindObject
)

// String is how a person who made a mistake is told what stands there.
func (k kind) String() string {
	return [...]string{"empty", "true or false", "a number", "a text", "a list", "an object"}[k]
}

// node is a value of the file with its place.
type node struct {
	kind  kind
	line  int
	text  string // of a scalar
	keys  []string
	items []*node // of a list or an object
	at    []int   // the lines of keys
}

// get returns a member of an object, nil if there is none.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i, k := range n.keys {
		if k == key {
			return n.items[i]
		}
	}
	return nil
}

// lineOf returns the line of the text at an index of what texts reads: a list's item, or one alone. 0 is no place in the file.
func (n *node) lineOf(i int) int {
	if n == nil {
		return 0
	}
	for _, item := range n.items {
		if !item.isText() {
			continue
		}
		if i == 0 {
			return item.line
		}
		i--
	}
	return n.line
}

// isNull says whether there is nothing: no such member, or an empty one.
func (n *node) isNull() bool { return n == nil || n.kind == kindNull }

// isText says whether a text can be read: a number or truth value stands for its own text, as in YAML files it is often meant.
func (n *node) isText() bool {
	return n != nil && (n.kind == kindText || n.kind == kindNumber || n.kind == kindBool)
}

// set puts a member in its place, or at the end.
func (n *node) set(key string, item *node, line int) {
	for i, k := range n.keys {
		if k == key {
			n.items[i], n.at[i] = item, line
			return
		}
	}
	n.keys, n.items, n.at = append(n.keys, key), append(n.items, item), append(n.at, line)
}

// value is the node as encoding/json would decode it, with whole numbers as int64.
func (n *node) value() any {
	switch n.kind {
	case kindBool:
		return n.text == "true"
	case kindNumber:
		if i, err := strconv.ParseInt(n.text, 10, 64); err == nil {
			return i
		}
		f, err := strconv.ParseFloat(n.text, 64)
		if err != nil {
			return n.text
		}
		return f
	case kindText:
		return n.text
	case kindList:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.value()
		}
		return list
	case kindObject:
		object := make(map[string]any, len(n.keys))
		for i, key := range n.keys {
			object[key] = n.items[i].value()
		}
		return object
	}
	return nil
}

// appendJSON appends the node as JSON, members in the file's order.
func (n *node) appendJSON(b []byte) []byte {
	switch n.kind {
	case kindBool, kindNumber:
		if n.kind == kindNumber && !json.Valid([]byte(n.text)) {
			return appendQuoted(b, n.text) // .inf, or a form that JSON does not have
		}
		return append(b, n.text...)
	case kindText:
		return appendQuoted(b, n.text)
	case kindList:
		b = append(b, '[')
		for i, item := range n.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	case kindObject:
		b = append(b, '{')
		for i, key := range n.keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, key), ':')
			b = n.items[i].appendJSON(b)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

func appendQuoted(b []byte, text string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return strconv.AppendQuote(b, text) // cannot be: a text always encodes
	}
	return append(b, bytes.TrimRight(out.Bytes(), "\n")...)
}

// describe is a short form of the node for messages.
func (n *node) describe() string {
	if n.isText() {
		return fmt.Sprintf("%q", n.text)
	}
	return n.kind.String()
}
