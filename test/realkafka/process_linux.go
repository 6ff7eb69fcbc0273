package realkafka

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends the broker when the tests end, however they do.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
