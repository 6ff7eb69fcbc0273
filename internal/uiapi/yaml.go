package uiapi

import (
	"bytes"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// appendYAML writes a checked JSON value as YAML in block style: its order, and numbers as they are written. Texts that YAML would read as something
// else stay quoted as in JSON, which YAML reads the same.
func appendYAML(b, json []byte) []byte {
	return appendNode(b, bytes.TrimSpace(json), 0, false)
}

// appendNode writes a value that stands at an indentation; after tells that it follows a key or a dash on the same line.
func appendNode(b, value []byte, indent int, after bool) []byte {
	switch {
	case len(value) > 0 && value[0] == '{':
		return appendMapping(b, value, indent, after)
	case len(value) > 0 && value[0] == '[':
		return appendSequence(b, value, indent, after)
	}
	if after {
		b = append(b, ' ')
	}
	return append(appendScalar(b, value), '\n')
}

func appendMapping(b, value []byte, indent int, after bool) []byte {
	m := rawjson.NewMembers(value)
	if !m.Next() {
		return appendEmpty(b, "{}", after)
	}
	first := true
	for ok := true; ok; ok = m.Next() {
		b = appendIndent(b, indent, after, first)
		first = false
		b = append(appendScalar(b, m.Key()), ':')
		b = appendNode(b, m.Value(), indent+2, true)
	}
	return b
}

func appendSequence(b, value []byte, indent int, after bool) []byte {
	e := rawjson.NewElements(value)
	if !e.Next() {
		return appendEmpty(b, "[]", after)
	}
	first := true
	for ok := true; ok; ok = e.Next() {
		b = appendIndent(b, indent, after, first)
		first = false
		b = append(b, '-')
		if v := e.Value(); v[0] == '{' && rawjson.SkipSpace(v, 1) != len(v)-1 {
			b = append(b, ' ')
			b = appendMapping(b, v, indent+2, false)
			continue
		}
		b = appendNode(b, e.Value(), indent+2, true)
	}
	return b
}

func appendEmpty(b []byte, form string, after bool) []byte {
	if after {
		b = append(b, ' ')
	}
	return append(append(b, form...), '\n')
}

// appendIndent begins a line of a block. What follows a key begins on a line of its own, what follows a dash on the same.
func appendIndent(b []byte, indent int, after, first bool) []byte {
	if first {
		if !after {
			return b
		}
		b = append(b, '\n')
	}
	return append(b, strings.Repeat(" ", indent)...)
}

// appendScalar writes a text without quotes where every reader of YAML takes it for this text.
func appendScalar(b, value []byte) []byte {
	if len(value) > 2 && value[0] == '"' {
		if inner := value[1 : len(value)-1]; isPlain(inner) {
			return append(b, inner...)
		}
		return rawjson.AppendQuoted(b, rawjson.AppendUnquoted(nil, value)) // YAML has no pairs of \u escapes
	}
	return append(b, value...)
}

// isPlain tells that a text is words of letters, which are neither numbers, truth values nor null.
func isPlain(text []byte) bool {
	if c := text[0] | 0x20; (c < 'a' || c > 'z') && text[0] != '/' && text[0] != '$' {
		return false
	}
	if text[len(text)-1] == ' ' {
		return false
	}
	for _, c := range text {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune(" _-./$()", rune(c)) {
			return false
		}
	}
	switch strings.ToLower(string(text)) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}
