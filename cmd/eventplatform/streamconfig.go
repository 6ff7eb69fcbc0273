package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// streamconfigCommand is a stream configuration service alone:
//
//	files, folders, URLs ─▶ streamconfig.Store ─▶ /w/api.php, /v1/streams
type streamconfigCommand struct {
	Config string `short:"c" env:"EVENTPLATFORM_CONFIG,APP_CONFIG_PATH" help:"A service-runner file; not needed with --streams." placeholder:"FILE"`
	singleFlags
}

// Run checks the file and what it names, or serves until the context is over.
func (c *streamconfigCommand) Run(ctx context.Context, t *terminal) error {
	loaded, report := config.LoadStreamConfig(c.Config, c.overrides())
	if c.Check {
		if report.Err() == nil {
			if _, err := streamconfig.Load(loaded.Sources...); err != nil {
				return err
			}
		}
		return c.checked(t, orWord(loaded.Sources, "streams"), report)
	}
	s, err := c.open(t, loaded.Service, report)
	if err != nil {
		return err
	}
	defer s.close()
	store, err := streamconfig.NewStore(ctx, streamconfig.StoreConfig{
		Layout: streamconfig.Layout{Streams: loaded.Sources}, Logger: s.log, Observer: s.metrics.StreamConfig(),
	})
	if err != nil {
		return err
	}
	s.background(store.Watch)
	if loaded.Refresh > 0 {
		s.background(func(ctx context.Context) { every(ctx, loaded.Refresh, store.Reload) })
	}
	s.metrics.Streams(func() int { return len(store.Current().Streams()) }, nil)
	info := service.Info{Name: loaded.Name, Version: service.Version(), Description: "Declarations of streams", Home: service.Home}
	api := streamconfig.NewStoreHandler(store)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.ToLower(r.URL.Path); {
		case strings.HasPrefix(path, "/_info"):
			info.ServeHTTP(w, r)
		case path == "/healthz":
			service.Healthz(w, r)
		case path == "/readyz":
			s.ready.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
	return s.run(ctx, &service.Service{
		Handler: s.metrics.Requests(handler, streamconfigRoute),
		Reloads: []service.Reload{{Name: "stream configuration", Run: store.Reload}},
	})
}

// every calls something at intervals until ctx is over. It says by itself what is wrong.
func every(ctx context.Context, interval time.Duration, call func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = call(ctx)
		}
	}
}

// streamconfigRoute names a request's path for the metrics.
func streamconfigRoute(r *http.Request) string {
	path := strings.Trim(strings.ToLower(r.URL.Path), "/")
	switch {
	case path == "w/api.php", path == "api.php", path == "v1/streams", path == "openapi.json":
		return path
	case strings.HasPrefix(path, "v1/streams/"):
		return "v1/streams/{name}"
	case strings.HasPrefix(path, "_info"):
		return "_info"
	}
	return "other"
}
