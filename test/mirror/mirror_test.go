package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/eventplatform/eventplatform/test/realkafka"
)

// unavailable is the script's exit code where Kafka is not to be had.
const unavailable = 77

// Two data centres with real Kafka and MirrorMaker: residents and a traveller miss nothing and have nothing twice, whatever goes down. This runs what
// operators run by hand, in its short form; with EVENTPLATFORM_LONG=1 in its long one.
func TestTwoDataCentres(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two Kafka clusters")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the script is for Unix shells")
	}
	timeout, args := 5*time.Minute, []string{"--short"}
	if os.Getenv("EVENTPLATFORM_LONG") == "1" {
		timeout, args = 30*time.Minute, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	_, file, _, _ := runtime.Caller(0)
	script := exec.CommandContext(ctx, filepath.Join(filepath.Dir(file), "..", "..", "deploy", "mirror", "two-dcs.sh"), args...)
	realkafka.DieWithParent(script)
	script.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	script.Stdout, script.Stderr = &out, &out
	err := script.Run()
	t.Logf("%v:\n%s", script.Args, &out)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == unavailable && os.Getenv("CI") != "true" {
		t.Skip("no Apache Kafka to test with")
	}
	if err != nil {
		t.Fatalf("the script failed: %v", err)
	}
}
