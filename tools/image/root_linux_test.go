package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// inRoot is a command of an image: as root, in the image's root folder and as its user; as anybody else the program alone, on the image's paths.
func inRoot(ctx context.Context, rootfs string, config imageConfig, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = config.Config.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		cmd.Dir = config.Config.WorkingDir
		cmd.SysProcAttr.Chroot = rootfs
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		return cmd
	}
	for i, arg := range cmd.Args {
		if strings.HasPrefix(arg, "/") {
			cmd.Args[i] = filepath.Join(rootfs, arg)
		}
	}
	cmd.Path = cmd.Args[0]
	cmd.Dir = filepath.Join(rootfs, config.Config.WorkingDir)
	return cmd
}
