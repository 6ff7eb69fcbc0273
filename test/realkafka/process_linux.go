package realkafka

import (
	"os/exec"
	"syscall"
)

// DieWithParent ends a program when the one that starts it ends, however it does.
func DieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
