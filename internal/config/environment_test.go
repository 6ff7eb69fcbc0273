package config

import (
	"strings"
	"testing"
)

// A placeholder in a comment is nobody's; "#" begins a comment only where YAML says so. What is replaced reads X, what is kept reads {env(…)}.
func TestPlaceholdersInComments(t *testing.T) {
	t.Setenv("c_x", "X")
	const e = "{env(c_x)}"
	for name, test := range map[string]struct{ text, want string }{
		"whole line":               {"# E\na: 1", "# K\na: 1"},
		"indented line":            {"a:\n  # E\n  b: E", "a:\n  # K\n  b: X"},
		"line at the end":          {"a: E\n# E", "a: X\n# K"},
		"after a value":            {"a: $schema   # E\nb: E", "a: $schema   # K\nb: X"},
		"before it a placeholder":  {"a: E # E E\nb: E", "a: X # K K\nb: X"},
		"after a key":              {"a: # E\n  b: E", "a: # K\n  b: X"},
		"after a list's item":      {"a:\n- E # E\n- E # E\n", "a:\n- X # K\n- X # K\n"},
		"after a quoted text":      {"a: 'E' # E\nb: \"E\" # E\n", "a: 'X' # K\nb: \"X\" # K\n"},
		"no white space before":    {"a: x#E\nb: E", "a: x#X\nb: X"},
		"no white space, quoted":   {"a: 'x#E'\nb: \"x#E\"", "a: 'x#X'\nb: \"x#X\""},
		"in single quotes":         {"a: 'x # E'\nb: 'it''s # E' # E", "a: 'x # X'\nb: 'it''s # X' # K"},
		"in double quotes":         {"a: \"x # E\"\nb: \"a \\\" # E\" # E", "a: \"x # X\"\nb: \"a \\\" # X\" # K"},
		"in quotes of many lines":  {"a: 'x\n  # E\n  y' # E\nb: E", "a: 'x\n  # X\n  y' # K\nb: X"},
		"in a block":               {"a: | # E\n  # E\n  x # E\nb: E # E", "a: | # K\n  # X\n  x # X\nb: X # K"},
		"in a folded block":        {"a:\n  b: >-\n    # E\n    x # E\n  # E\n  c: E", "a:\n  b: >-\n    # X\n    x # X\n  # K\n  c: X"},
		"in a flow":                {"a: [E, # E\n  'E', E] # E\nb: {c: E} # E", "a: [X, # K\n  'X', X] # K\nb: {c: X} # K"},
		"quote in a plain text":    {"a: it's # E\nb: E's # E", "a: it's # K\nb: X's # K"},
		"quote in a comment":       {"a: 1 # it's E\nb: E # \"E\nc: E", "a: 1 # it's K\nb: X # \"K\nc: X"},
		"a key":                    {"E: E # E", "X: X # K"},
		"# in the default":         {"a: {env(c_none,x #1)}\nb: E", "a: x #1\nb: X"},
		"comment in a comment":     {"a: 1 # x # E\nb: E", "a: 1 # x # K\nb: X"},
		"Windows lines":            {"a: E # E\r\n# E\r\nb: E\r\n", "a: X # K\r\n# K\r\nb: X\r\n"},
		"after letters of no code": {"a: 'äöü – 漢字' # ä E\nb: E", "a: 'äöü – 漢字' # ä K\nb: X"},
		"after a document's mark":  {"--- # E\na: E", "--- # K\na: X"},
		"more than nine":           {"a: EEEEEEEEEEE # E\nb: E", "a: XXXXXXXXXXX # K\nb: X"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &reading{}
			got := string(r.environment([]byte(strings.ReplaceAll(test.text, "E", e))))
			if want := strings.ReplaceAll(test.want, "K", e); got != want {
				t.Errorf("reads\n%s\nwant\n%s", got, want)
			}
			if len(r.report.Warnings)+len(r.report.Faults) > 0 {
				t.Errorf("%v %v", r.report.Faults, r.report.Warnings)
			}
		})
	}
}
