package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/eventstreams"
	"github.com/eventplatform/eventplatform/internal/config"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/internal/uiapi"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/streamconfig"
	"github.com/eventplatform/eventplatform/ui"
)

// pageFlags are what the commands that serve the page share.
type pageFlags struct {
	UIOpen []string `name:"ui-open" help:"What of the page that is else for the admin port everyone may see and do: errors, health, send; none for nothing. Default: all where serve listens on the loopback interface, else none." placeholder:"errors,health,send"`
}

// open reads what is opened; local tells that only this machine reaches the page.
func (f *pageFlags) open(local bool) (open uiapi.Open, err error) {
	if len(f.UIOpen) == 0 {
		return uiapi.Open{Errors: local, Health: local, Send: local}, nil
	}
	for _, name := range f.UIOpen {
		switch name {
		case "errors":
			open.Errors = true
		case "health":
			open.Health = true
		case "send":
			open.Send = true
		case "none":
		default:
			return open, fmt.Errorf("--ui-open or ui_open %q: give some of errors, health and send, or none", name)
		}
	}
	return open, nil
}

// openPage makes what answers the page. It counts events for the test double from now on.
func (p *platform) openPage(ctx context.Context, c *serveCommand) error {
	host, _, _ := net.SplitHostPort(c.Listen)
	address := net.ParseIP(host)
	open, err := c.open(host == "localhost" || address != nil && address.IsLoopback())
	if err != nil {
		return err
	}
	p.page = uiapi.New(uiapi.Config{
		Name: "eventplatform", Version: service.Version(), Streams: p.current, Log: p.reader, Schemas: p.schemas, Intake: p.intake(),
		Filters: streamFilters{p.streamer}, Open: open, Double: true, Logger: p.log,
		Health: &uiapi.Health{
			Started: p.started, Ready: p.ready, Metrics: p.metrics.Handler(), Brokers: p.reader.Brokers, Embedded: p.broker != nil, Clients: p.streamer.ClientList,
		},
	})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.page.Reset(ctx); err != nil {
		p.log.Warn("the page counts accepted events from the beginning of the topics: their ends are not known", "err", err)
	}
	return nil
}

// errorStream is the declared stream for events about refused ones, named as installations name it; "" without one.
func errorStream(streams *streamconfig.Config) string {
	for _, s := range streams.Streams() {
		if !s.IsRegex && s.SchemaTitle == "error" && strings.HasSuffix(s.Name, ".error.validation") {
			return s.Name
		}
	}
	return ""
}

// frontPage puts the page and what answers it in front of other handlers. A path that is somebody else's too is the page's only for browsers that go there.
type frontPage struct {
	page, api http.Handler
	shared    []string
	next      http.Handler
}

func (f *frontPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, uiapi.Prefix):
		f.api.ServeHTTP(w, r)
	case strings.HasPrefix(path, ui.Files):
		f.page.ServeHTTP(w, r)
	case ui.IsPage(path) && (r.URL.Query().Has("spec") || r.URL.Query().Has("doc")):
		f.next.ServeHTTP(w, r)
	case ui.IsPage(path) && (!slices.Contains(f.shared, path) || strings.Contains(r.Header.Get("Accept"), "text/html")):
		f.page.ServeHTTP(w, r)
	default:
		f.next.ServeHTTP(w, r)
	}
}

// adminPage puts the page with everything it can show in front of an admin port's handler, and the streams that it follows.
func adminPage(next http.Handler, api *uiapi.Server, streams http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.Handle("/v2/stream/", streams)
	return &frontPage{page: ui.Handler(), api: api.AdminHandler(), shared: []string{"/"}, next: mux}
}

// streamsPageFlags are what the page of a streamer alone is told besides.
type streamsPageFlags struct {
	UIIntake string `name:"ui-intake" help:"The intake that the page's Try asks. Default: none, and no such page." placeholder:"URL"`
	pageFlags
}

// openPage makes what answers the page of a streamer alone, and puts it in front of the streamer.
func (s *single) openPage(f *streamsPageFlags, c *config.EventStreams, server *eventstreams.Config, streamer *eventstreams.Server, log *kafka.Log) error {
	if f.UIIntake == "" {
		f.UIIntake = c.UIIntake
	}
	if len(f.UIOpen) == 0 {
		f.UIOpen = c.UIOpen
	}
	open, err := f.open(false)
	if err != nil {
		return err
	}
	health := &uiapi.Health{
		Started: s.started, Ready: s.ready, Metrics: s.metrics.Handler(), Brokers: log.Brokers, Clients: streamer.ClientList,
		ClientLimit: c.Streamer.ClientIPConnectionLimit,
	}
	page := uiapi.Config{
		Name: c.Name, Version: service.Version(), Streams: server.Streams, Allowed: c.Streamer.AllowedStreams, Log: log, Schemas: server.Schemas,
		Filters: streamFilters{streamer}, Open: open, Logger: s.log, Health: health,
	}
	if f.UIIntake != "" {
		intake, err := url.Parse(f.UIIntake)
		if err != nil || intake.Host == "" {
			return fmt.Errorf("--ui-intake or ui_intake_uri %q: give the URL of an intake, such as http://127.0.0.1:8192", f.UIIntake)
		}
		page.Intake = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(intake) }}
		health.Others = map[string]string{"intake": f.UIIntake}
	}
	api := uiapi.New(page)
	s.atEnd(api.Close)
	s.front = func(next http.Handler) http.Handler { return adminPage(next, api, streamer.Handler()) }
	s.page = &frontPage{page: ui.Handler(), api: api.Handler(), shared: []string{"/"}, next: streamer.Handler()}
	return nil
}
