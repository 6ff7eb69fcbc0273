package config

import (
	"encoding/json"
	"testing"
)

// Whatever the file is, reading it ends, and what was read can be written as JSON.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "a: 1", "services: [{name: x, conf: {port: {env(PORT,1)}}}]", "a: &x {b: 1}\nc: {<<: *x, d: .inf}", "a: *a", "? [a]\n: b", "a: |\n  x\n  y\n", "a: 0x1F\nb: 1_000\nc: 0o7",
		"{\"a\":\"\\u2028<\"}", "a: !!str 1", "a: 1\na: 2", "\ufeffa: 1", "a:\n\t- b", "a: 1e400", "a: -.nan",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := &reading{file: "x"}
		root := r.parse(r.environment(text))
		if root == nil {
			if len(r.report.Faults) == 0 {
				t.Fatal("nothing was read and nothing said")
			}
			return
		}
		if out := root.appendJSON(nil); !json.Valid(out) {
			t.Fatalf("not JSON: %s", out)
		}
		root.value()
		r.object("", root, fields{"services": known, "port": whole(new(int), 0, 1)})
	})
}
