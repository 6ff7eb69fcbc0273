//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"syscall"
)

// fileID tells files of one machine apart, whatever they are called.
func fileID(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}
