package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/eventplatform/eventplatform"

// A goFile is one Go source file of the module. Paths are relative to the repository and have slashes.
type goFile struct {
	path  string
	test  bool // its name ends in _test.go
	lines int
	ast   *ast.File
	fset  *token.FileSet
}

func (f *goFile) dir() string { return path.Dir(f.path) }

// imports returns the import paths of the file, in its order.
func (f *goFile) imports() []string {
	var paths []string
	for _, spec := range f.ast.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, "`\""))
	}
	return paths
}

func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// walk calls visit for every file that belongs to this module's sources: not what is fetched, built, recorded or a module of its own.
func walk(t *testing.T, visit func(name string)) {
	t.Helper()
	skip := map[string]bool{"node_modules": true, "dist": true, "testdata": true, "artifacts": true, "eventplatform-data": true}
	base := root()
	err := filepath.WalkDir(base, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			rel, err := filepath.Rel(base, name)
			if err != nil {
				return err
			}
			visit(filepath.ToSlash(rel))
			return nil
		}
		if name == base {
			return nil
		}
		_, noModule := os.Stat(filepath.Join(name, "go.mod"))
		if skip[d.Name()] || strings.HasPrefix(d.Name(), ".") || noModule == nil {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var parsed struct {
	sync.Mutex
	files []*goFile
}

// goFiles parses every Go file of the module once for all tests.
func goFiles(t *testing.T) []*goFile {
	t.Helper()
	parsed.Lock()
	defer parsed.Unlock()
	if parsed.files != nil {
		return parsed.files
	}
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		src, err := os.ReadFile(filepath.Join(root(), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		parsed.files = append(parsed.files, &goFile{
			path:  name,
			test:  strings.HasSuffix(name, "_test.go"),
			lines: bytes.Count(src, []byte("\n")),
			ast:   tree,
			fset:  fset,
		})
	})
	if len(parsed.files) < 5 {
		t.Fatalf("only %d Go files were found under %s: these tests look in the wrong place", len(parsed.files), root())
	}
	return parsed.files
}
