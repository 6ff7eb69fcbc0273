package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// streamconfigCommand is a stream configuration service alone, which may serve schema repositories as well:
//
//	files, folders, URLs ─▶ streamconfig.Store ─▶ /w/api.php, /v1/streams
//	folders of schemas ─────────────────────────▶ /repositories/
type streamconfigCommand struct {
	Config  string   `short:"c" env:"EVENTPLATFORM_CONFIG,APP_CONFIG_PATH" help:"A service-runner file; not needed with --streams." placeholder:"FILE"`
	Schemas []string `help:"Schema repository to serve under /repositories/, instead of the file's: a folder. Repeatable." placeholder:"DIR" sep:"none"`
	singleFlags
}

// Run checks the file and what it names, or serves until the context is over.
func (c *streamconfigCommand) Run(ctx context.Context, t *terminal) error {
	loaded, report := c.load()
	if c.Check {
		return c.check(ctx, t, loaded, report)
	}
	s, err := c.open(t, loaded.Service, report)
	if err != nil {
		return err
	}
	defer s.close()
	repositories, err := servedRepositories(loaded.Schemas)
	if err != nil {
		return err
	}
	store, err := streamconfig.NewStore(ctx, streamconfig.StoreConfig{
		Layout: loaded.Layout, File: c.Config, Again: c.layout, Logger: s.log, Observer: s.metrics.StreamConfig(),
	})
	if err != nil {
		return err
	}
	s.background(store.Watch)
	if loaded.Refresh > 0 {
		s.background(func(ctx context.Context) { every(ctx, loaded.Refresh, store.Reload) })
	}
	s.metrics.Streams(func() int { return len(store.Current().Streams()) }, store.Read)
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
		case strings.HasPrefix(path, "/repositories"):
			repositories.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
	return s.run(ctx, &service.Service{
		Handler: s.metrics.Requests(handler, streamconfigRoute),
		Reloads: []service.Reload{{Name: "stream configuration", Run: store.Reload}},
	})
}

func (c *streamconfigCommand) load() (*config.StreamConfig, *config.Report) {
	over := c.overrides()
	over.Schemas = absolute(c.Schemas)
	return config.LoadStreamConfig(c.Config, over)
}

// layout reads anew where the declarations are: an overlay may have been added to the file.
func (c *streamconfigCommand) layout() (streamconfig.Layout, error) {
	loaded, report := c.load()
	return loaded.Layout, report.Err()
}

// check says what is wrong in the file and in everything it names.
func (c *streamconfigCommand) check(ctx context.Context, t *terminal, loaded *config.StreamConfig, report *config.Report) error {
	if report.Err() == nil {
		if _, err := streamconfig.NewStore(ctx, streamconfig.StoreConfig{Layout: loaded.Layout}); err != nil {
			return err
		}
		if _, err := servedRepositories(loaded.Schemas); err != nil {
			return err
		}
	}
	return c.checked(t, orWord(loaded.Layout.Streams, "streams"), report)
}

// servedRepositories serves schema repositories that are folders here. Without any its answer is an empty list.
func servedRepositories(bases []string) (http.Handler, error) {
	config := schema.Config{Bases: bases, Revalidate: -1}
	if len(bases) > 0 {
		opened, err := openRepositories(config)
		if err != nil {
			return nil, err
		}
		opened.Close()
	}
	return schema.NewHandler(config.Served()), nil
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
func streamconfigRoute(r *http.Request) (route string, lasting bool) {
	path := strings.Trim(strings.ToLower(r.URL.Path), "/")
	switch {
	case path == "w/api.php", path == "api.php", path == "v1/streams", path == "openapi.json":
		return path, false
	case strings.HasPrefix(path, "v1/streams/"):
		return "v1/streams/{name}", false
	case strings.HasPrefix(path, "repositories"):
		return "repositories", false
	case strings.HasPrefix(path, "_info"):
		return "_info", false
	}
	return "other", false
}
