package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// mayChroot says whether this process can give others another root folder: mostly root can, but not in every container.
var mayChroot = sync.OnceValue(func() bool {
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: "/", Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd.Run() == nil
})

// inRoot is a command of an image: in the image's root folder and as its user; where that is not allowed, the program alone, on the
// image's paths.
func inRoot(ctx context.Context, rootfs string, config imageConfig, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = config.Config.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if mayChroot() {
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
