package service

import (
	"os"
	"os/signal"
	"syscall"
)

// catch keeps SIGHUP from ending the test program.
func catch() (release func()) {
	c := make(chan os.Signal, 100)
	signal.Notify(c, syscall.SIGHUP)
	return func() { signal.Stop(c) }
}
