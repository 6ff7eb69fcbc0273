package streamconfig

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// filter is one condition of GET /v1/streams.
type filter struct {
	path []string // of a setting; nil: the stream's name
	text string
}

type filters []filter

// maxFilters bounds a query.
const maxFilters = 50

// parseFilters reads a query's parameters: a setting's dotted path and the value it must have. "stream" is a name that the declaration stands for.
func parseFilters(q url.Values) (filters, string) {
	var list filters
	keys := make([]string, 0, len(q))
	for key := range q {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		switch key {
		case "wiki", "explain":
			continue
		case "":
			return nil, "A parameter of the query has no name: filters are a setting's path and its value, like schema_title=test/event."
		}
		for _, text := range q[key] {
			f := filter{text: text}
			if key != "stream" {
				f.path = strings.Split(key, ".")
			}
			list = append(list, f)
		}
	}
	if len(list) > maxFilters {
		return nil, "The query has more than " + strconv.Itoa(maxFilters) + " filters."
	}
	return list, ""
}

// meets reports whether a stream meets all filters.
func (list filters) meets(s *Stream) bool {
	for _, f := range list {
		if f.path == nil {
			if s.Name != f.text && !s.Matches(f.text) {
				return false
			}
			continue
		}
		if f.path[0] == "topics" && len(f.path) == 1 {
			if !slices.Contains(s.Topics, f.text) {
				return false
			}
			continue
		}
		if !hasSetting(s.settings, f.path, f.text) {
			return false
		}
	}
	return true
}

// hasSetting reports whether the setting at a dotted path has a value. Names with dots are found as well: the steps are joined where that is a name.
func hasSetting(v *value, path []string, text string) bool {
	if len(path) == 0 {
		return readsAs(v, text)
	}
	for n := 1; n <= len(path); n++ {
		if next := v.get(strings.Join(path[:n], ".")); next != nil && hasSetting(next, path[n:], text) {
			return true
		}
	}
	return false
}

// readsAs compares a setting with a text as one would write it: true, 0.25, null; of a list one element.
func readsAs(v *value, text string) bool {
	switch v.kind {
	case kindNull:
		return text == "null"
	case kindBool, kindString:
		return v.text == text
	case kindNumber:
		return v.text == text || phpNumber(v.text) == text
	case kindList:
		return slices.ContainsFunc(v.items, func(item *value) bool { return !item.isArray() && readsAs(item, text) })
	}
	return false
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
