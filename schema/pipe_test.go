//go:build unix

package schema

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// A named pipe in a repository is no schema, and nobody waits for somebody to write to it.
func TestANamedPipeIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a/1.0.0.yaml", text("/a/1.0.0", ""))
	for _, name := range []string{"a/1.0.0", "a/2.0.0"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := open(t, Config{Bases: []string{dir}})
	lookups(t, r, "/a/1.0.0")
	var notFound *NotFoundError
	if _, err := r.Lookup(t.Context(), "/a/2.0.0"); !errors.As(err, &notFound) {
		t.Error(err)
	}
}
