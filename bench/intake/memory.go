package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// memory looks at the intake's after many events, and after as many refused ones that each name another stream.
func (w *workshop) memory() (err error) {
	data := filepath.Join(w.dir, "memory")
	run, err := w.start(pairs[0][1], data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.stop()) }()
	server := run.server
	accepted := 0
	for accepted < w.events {
		g, err := w.load(server.URL, 50, time.Second, 0)
		if err != nil {
			return err
		}
		accepted += g.Events
	}
	before, err := server.Memory()
	if err != nil {
		return err
	}
	refused := 0
	for range 3 { // what is left by a third of them shows in the second and third
		g, err := w.generate("-events", strconv.Itoa(w.events/3), "refuse", server.URL)
		if err != nil {
			return err
		}
		refused += g.Events
		after, err := server.Memory()
		if err != nil {
			return err
		}
		fmt.Printf("\nintake: resident %.0f MB after %d events, %.0f MB after %d more that were refused, each of another stream", float64(before)/1e6, accepted, float64(after)/1e6, refused)
	}
	peak, err := server.PeakMemory()
	fmt.Printf("; at most %.0f MB\n", float64(peak)/1e6)
	return err
}
