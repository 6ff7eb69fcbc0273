package main

import (
	"net/http"
	"strings"

	"github.com/eventplatform/eventplatform/eventgate"
	"github.com/eventplatform/eventplatform/internal/service"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
	"github.com/eventplatform/eventplatform/ui"
)

// maxBodyBytes bounds what a POST may hold, after decompression.
const maxBodyBytes = 10 << 20

// dispatch gives each path to the service that knows it. Paths are compared without regard to case, as the reference services do.
func (p *platform) dispatch() http.Handler {
	intake := p.page.Watch(p.intake())
	streams := p.metrics.Requests(p.streamer.Handler(), streamsRoute)
	declared := streamconfig.NewHandler(p.current)
	if p.store != nil {
		declared = streamconfig.NewStoreHandler(p.store)
	}
	configuration := p.metrics.Requests(declared, streamconfigRoute)
	repositories := schema.NewHandler(p.served)
	page := &frontPage{page: ui.Handler(), api: p.page.Handler()}
	info := service.Info{Name: "eventplatform", Version: service.Version(), Description: "The whole event platform in one process", Home: service.Home}

	table := []struct {
		prefix  string
		handler http.Handler
	}{
		{"/v1/events", intake},
		{"/v1/_test/", intake},
		{"/v1/stream-configs", intake},
		{"/v1/streams", configuration},
		{"/w/api.php", configuration},
		{"/v2/", streams},
		{"/repositories", repositories},
		{"/_info", withRevisions(info, p.revisions.named)},
		{"/healthz", http.HandlerFunc(service.Healthz)},
		{"/readyz", p.ready},
		{"/robots.txt", streams},
		{"/eventgate", http.StripPrefix("/eventgate", intake)},
		{"/eventstreams", http.StripPrefix("/eventstreams", streams)},
		{"/streamconfig", http.StripPrefix("/streamconfig", configuration)},
	}
	spec := &union{parts: []described{{intake, "/?spec"}, {streams, "/?spec"}, {configuration, "/openapi.json"}}}
	page.next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.ToLower(r.URL.Path)
		if path == "/" && r.URL.Query().Has("spec") {
			spec.ServeHTTP(w, r)
			return
		}
		for _, entry := range table {
			if strings.HasPrefix(path, entry.prefix) {
				entry.handler.ServeHTTP(w, r)
				return
			}
		}
		page.page.ServeHTTP(w, r)
	})
	return page
}

// intake answers what is the intake's.
func (p *platform) intake() http.Handler {
	return eventgate.NewHandler(p.gate, eventgate.HandlerConfig{
		MaxBodyBytes: maxBodyBytes, CORS: "*", SchemaURIQueryParam: "schema_uri", StreamQueryParam: "stream",
		Streams: p.current, Name: "eventgate", Version: service.Version(), Home: service.Home, Repositories: p.revisions.named, Trace: p.tracing.requests(),
	})
}
