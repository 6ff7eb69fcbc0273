// Package testshared finds the recorded vectors, schemas and stream declarations that the tests share and that are not part of the
// repository. It is for tests only: the product never reads them.
//
// The folder is named by EVENTPLATFORM_SHARED, else it is the folder "shared" beside the repository. Where there is none a test skips and says so; with
// CI=true it fails instead, so that a run without the vectors cannot pass unseen.
package testshared

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path returns the path of a file or folder of the shared folder, given with slashes.
func Path(t testing.TB, name string) string {
	t.Helper()
	p := filepath.Join(root(), filepath.FromSlash(name))
	if _, err := os.Stat(p); err != nil {
		missing := "shared test data is not here (" + name + "): set EVENTPLATFORM_SHARED to the folder that holds it"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return p
}

func root() string {
	if dir := os.Getenv("EVENTPLATFORM_SHARED"); dir != "" {
		return dir
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
}
