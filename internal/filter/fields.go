package filter

import (
	"maps"
	"slices"
	"strings"
)

// Field is a field that an expression can name.
type Field struct {
	// Path is how it is written: event.meta.domain, event['$schema']. What is within a list or in an open object has no path of its own.
	Path string `json:"path"`
	// Type is bool, int, double, string, list, object or dyn.
	Type string `json:"type"`
	// Description is the schema's, "" if it has none.
	Description string `json:"description,omitempty"`
}

// Fields lists what can be named, sorted by path.
func (t *Types) Fields() []Field {
	fields := []Field{
		{"timestamp", "timestamp", "When the event was written to the log"},
		{"topic", "string", "The topic that the event is in"},
	}
	var walk func(path string, s *shape)
	walk = func(path string, s *shape) {
		for _, name := range slices.Sorted(maps.Keys(s.members)) {
			m := s.members[name]
			if m.conflict != "" {
				continue
			}
			at := written(path, name)
			fields = append(fields, Field{at, m.kind.String(), m.description})
			walk(at, m)
		}
	}
	walk("event", t.root)
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return fields
}

// written is a member as an expression writes it.
func written(path, name string) string {
	for i, c := range name {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return path + "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(name) + "']"
		}
	}
	if name == "" || reserved[name] {
		return path + "['" + name + "']"
	}
	return path + "." + name
}

// reserved are the words that cannot follow a point.
var reserved = map[string]bool{"in": true, "true": true, "false": true, "null": true}

// nearest is the written form of the declared field that is most like the one asked for: a member of s, which is at path, or a field of the same name
// elsewhere. "" if nothing is like it.
func (t *Types) nearest(s *shape, path, name string) string {
	best, most := "", max(2, len(name)/3)+1
	if s != nil {
		for _, candidate := range slices.Sorted(maps.Keys(s.members)) {
			if d := distance(name, candidate); d < most {
				best, most = written(path, candidate), d
			}
		}
	}
	if best != "" {
		return best
	}
	for _, f := range t.Fields() {
		if f.Path == "event."+name || strings.HasSuffix(f.Path, "."+name) || strings.HasSuffix(f.Path, "['"+name+"']") {
			return f.Path
		}
	}
	for _, f := range t.Fields() {
		last := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
		if d := distance(name, last); d < most {
			best, most = f.Path, d
		}
	}
	return best
}

// distance is the number of letters to insert, remove, replace or swap with their neighbour to get from one name to the other, capitals aside.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
