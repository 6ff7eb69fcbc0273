package main

import (
	"context"
	"slices"
	"sync"

	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/internal/config"
)

// streamerFile is a streamer's configuration file, which is read again at SIGHUP and when it, or the file of denied clients, is another than it was.
type streamerFile struct {
	*single
	load     func() (*config.EventStreams, *config.Report)
	streamer *eventstreams.Server

	loading sync.Mutex
	config  *config.EventStreams // in use
	files   []string             // that are looked at
}

// reload has the streamer use the file's new settings. If the file is wrong nothing changes.
func (f *streamerFile) reload(context.Context) error {
	f.loading.Lock()
	defer f.loading.Unlock()
	loaded, report := f.load()
	if err := report.Err(); err != nil {
		return err
	}
	if err := f.streamer.Reload(loaded.Streamer.Settings); err != nil {
		return err
	}
	for _, what := range streamerNeedsRestart(f.config, loaded) {
		f.log.Warn("the configuration file was read again, but a change takes effect at the next start only", "setting", what)
	}
	f.config = loaded
	f.files[1] = loaded.DeniedFile
	return nil
}

// streamerNeedsRestart names the settings that differ and are not taken over at a reload.
func streamerNeedsRestart(before, after *config.EventStreams) (names []string) {
	for name, differs := range map[string]bool{
		"port":              before.Listen != after.Listen || before.AdminListen != after.AdminListen,
		"schema_base_uris":  !slices.Equal(before.Schemas.Bases, after.Schemas.Bases),
		"stream_config_uri": before.Streams.Client.URI != after.Streams.Client.URI,
		"kafka":             !slices.Equal(before.Log.Brokers, after.Log.Brokers) || before.Log.FollowMaxBytes != after.Log.FollowMaxBytes,
		"cors or csp":       before.Streamer.CORS != after.Streamer.CORS || before.Streamer.CSP != after.Streamer.CSP,
		"overload":          before.Streamer.Kafka.OverloadAsStream != after.Streamer.Kafka.OverloadAsStream,
		"max_clients, max_connection_age, heartbeat_interval or keep_copies": before.Streamer.Kafka.MaxClients != after.Streamer.Kafka.MaxClients ||
			before.Streamer.Kafka.MaxAge != after.Streamer.Kafka.MaxAge || before.Streamer.Kafka.Heartbeat != after.Streamer.Kafka.Heartbeat ||
			before.Streamer.Kafka.KeepCopies != after.Streamer.Kafka.KeepCopies,
	} {
		if differs {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// watched are the files that are looked at.
func (f *streamerFile) watched() []string {
	f.loading.Lock()
	defer f.loading.Unlock()
	return slices.DeleteFunc(slices.Clone(f.files), func(file string) bool { return file == "" })
}
