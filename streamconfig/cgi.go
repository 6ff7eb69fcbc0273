package streamconfig

import (
	"strconv"
	"strings"
)

// parameter is one member of a query or form as PHP reads it.
type parameter struct {
	name  string // without what stands in brackets
	value string
	array bool // given with brackets: PHP makes an array of it
}

// parseParameters reads a query string or a form as PHP does: + is a space, what cannot be decoded stays as it is, of a name given twice the last
// counts, at the place of the first.
func parseParameters(list []parameter, text string) []parameter {
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		name, value, _ := strings.Cut(pair, "=")
		list = addParameter(list, decodeForm(name), decodeForm(value))
	}
	return list
}

// maxParameters is how many different parameters are read, as PHP's max_input_vars has it; more are left out.
const maxParameters = 1000

// notInNames are the bytes that PHP takes out of a parameter's name.
var notInNames = strings.NewReplacer(" ", "_", ".", "_")

// addParameter adds a parameter as PHP does: the last of a name counts, at the place of the first.
func addParameter(list []parameter, name, value string) []parameter {
	name = strings.TrimLeft(name, " ")
	base, rest, brackets := strings.Cut(name, "[")
	if brackets && !strings.Contains(rest, "]") {
		base, brackets = base+"_"+rest, false
	}
	p := parameter{name: notInNames.Replace(base), value: value, array: brackets}
	if p.name == "" || len(list) == maxParameters {
		return list
	}
	for i := range list {
		if list[i].name == p.name {
			list[i] = p
			return list
		}
	}
	return append(list, p)
}

// decodeForm decodes + and percent escapes. Unlike net/url it lets stand what is no escape.
func decodeForm(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s):
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(c))
				i += 2
				continue
			}
			b = append(b, '%')
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

// splitValues splits a parameter with several values at "|", or at U+001F if it begins with one: the way to ask for a name that holds a "|".
func splitValues(value string) []string {
	if value == "" || value == "\x1f" {
		return []string{}
	}
	if rest, ok := strings.CutPrefix(value, "\x1f"); ok {
		return strings.Split(rest, "\x1f")
	}
	return strings.Split(value, "|")
}

// unique drops repeated values.
func unique(values []string) []string {
	seen := make(map[string]bool, len(values))
	out := make([]string, 0, len(values))
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// queryConstraints reads constraints as the action API takes them: each value is a query string of its own, key[key]=value; a key that comes again
// makes a list.
func queryConstraints(values []string) *Constraints {
	if len(values) == 0 {
		return nil
	}
	all := &value{kind: kindObject}
	for _, v := range values {
		all = mergeRepeated(all, cgiArray(v))
	}
	return &Constraints{expected: all}
}

// cgiArray reads one constraint.
func cgiArray(query string) *value {
	out := &value{kind: kindObject}
	for _, bit := range strings.Split(strings.TrimPrefix(query, "?"), "&") {
		if bit == "" {
			continue
		}
		key, text, _ := strings.Cut(bit, "=")
		text, _, _ = strings.Cut(text, "=")
		keys := strings.Split(decodeForm(key), "[")
		item := stringValue(decodeForm(text))
		for i := len(keys) - 1; i > 0; i-- {
			k := keys[i]
			if k != "" {
				k = k[:len(k)-1]
			}
			outer := &value{kind: kindObject}
			outer.set(k, item)
			item = outer
		}
		if old := out.get(keys[0]); old != nil && old.kind == kindObject && item.kind == kindObject {
			joined := &value{kind: kindObject, keys: append([]string(nil), old.keys...), items: append([]*value(nil), old.items...)}
			for i, k := range item.keys {
				joined.set(k, item.items[i])
			}
			item = joined
		}
		out.set(keys[0], item)
	}
	return out
}

// mergeRepeated joins two objects as PHP's array_merge_recursive does: members of both become one, deep for objects, a list for scalars. Index keys
// are appended.
func mergeRepeated(a, b *value) *value {
	out := &value{kind: kindObject, keys: append([]string(nil), a.keys...), items: append([]*value(nil), a.items...)}
	for i, key := range b.keys {
		item := b.items[i]
		if isIndex(key) {
			out.set(strconv.Itoa(nextIndex(out)), item)
			continue
		}
		if old := out.get(key); old != nil {
			item = mergeRepeated(asArray(old), asArray(item))
		}
		out.set(key, item)
	}
	return out
}

// asArray is PHP's cast: a scalar becomes a list of itself.
func asArray(v *value) *value {
	if v.kind == kindObject {
		return v
	}
	return &value{kind: kindObject, keys: []string{"0"}, items: []*value{v}}
}

func isIndex(key string) bool {
	n, err := strconv.Atoi(key)
	return err == nil && strconv.Itoa(n) == key
}

func nextIndex(v *value) int {
	next := 0
	for _, key := range v.keys {
		if isIndex(key) {
			n, _ := strconv.Atoi(key)
			next = max(next, n+1)
		}
	}
	return next
}
