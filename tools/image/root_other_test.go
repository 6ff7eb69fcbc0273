//go:build !linux

package main

import (
	"context"
	"os/exec"
)

func mayChroot() bool { return false }

// inRoot cannot be done here; the tests that need it are skipped.
func inRoot(ctx context.Context, _ string, _ imageConfig, args []string) *exec.Cmd {
	return exec.CommandContext(ctx, args[0], args[1:]...)
}
