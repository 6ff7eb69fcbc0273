package house

import (
	"bytes"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const maxLines = 500

// A file that is longer holds more than one idea.
func TestNoFileIsTooLong(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.lines > maxLines && !ast.IsGenerated(f.ast) {
			t.Errorf("%s has %d lines; %d is the most", f.path, f.lines, maxLines)
		}
	}
	walk(t, func(name string) {
		if !slices.Contains([]string{".ts", ".vue", ".mjs", ".css", ".sh"}, path.Ext(name)) {
			return
		}
		src, err := os.ReadFile(filepath.Join(root(), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(src, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines; %d is the most", name, n, maxLines)
		}
	})
}

// A package says in its doc comment what it is for.
func TestEveryPackageHasADocComment(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		documented[f.dir()] = documented[f.dir()] || f.ast.Doc != nil
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("no file of %s has a package doc comment: what is it for, what does it promise, what does it never do?", dir)
		}
	}
}

// A package is named after what it holds.
func TestNoPackageIsADrawer(t *testing.T) {
	for _, f := range goFiles(t) {
		switch name := strings.TrimSuffix(f.ast.Name.Name, "_test"); name {
		case "util", "utils", "common", "helper", "helpers", "misc", "shared":
			t.Errorf("%s: package %s says nothing about what is in it", f.path, name)
		}
	}
}

// A test that sleeps is slow, or flaky, or both: it waits for a condition or runs in a synctest bubble.
func TestNoTestSleeps(t *testing.T) {
	for _, f := range goFiles(t) {
		if !f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
					t.Errorf("%s: time.Sleep in a test: poll a condition or wait for a channel", f.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
