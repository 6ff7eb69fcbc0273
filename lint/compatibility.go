package lint

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/schema"
)

// node is what of a schema decides whether one version can take another's place.
type node struct {
	Type       any             `json:"type"`
	Properties map[string]node `json:"properties"`
	Required   []string        `json:"required"`
	Enum       []any           `json:"enum"`
	Items      json.RawMessage `json:"items"`
	More       json.RawMessage `json:"additionalProperties"`
}

// incompatibilities tells how a newer version does more than add optional fields: what it lacks, what has another type, what is required or not any more.
func incompatibilities(older, newer []byte) []string {
	var a, b node
	if json.Unmarshal(older, &a) != nil || json.Unmarshal(newer, &b) != nil {
		return nil // a schema that is none is told where it is compiled
	}
	var list []string
	compare(a, b, "", &list)
	return list
}

func compare(a, b node, path string, list *[]string) {
	tell := func(format string, args ...any) { *list = append(*list, fmt.Sprintf(format, args...)) }
	here := strings.TrimPrefix(path, ".")
	if here == "" {
		here = "the event"
	}
	if was, is := types(a.Type), types(b.Type); was != is {
		tell("%s was %s and is %s", here, was, is)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(a.Properties)) {
		at := path + "." + name
		next, ok := b.Properties[name]
		if !ok {
			tell("%s is gone", strings.TrimPrefix(at, "."))
			continue
		}
		compare(a.Properties[name], next, at, list)
	}
	for _, name := range b.Required {
		if !slices.Contains(a.Required, name) {
			tell("%s is required now", strings.TrimPrefix(path+"."+name, "."))
		}
	}
	for _, name := range a.Required {
		if !slices.Contains(b.Required, name) {
			tell("%s is not required any more", strings.TrimPrefix(path+"."+name, "."))
		}
	}
	for _, v := range a.Enum {
		if b.Enum != nil && !slices.ContainsFunc(b.Enum, func(w any) bool { return fmt.Sprint(v) == fmt.Sprint(w) }) {
			tell("%s cannot be %v any more", here, v)
		}
	}
	if a.Enum == nil && b.Enum != nil {
		tell("%s can only be one of a few values now", here)
	}
	within(a.Items, b.Items, path+"[]", list)
	within(a.More, b.More, path+".*", list)
}

// within compares sub-schemas that both versions have.
func within(a, b json.RawMessage, path string, list *[]string) {
	var x, y node
	if len(a) > 0 && len(b) > 0 && a[0] == '{' && b[0] == '{' && json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil {
		compare(x, y, path, list)
	}
}

// types is a type keyword as text, whatever its order.
func types(t any) string {
	switch t := t.(type) {
	case string:
		return t
	case []any:
		names := make([]string, len(t))
		for i, v := range t {
			names[i] = fmt.Sprint(v)
		}
		slices.Sort(names)
		return strings.Join(names, " or ")
	}
	return "anything"
}

// compatibilityTest is what jsonschema-tools calls the check of compatible versions.
const compatibilityTest = "schema-version-compatibility"

// exemptions are the checks that a repository's own .jsonschema-tools.yaml switches off.
type exemptions []exemption

type exemption struct {
	uri   *regexp.Regexp
	tests []string
}

// exemptionsOf reads the exemptions of the repositories that are folders.
func exemptionsOf(locations []string) exemptions {
	var list exemptions
	for _, location := range locations {
		dir := strings.TrimPrefix(location, "file://")
		for _, d := range []string{dir, filepath.Dir(filepath.Clean(dir))} {
			text, err := os.ReadFile(filepath.Join(d, ".jsonschema-tools.yaml"))
			if err != nil {
				continue
			}
			asJSON, err := schema.ToJSON(text)
			if err != nil {
				continue
			}
			var file struct {
				Skip map[string][]string `json:"skipSchemaTestCases"`
			}
			if json.Unmarshal(asJSON, &file) != nil {
				continue
			}
			for uri, tests := range file.Skip {
				if re, err := regexp.Compile(uri); err == nil {
					list = append(list, exemption{re, tests})
				}
			}
			break
		}
	}
	return list
}

func (e exemptions) has(uri, test string) bool {
	return slices.ContainsFunc(e, func(x exemption) bool { return x.uri.MatchString(uri) && slices.Contains(x.tests, test) })
}
