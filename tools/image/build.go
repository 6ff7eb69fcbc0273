package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// versionVariable is where the linker puts the version.
const versionVariable = "github.com/eventplatform/eventplatform/internal/service.version"

// compile builds the program for a platform: static, its symbols kept, the same from the same sources wherever they are.
func compile(repository, goos, goarch, version, file string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-X "+versionVariable+"="+version, "-o", file, "./cmd/eventplatform")
	cmd.Dir = repository
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building for %s/%s: %w\n%s", goos, goarch, err, out)
	}
	return nil
}

// program returns the program of a platform: the one that was given, or one that is built in the folder.
func (o *options) program(p platform, dir string) (string, error) {
	if file := o.programs[p]; file != "" {
		return file, nil
	}
	file := filepath.Join(dir, p.OS+"-"+p.Architecture)
	return file, compile(o.repository, p.OS, p.Architecture, o.version, file)
}
