package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/eventplatform/eventplatform/canary"
	"github.com/eventplatform/eventplatform/internal/metrics"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// canaryFlags say what canary events are made of and where they go. They win over the file.
type canaryFlags struct {
	Config   string   `short:"c" help:"A file with stream_config_uri, stream_config_uri_options, stream_config_object_path and schema_base_uris, as an intake's conf has them, services, datacenters and streamers." placeholder:"FILE"`
	Streams  []string `help:"Stream configuration: a file, a folder or a URL. Repeatable: a later one's streams win." placeholder:"FILE|URL" sep:"none"`
	Schemas  []string `help:"Schema repository: a folder or a URL. Repeatable. Without any: built-in schemas." placeholder:"DIR|URL" sep:"none"`
	Services string   `help:"The intakes: a YAML or JSON file of URLs by service (eventgate-main), by service and data centre (eventgate-main-eqiad), or by service with the data centres below it." placeholder:"FILE"`
	To       string   `help:"The one intake of all services, instead of --services." placeholder:"URL"`
}

// canaryFile is the file of -c.
type canaryFile struct {
	StreamConfigURI        string `json:"stream_config_uri"`
	StreamConfigURIOptions struct {
		Headers map[string]string `json:"headers"`
	} `json:"stream_config_uri_options"`
	StreamConfigObjectPath *string         `json:"stream_config_object_path"`
	SchemaBaseURIs         []string        `json:"schema_base_uris"`
	Services               json.RawMessage `json:"services"`
	Datacenters            []string        `json:"datacenters"`
	// Streamers are where check canary looks, by data centre.
	Streamers map[string]string `json:"streamers"`
}

// canaryConfig is what canary events are made of and where they go, opened.
type canaryConfig struct {
	canary.Config
	streamers map[string]string // URLs by data centre
	refresh   func(context.Context) error
	ending    []func()
}

func (c *canaryConfig) close() {
	for _, end := range c.ending {
		end()
	}
}

// open reads everything. What is wrong in it is an error now, not in every round.
func (f *canaryFlags) open(ctx context.Context, log *slog.Logger, m *metrics.Metrics) (_ *canaryConfig, err error) {
	var file canaryFile
	if f.Config != "" {
		if file, err = readCanaryFile(f.Config); err != nil {
			return nil, err
		}
	}
	c := &canaryConfig{Config: canary.Config{UserAgent: userAgent()}, streamers: file.Streamers}
	if c.Services, err = f.services(file); err != nil {
		return nil, err
	}
	config := schemaConfig(f.Schemas)
	if len(f.Schemas) == 0 && len(file.SchemaBaseURIs) > 0 {
		config = schema.Config{Bases: file.SchemaBaseURIs}
	}
	config.Logger, config.Observer, config.UserAgent = log, m.Schemas(), c.UserAgent
	if c.Schemas, err = openRepositories(config); err != nil {
		return nil, err
	}
	c.ending = append(c.ending, c.Schemas.Close)
	if err := c.openStreams(ctx, f, file, log, m); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func readCanaryFile(name string) (file canaryFile, err error) {
	text, err := readYAML(name)
	if err != nil {
		return file, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return file, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

// readYAML reads a file, YAML or JSON, as JSON.
func readYAML(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if text, err = schema.ToJSON(text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// services finds the intakes.
func (f *canaryFlags) services(file canaryFile) (func(service string) []canary.Target, error) {
	if f.To != "" {
		object, err := json.Marshal(map[string]string{"all": f.To})
		if err != nil {
			return nil, err
		}
		all, err := canary.ParseServices(object, nil)
		if err != nil {
			return nil, fmt.Errorf("--to: %w", err)
		}
		return func(string) []canary.Target { return all["all"] }, nil
	}
	object, name := []byte(file.Services), f.Config
	if f.Services != "" {
		var err error
		if object, err = readYAML(f.Services); err != nil {
			return nil, err
		}
		name = f.Services
	}
	if len(object) == 0 {
		return nil, errors.New("where are the intakes? Name them with --services FILE, with services in the file of -c, or one for all with --to URL")
	}
	datacenters := file.Datacenters
	if datacenters == nil {
		datacenters = canary.Datacenters
	}
	all, err := canary.ParseServices(object, datacenters)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return func(service string) []canary.Target { return all[service] }, nil
}

// openStreams reads the stream configuration from --streams or as a client of the file's stream_config_uri.
func (c *canaryConfig) openStreams(ctx context.Context, f *canaryFlags, file canaryFile, log *slog.Logger, m *metrics.Metrics) error {
	switch {
	case len(f.Streams) > 0:
		store, err := streamconfig.NewStore(ctx, streamconfig.StoreConfig{Layout: streamconfig.Layout{Streams: f.Streams}, Logger: log, Observer: m.StreamConfig()})
		if err != nil {
			return err
		}
		c.Streams, c.refresh = store.Current, store.Reload
		return nil
	case file.StreamConfigURI == "":
		return errors.New("which streams are there? Name the stream configuration with --streams, or as stream_config_uri in the file of -c")
	}
	header := http.Header{}
	for name, value := range file.StreamConfigURIOptions.Headers {
		header.Set(name, value)
	}
	objectPath := "streams"
	if file.StreamConfigObjectPath != nil {
		objectPath = *file.StreamConfigObjectPath
	}
	client, err := streamconfig.NewClient(ctx, streamconfig.ClientConfig{
		URI: file.StreamConfigURI, Header: header, ObjectPath: objectPath, Logger: log, Observer: m.StreamConfig(),
	})
	if err != nil {
		return fmt.Errorf("%w; is stream_config_uri in %s right?", err, cmp.Or(f.Config, "-c"))
	}
	c.Streams, c.refresh = client.Current, client.Refresh
	c.ending = append(c.ending, client.Close)
	return nil
}
