package streamconfig

import (
	"fmt"
	"strings"
	"testing"
)

// sameValue compares two values with their places.
func sameValue(a, b *value) string {
	switch {
	case a.kind != b.kind || a.text != b.text || len(a.items) != len(b.items):
		return fmt.Sprintf("%s is %s %q, not %s %q", a.position(), a.kind, a.text, b.kind, b.text)
	case a.line != b.line || a.col != b.col:
		return fmt.Sprintf("%s is at %s", a.position(), b.position())
	}
	for i := range a.items {
		if a.kind == kindObject && a.keys[i] != b.keys[i] {
			return fmt.Sprintf("%s: %q is %q", a.items[i].position(), a.keys[i], b.keys[i])
		}
		if diff := sameValue(a.items[i], b.items[i]); diff != "" {
			return diff
		}
	}
	return ""
}

// TestPiecesAreTheWhole reads documents in pieces and in one.
func TestPiecesAreTheWhole(t *testing.T) {
	_, plain := large(800)
	body := string(plain)
	for name, text := range map[string]string{
		"plain":            body,
		"windows":          strings.ReplaceAll(body, "\n", "\r\n"),
		"defaults after":   strings.TrimPrefix(body, strings.SplitAfter(body, "\n")[0]) + strings.SplitAfter(body, "\n")[0],
		"comments":         strings.ReplaceAll(body, "    schema_title", "# at the margin\n\n  # and here\n    schema_title"),
		"flow":             strings.ReplaceAll(body, "    consumers:\n", "    flow: {\n      x: 1,\n      y: [1,\n  2]\n    }\n    consumers:\n"),
		"closing brace":    strings.ReplaceAll(body, "    consumers:\n", "    flow: {\n      x: 1\n  }\n    consumers:\n"),
		"block scalar":     strings.ReplaceAll(body, "    consumers:\n", "    description: |\n      team: is\n      like a member\n\n      or not\n    consumers:\n"),
		"quoted":           strings.ReplaceAll(body, "    consumers:\n", "    description: \"a: text\n      that: goes on\"\n    consumers:\n"),
		"deeper":           strings.ReplaceAll(strings.ReplaceAll(body, "\n  ", "\n      "), "streams:", "streams: # all of them"),
		"no end of line":   strings.TrimSuffix(body, "\n"),
		"anchors":          strings.Replace(body, "    consumers:\n", "    consumers: &c\n", 1) + "  last: {consumers: *c}\n",
		"twice":            body + "  \"team1.stream_1.v1\":\n    schema_title: again\n",
		"default_settings": strings.Replace(body, "streams:\n", "streams: {}\n", 1),
	} {
		file := "x.yaml"
		var faultsA, faultsB []Fault
		a, errA := readWhole(&file, []byte(text), 0, &faultsA)
		b, errB := readYAML(&file, []byte(text), &faultsB)
		if fmt.Sprint(errA) != fmt.Sprint(errB) || fmt.Sprint(faultsA) != fmt.Sprint(faultsB) {
			t.Errorf("%s:\nwhole  %v %v\npieces %v %v", name, errA, faultsA, errB, faultsB)
			continue
		}
		if errA != nil {
			continue
		}
		// The root's own place is the first member's or the first line: nobody is told it.
		b.line, b.col = a.line, a.col
		if diff := sameValue(a, b); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, name := range []string{"plain", "comments"} {
		if n := len(splitYAML([]byte(body))); n < 3 {
			t.Errorf("%s is cut in %d pieces", name, n)
		}
	}
}
