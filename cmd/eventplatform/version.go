package main

import (
	"fmt"
	"runtime"

	"github.com/eventplatform/eventplatform/internal/service"
)

type versionCommand struct{}

// Run prints the version and what it was built with.
func (versionCommand) Run(t *terminal) error {
	_, err := fmt.Fprintf(t.Out, "eventplatform %s (%s, %s/%s)\n", service.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
