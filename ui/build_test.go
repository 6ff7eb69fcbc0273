package ui

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The page's own checks, in a copy of its sources with the dependencies that its lock file names: types, unit tests, and that the committed
// build is the build of the committed sources. They need Node and, the first time, npm's registry.
func TestTheSourcesCheckAndBuildToWhatIsCommitted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a fresh installation of the page's dependencies: not in -short")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("npm is not installed")
		}
		t.Skip("npm is not installed")
	}
	dir := t.TempDir()
	copySources(t, dir)
	run(t, dir, "npm", "ci", "--no-audit", "--no-fund", "--prefer-offline")

	t.Run("types", func(t *testing.T) { run(t, dir, "npm", "run", "check") })
	t.Run("tests", func(t *testing.T) { run(t, dir, "npm", "test") })
	t.Run("build", func(t *testing.T) {
		run(t, dir, "npm", "run", "build")
		sameFiles(t, os.DirFS(filepath.Join(dir, "dist")), os.DirFS("dist"))
	})
}

func copySources(t *testing.T, to string) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "node_modules" || name == "dist"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// sameFiles fails unless both folders hold the same files with the same content.
func sameFiles(t *testing.T, fresh, committed fs.FS) {
	t.Helper()
	want, have := contents(t, fresh), contents(t, committed)
	for name, content := range want {
		if old, ok := have[name]; !ok || !bytes.Equal(old, content) {
			t.Errorf("dist/%s is not what the sources build: run npm ci && npm run build in ui and commit dist", name)
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("dist/%s is left over from an older build", name)
		}
	}
}

func contents(t *testing.T, files fs.FS) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found[name], err = fs.ReadFile(files, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
