package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/eventplatform/eventplatform/internal/service"
)

// reloads are what SIGHUP does: the file, the stream configuration and the schemas are read again, while requests go on.
func (in *intake) reloads() []service.Reload {
	list := []service.Reload{{Name: configurationFile, Run: in.reloadFile}}
	if in.streams != nil {
		list = append(list, service.Reload{Name: "stream configuration", Run: in.streams.reload})
	}
	return append(list, service.Reload{Name: "schemas", Run: in.reloadSchemas})
}

// reloadSchemas reads those in use, then those that should be and are not.
func (in *intake) reloadSchemas(ctx context.Context) error {
	err := in.schemas.Reload(ctx)
	missing, broken := in.precache(ctx)
	if missing > 0 {
		broken = errors.Join(broken, fmt.Errorf("%d of schema_precache_uris are still not there", missing))
	}
	return errors.Join(err, broken)
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
	in.lookAtErrorStream()
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
