package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"

	"github.com/eventplatform/eventplatform/bench/internal/process"
)

// subject is a server that is measured, together with the program that does the same without looking at the events.
type subject struct {
	name string
	// start starts it, to produce to the broker at this address; one that has a broker in its own process lets others in there.
	start     func(w *workshop, broker, data string) (*process.Process, error)
	ownBroker bool
}

// pairs are the limit programs, each followed by what is held against it.
var pairs = [][2]subject{
	{
		{name: "fasthttp", start: func(w *workshop, broker, _ string) (*process.Process, error) {
			return process.Start(w.self, "fasthttp", broker, w.answer)
		}},
		{name: "intake", start: func(w *workshop, broker, _ string) (*process.Process, error) {
			return process.Start(w.program, "eventgate", "-c", w.config, "--listen", "127.0.0.1:0", "--kafka", broker, "--streams", w.streams)
		}},
	},
	{
		{name: "nethttp", ownBroker: true, start: func(w *workshop, broker, data string) (*process.Process, error) {
			return process.Start(w.self, "nethttp", broker, data, w.answer)
		}},
		{name: "serve", ownBroker: true, start: func(w *workshop, broker, data string) (*process.Process, error) {
			return process.Start(w.program, "serve", "--listen", "127.0.0.1:0", "--kafka-listen", broker, "--log-level", "error", "--data-dir", data)
		}},
	},
}

// running is a subject with its broker.
type running struct {
	server, broker *process.Process
	data           string // the folder of what it writes
	endTrim        context.CancelFunc
	trimmed        chan error
}

// start starts a subject and the broker that it writes to, whose records are deleted all the time.
func (w *workshop) start(s subject, data string) (*running, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	r := &running{data: data, trimmed: make(chan error, 1)}
	if !s.ownBroker {
		if r.broker, err = process.Start(w.self, "broker", addr, filepath.Join(data, "broker")); err != nil {
			return nil, err
		}
	}
	if r.server, err = s.start(w, addr, filepath.Join(data, "own")); err != nil {
		if r.broker != nil {
			r.broker.Stop()
		}
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.endTrim = cancel
	go func() { r.trimmed <- trim(ctx, addr) }()
	return r, nil
}

// stop ends both and removes what they wrote. It returns what went wrong with the deleting of records.
func (r *running) stop() error {
	r.endTrim()
	err := <-r.trimmed
	r.server.Stop()
	if r.broker != nil {
		r.broker.Stop()
	}
	return errors.Join(err, os.RemoveAll(r.data))
}

// freeAddr is a port that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
