package house

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A permit says where other people's code may be used. Rooms holds room folders or single files; tests of a permitted room may use it too.
type permit struct {
	module    string // an import path or the beginning of one
	rooms     []string
	testsOnly bool
}

// permits names every module the product and its tests may use: one that is not here fails, so that a new dependency is a decision. The rooms
// test and bench may use any of them: they look at the product from outside.
var permits = []permit{
	{module: "github.com/twmb/franz-go", rooms: []string{"kafka", "internal/embedded"}},
	{module: "github.com/google/cel-go", rooms: []string{"internal/filter"}},
	{module: "github.com/prometheus", rooms: []string{"internal/metrics"}},
	{module: "github.com/valyala/fasthttp", rooms: []string{"eventgate/fasthttp.go", "eventgate/fasthttp_test.go"}},
	{module: "github.com/goccy/go-yaml", rooms: []string{"streamconfig", "schema", "internal/config"}},
	{module: "github.com/alecthomas/kong", rooms: []string{"cmd/eventplatform"}},
	{module: "github.com/klauspost/compress", rooms: []string{"eventgate", "kafkasse", "streamconfig"}},
	{module: "github.com/dlclark/regexp2", rooms: []string{"jsonschema", "streamconfig"}},
	{module: "github.com/google/uuid", rooms: []string{everything}},
	{module: "github.com/santhosh-tekuri/jsonschema", rooms: []string{"jsonschema"}, testsOnly: true},
	{module: "github.com/valyala/fastjson", rooms: []string{"jsonschema"}, testsOnly: true},
	{module: "github.com/rogpeppe/go-internal", rooms: []string{everything}, testsOnly: true},
	{module: "pgregory.net/rapid", rooms: []string{everything}, testsOnly: true},
	{module: "go.uber.org/goleak", rooms: []string{everything}, testsOnly: true},
}

func permitFor(imported string) (permit, bool) {
	for _, p := range permits {
		if imported == p.module || strings.HasPrefix(imported, p.module+"/") {
			return p, true
		}
	}
	return permit{}, false
}

func TestOtherPeoplesCodeStaysInItsRooms(t *testing.T) {
	for _, f := range goFiles(t) {
		room, _ := ruleOf(f.dir())
		for _, imported := range f.imports() {
			host, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(host, ".") || imported == module || strings.HasPrefix(imported, module+"/") {
				continue // the standard library, or ours
			}
			p, known := permitFor(imported)
			switch {
			case !known:
				t.Errorf("%s imports %s, which no room may: a new dependency needs a line in modules_test.go and in docs/dependencies.md", f.path, imported)
			case workshop(room.room):
			case p.testsOnly && !f.test:
				t.Errorf("%s imports %s, which is for tests only", f.path, imported)
			case !slices.Contains(p.rooms, everything) && !slices.Contains(p.rooms, room.room) && !slices.Contains(p.rooms, f.path):
				t.Errorf("%s imports %s; only %s may", f.path, imported, strings.Join(p.rooms, ", "))
			}
		}
	}
}

// Every direct dependency is written down with its reason: a table row of docs/dependencies.md that begins with the module's path in backticks.
func TestEveryDependencyIsExplained(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json", filepath.Join(root(), "go.mod")).Output()
	if err != nil {
		t.Fatalf("go mod edit -json: %v", err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root(), "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cell, isRow := strings.CutPrefix(strings.TrimSpace(line), "|")
		if name, ok := strings.CutPrefix(strings.TrimSpace(cell), "`"); isRow && ok {
			name, _, _ = strings.Cut(name, "`")
			explained[name] = true
		}
	}
	for _, m := range mod.Require {
		if !m.Indirect && !explained[m.Path] {
			t.Errorf("go.mod requires %s, but docs/dependencies.md has no row that begins with `%s`", m.Path, m.Path)
		}
	}
}
