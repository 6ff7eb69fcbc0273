//go:build !unix

package realkafka

import (
	"errors"
	"os"
)

const canFreeze = false

var errNoSignals = errors.New("this operating system cannot stop and continue a process")

func freeze(*os.Process) error { return errNoSignals }
func thaw(*os.Process) error   { return errNoSignals }
