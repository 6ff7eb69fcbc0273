package config

import (
	"os"
	"path/filepath"
)

// outputFile says, if the file is only checked, whether output_path can be opened as far as this machine tells.
func (e *eventGateReading) outputFile() {
	file := e.c.Output
	if !e.over.Checking || file == "" || file == "-" {
		return
	}
	line, path := e.conf.get("output_path").lineOf(0), e.place+".output_path"
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		e.fault(line, path, "%s is a folder: name a file in it", file)
	}
	if folder := filepath.Dir(file); !exists(folder) {
		e.warn(line, path, "the folder %s is not on this machine, and a start does not make it", folder)
	}
}
