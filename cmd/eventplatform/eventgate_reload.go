package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/eventplatform/eventplatform/internal/service"
)

// watchInterval is how often it is looked whether the configuration file has changed.
const watchInterval = time.Second

// reloads are what SIGHUP does: the file, the stream configuration and the schemas are read again, while requests go on.
func (in *intake) reloads() []service.Reload {
	list := []service.Reload{{Name: configurationFile, Run: in.reloadFile}}
	if in.streams != nil {
		list = append(list, service.Reload{Name: "stream configuration", Run: in.streams.reload})
	}
	return append(list, service.Reload{Name: "schemas", Run: func(ctx context.Context) error {
		in.schemas.Reset()
		return in.precache(ctx)
	}})
}

const configurationFile = "configuration file"

// reloadFile puts a gate with the file's new settings in the place of the one in use: requests that have begun are finished by that. If the file is wrong
// nothing changes.
func (in *intake) reloadFile(context.Context) error {
	in.loading.Lock()
	defer in.loading.Unlock()
	if in.ended {
		return nil
	}
	loaded, report := in.command.load()
	if err := report.Err(); err != nil {
		return err
	}
	if loaded.Gate.Manner != in.config.Gate.Manner {
		return fmt.Errorf("%s: eventgate_factory_module chooses another intake, which takes a restart", in.command.Config)
	}
	before, old := in.config, in.gate
	in.config = loaded
	gate, handler, err := in.newGate()
	if err != nil {
		in.config = before
		return err
	}
	idle := in.server.Replace(gate, handler)
	in.gate = gate
	in.retiring.Go(func() {
		<-idle
		if err := old.Close(context.Background()); err != nil { // every outcome comes in bounded time
			in.log.Error("the gate with the settings from before did not end in order", "err", err)
		}
	})
	for _, change := range loaded.NeedRestart(in.started) {
		in.log.Warn("configuration: " + change.String())
	}
	return nil
}

// watchFile reloads the file when it is another than it was, until ctx is over.
func (in *intake) watchFile(ctx context.Context) {
	seen := stamp(in.command.Config)
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := stamp(in.command.Config)
		if now == seen {
			continue
		}
		seen = now
		err := in.reloadFile(ctx)
		in.reloaded(configurationFile, err)
		if err != nil {
			in.log.Error("the changed configuration file is not used; what was there before is still in use", "err", err)
			continue
		}
		in.log.Info("the configuration file has changed and was read again")
	}
}

// fileStamp tells one state of a file from another.
type fileStamp struct {
	size    int64
	changed time.Time
}

// stamp looks at where a link leads, too: that is how Kubernetes changes a file. A file that is not there has no stamp.
func stamp(file string) fileStamp {
	info, err := os.Stat(file)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime()}
}
