package testshared

import (
	"fmt"
	"os"
	"testing"
)

// Count records that a test ran so many vectors of the named set: a line in the test's log, and in the file that EVENTPLATFORM_VECTOR_COUNTS
// names, from which test.sh prints its last line.
func Count(t testing.TB, set string, ran int) {
	t.Helper()
	t.Logf("%d vectors of %s ran", ran, set)
	file := os.Getenv("EVENTPLATFORM_VECTOR_COUNTS")
	if file == "" {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatalf("cannot record the count of vectors: %v", err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%d %s\n", ran, set); err != nil {
		t.Fatalf("cannot record the count of vectors: %v", err)
	}
}
