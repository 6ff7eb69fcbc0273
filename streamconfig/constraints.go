package streamconfig

import (
	"bytes"
	"strconv"
)

// Constraints select streams by their settings. All must hold. The zero value and nil select every stream.
type Constraints struct{ expected *value }

// ParseConstraints reads constraints from a JSON object: a setting to what it must be. Scalars are compared as PHP's texts, objects in part and deep,
// lists as subsets. See the package's guide for the rules.
func ParseConstraints(object []byte) (*Constraints, error) {
	var faults []Fault
	file := "constraints"
	v, err := readJSON(&file, object, &faults)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, &LoadError{Faults: faults}
	}
	if v.kind != kindObject && v.kind != kindNull {
		return nil, &LoadError{Faults: []Fault{{Pos: v.position(), Message: "constraints are " + v.kind.String(), Remedy: "they must be an object"}}}
	}
	return &Constraints{expected: v}, nil
}

// MeetsConstraints reports whether the stream's settings, before topics are computed, meet all constraints. The constraint "stream" is met by the
// stream's name or by a name that its regular expression matches.
func (s *Stream) MeetsConstraints(c *Constraints) bool {
	if c == nil || c.expected.isNull() {
		return true
	}
	for i, key := range c.expected.keys {
		expected := c.expected.items[i]
		if key == "stream" && !expected.isNull() {
			if expected.isArray() || !s.Matches(phpText(expected)) {
				return false
			}
			continue
		}
		if !meets(expected, s.settings.get(key)) {
			return false
		}
	}
	return true
}

// meets compares one expected value with a setting. A setting that is missing or null meets nothing.
func meets(expected, actual *value) bool {
	switch {
	case actual.isNull():
		return false
	case !expected.isArray() && !actual.isArray():
		return phpText(expected) == phpText(actual)
	case !expected.isArray() || !actual.isArray():
		return false
	}
	if elements, ok := expected.elements(); ok {
		if among, ok := actual.elements(); ok {
			return subset(elements, among)
		}
	}
	for i, item := range expected.items {
		if !meets(item, actual.member(expected.key(i))) {
			return false
		}
	}
	return true
}

// subset reports whether every expected element is met by one of the others.
func subset(expected, among []*value) bool {
	for _, e := range expected {
		found := false
		for _, a := range among {
			// Inside lists null is a text like any other; objects and lists are met in part, or by their like.
			if !e.isArray() && !a.isArray() && phpText(e) == phpText(a) || e.isArray() && (meets(e, a) || bytes.Equal(e.appendJSON(nil), a.appendJSON(nil))) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// elements returns the elements of what PHP calls a list: a list, or an object whose keys are 0, 1, 2 and so on.
func (v *value) elements() ([]*value, bool) {
	if v.kind == kindList {
		return v.items, true
	}
	for i, key := range v.keys {
		if key != strconv.Itoa(i) {
			return nil, false
		}
	}
	return v.items, v.kind == kindObject
}

// key is the name of an object's member, or a list's index, as PHP sees it.
func (v *value) key(i int) string {
	if v.kind == kindList {
		return strconv.Itoa(i)
	}
	return v.keys[i]
}

// member is an object's member or a list's element by its index.
func (v *value) member(key string) *value {
	if v.kind != kindList {
		return v.get(key)
	}
	i, err := strconv.Atoi(key)
	if err != nil || i < 0 || i >= len(v.items) || strconv.Itoa(i) != key {
		return nil
	}
	return v.items[i]
}
