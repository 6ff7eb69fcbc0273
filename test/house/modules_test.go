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

// A permit says where other people's code may be used.
type permit struct {
	module string   // an import path or the beginning of one
	rooms  []string // rooms or single files, their tests included
	tests  []string // rooms of which only the tests may use it
}

// permits names every module the product and its tests may use: one that is not here fails, so that a new dependency is a decision. The rooms
// test and bench may use any of them: they look at the product from outside.
var permits = []permit{
	{module: "github.com/twmb/franz-go", rooms: []string{"kafka", "internal/embedded"}},
	{module: "cel.dev/cel-go", rooms: []string{"internal/filter"}},
	{module: "github.com/google/pprof", rooms: []string{"internal/profile"}},
	{module: "github.com/felixge/fgprof", rooms: []string{"internal/profile"}},
	{module: "go.opentelemetry.io/otel", rooms: []string{"internal/trace"}},
	{module: "github.com/prometheus", rooms: []string{"internal/metrics"}},
	{module: "github.com/valyala/fasthttp", rooms: []string{"eventgate/fasthttp.go", "eventgate/fastheader.go", "eventgate/fasthttp_test.go"}},
	{module: "github.com/goccy/go-yaml", rooms: []string{"streamconfig", "schema", "internal/config"}, tests: []string{"jsonschema"}},
	{module: "github.com/alecthomas/kong", rooms: []string{"cmd/eventplatform"}},
	{module: "github.com/klauspost/compress", rooms: []string{"eventgate", "kafkasse", "streamconfig"}},
	{module: "github.com/dlclark/regexp2", rooms: []string{"jsonschema", "streamconfig"}},
	{module: "github.com/google/uuid", rooms: []string{everything}},
	{module: "github.com/santhosh-tekuri/jsonschema", tests: []string{"jsonschema"}},
	{module: "github.com/valyala/fastjson", tests: []string{"jsonschema"}},
	{module: "github.com/rogpeppe/go-internal", tests: []string{everything}},
	{module: "pgregory.net/rapid", tests: []string{everything}},
	{module: "go.uber.org/goleak", tests: []string{everything}},
}

func permitFor(imported string) (permit, bool) {
	for _, p := range permits {
		if imported == p.module || strings.HasPrefix(imported, p.module+"/") {
			return p, true
		}
	}
	return permit{}, false
}

func allowed(where []string, room, file string) bool {
	return slices.Contains(where, everything) || slices.Contains(where, room) || slices.Contains(where, file)
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
			case allowed(p.rooms, room.room, f.path), f.test && allowed(p.tests, room.room, f.path):
			default:
				t.Errorf("%s imports %s; only %q may, and the tests of %q", f.path, imported, p.rooms, p.tests)
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
