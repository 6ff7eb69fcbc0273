package main

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/internal/service"
)

// watchInterval is how often it is looked whether the configuration file has changed.
const watchInterval = 2 * time.Second

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

// reloadFile puts a gate with the file's new settings in the place of the one in use. If the file is wrong nothing changes.
func (in *intake) reloadFile(ctx context.Context) error {
	in.loading.Lock()
	defer in.loading.Unlock()
	loaded, report := in.command.load()
	if err := report.Err(); err != nil {
		return err
	}
	before := in.config
	in.config = loaded
	if err := in.openGate(ctx, nil); err != nil {
		in.config = before
		return err
	}
	if what := needsRestart(before, loaded); what != "" {
		in.log.Warn("the configuration file was read again, but a change takes effect at the next start only", "setting", what)
	}
	return nil
}

// needsRestart names the first setting that differs and is not taken over at a reload.
func needsRestart(before, after *config.EventGate) string {
	switch {
	case before.Listen != after.Listen || before.AdminListen != after.AdminListen:
		return "port"
	case !slices.Equal(before.Schemas.Bases, after.Schemas.Bases):
		return "schema_base_uris"
	case (before.Streams == nil) != (after.Streams == nil) || before.Streams != nil && before.Streams.Client.URI != after.Streams.Client.URI:
		return "stream_config_uri"
	case (before.Guaranteed == nil) != (after.Guaranteed == nil) || before.Guaranteed != nil && !slices.Equal(before.Guaranteed.Brokers, after.Guaranteed.Brokers):
		return "kafka"
	}
	return ""
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
