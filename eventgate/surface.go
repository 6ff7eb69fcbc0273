package eventgate

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// DefaultCSP is the content security policy of the Node.js service.
const DefaultCSP = "default-src 'self'; object-src 'none'; media-src 'none'; img-src 'none'; style-src 'none'; base-uri 'self'; frame-ancestors 'self'"

// HandlerConfig configures the HTTP side of the intake. Everything may be left out.
type HandlerConfig struct {
	// MaxBodyBytes bounds a request's body as it is after decompression. 0 = 100 KiB.
	MaxBodyBytes int64
	// MaxBodiesBytes bounds the memory of all bodies that are being read or answered, apart from the first 64 KiB of each; past it requests are answered
	// 503. 0 = 256 MiB.
	MaxBodiesBytes int64
	// CORS is the origin that browsers may post from: "*" for any, "" for no CORS headers at all.
	CORS string
	// CSP is the content security policy; "" sends no security headers. See [DefaultCSP].
	CSP string
	// SchemaURIQueryParam and StreamQueryParam name query parameters that stand in for fields that events lack; "" = none.
	SchemaURIQueryParam, StreamQueryParam string
	// TestEvents are what GET /v1/_test/events sends through the gate. Nil: there is no such route.
	TestEvents []json.RawMessage
	// Streams is what /v1/stream-configs shows. Nil: there is no such route.
	Streams streamconfig.Snapshot
	// Name, Version, Description and Home are told under /_info.
	Name, Version, Description, Home string
	// Repositories are told under /_info too: the schema repositories that events are checked with, and their revisions. It must be quick. Nil: none
	// are told.
	Repositories func() []schema.Revision
	// Trace, if set, is told of every POST of events at its beginning, with its trace context (W3C Trace Context). own, if not "", takes the place of the
	// sender's traceparent in the headers of the records; end, if not nil, is called with the answer's status. It must be quick. Nil: the sender's
	// headers are passed on as they are.
	Trace func(method, route, traceparent, tracestate string) (own string, end func(status int))
	// NotFound answers paths that are not the intake's. Nil: 404 as the Node.js service does.
	NotFound http.Handler
}

// surface is the intake's HTTP side apart from any HTTP library.
type surface struct {
	HandlerConfig
	gate      *Gate
	testBody  []byte
	spec      []byte
	common    []commonHeader
	bodies    atomic.Int64 // bytes
	exchanges sync.Pool
}

// exchange is one request and its answer.
type exchange struct {
	ctx          context.Context
	method       string
	target       string // as in the request line, to be told in answers
	path         string // with its escapes, without the query
	query        string
	header       Header
	fast         fastHeader // what header is on fasthttp
	body         io.Reader  // nil without one; one of no bytes is one
	sent         ender      // what body is on fasthttp
	length       int64      // of the body as announced, -1 unknown
	reserved     int64      // of the surface's MaxBodiesBytes
	remoteIP     string
	req          Request
	resp         Response
	text         []byte // the body's memory
	more         blocks // of the body, while it is read
	inflate      inflater
	route        string // for metrics
	begun        time.Time
	unknownRoute bool
}

func newSurface(g *Gate, c HandlerConfig) *surface {
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = 100 << 10
	}
	if c.MaxBodiesBytes == 0 {
		c.MaxBodiesBytes = 256 << 20
	}
	c.Name = orElse(c.Name, "eventgate")
	c.Description = orElse(c.Description, "Event intake service: events in JSON are validated against their schemas and produced to Kafka.")
	s := &surface{HandlerConfig: c, gate: g}
	if c.TestEvents != nil {
		body, err := json.Marshal(c.TestEvents)
		if err != nil {
			body = []byte("[]")
		}
		s.testBody = body
	}
	s.spec, s.common = spec(c), commonHeaders(c)
	s.exchanges.New = func() any { return new(exchange) }
	return s
}

// begin takes an exchange from the pool; end gives it back.
func (s *surface) begin() *exchange {
	x := s.exchanges.Get().(*exchange)
	x.begun = time.Now()
	return x
}

func (s *surface) end(x *exchange) {
	if x.reserved > 0 {
		s.bodies.Add(-x.reserved)
	}
	if x.resp.Retained || cap(x.text) > keepBytes {
		x.text = nil
	}
	if cap(x.resp.Body) > keepBytes {
		x.resp.Body = nil
	}
	*x = exchange{req: Request{}, resp: x.resp, text: x.text[:0], more: x.more, inflate: x.inflate}
	s.exchanges.Put(x)
}

// eventsPath is where events are posted.
const eventsPath = "/v1/events"

// endpoint is a known path: the methods it takes, as Allow tells them, and what it does.
type endpoint struct {
	name        string // for metrics
	allow       string
	serve       func(*surface, *exchange)
	conditional bool // it is answered 304 to who wants it only if it has changed, as in the Node.js service
}

var (
	eventsEndpoint  = &endpoint{name: "v1/events", allow: "POST", serve: (*surface).postEvents}
	testEndpoint    = &endpoint{name: "v1/_test/events", allow: "GET,HEAD", serve: (*surface).getTestEvents}
	streamsEndpoint = &endpoint{name: "v1/stream-configs", allow: "GET,HEAD", serve: (*surface).getStreamConfigs}
	rootEndpoint    = &endpoint{name: "root", allow: "GET,HEAD", serve: (*surface).getRoot, conditional: true}
	robotsEndpoint  = &endpoint{name: "robots.txt", allow: "GET,HEAD", serve: (*surface).getRobots}
	infoEndpoint    = &endpoint{name: "_info", allow: "GET,HEAD", serve: (*surface).getInfo, conditional: true}
	nameEndpoint    = &endpoint{name: "_info/name", allow: "GET,HEAD", serve: (*surface).getInfoName, conditional: true}
	versionEndpoint = &endpoint{name: "_info/version", allow: "GET,HEAD", serve: (*surface).getInfoVersion, conditional: true}
	homeEndpoint    = &endpoint{name: "_info/home", allow: "", serve: (*surface).getInfoHome}
)

// find returns what a path stands for, nil for nothing of ours. Paths are compared without case, one slash at the end does not matter, nor does a
// doubled one behind the first name; escapes are not undone.
func (s *surface) find(path string) *endpoint {
	if path == eventsPath {
		return eventsEndpoint
	}
	if len(path) > 2048 {
		return nil
	}
	path = strings.ToLower(path)
	for _, mount := range [...]string{"/v1/", "/_info/"} {
		if strings.HasPrefix(path, mount) && strings.HasPrefix(path[len(mount):], "/") {
			path = mount + path[len(mount)+1:]
		}
	}
	if path != "/" && path != "//" {
		path = strings.TrimSuffix(path, "/")
	}
	switch path {
	case eventsPath:
		return eventsEndpoint
	case "/v1/_test/events":
		if s.TestEvents != nil {
			return testEndpoint
		}
	case "/":
		return rootEndpoint
	case "/robots.txt":
		return robotsEndpoint
	case "/_info":
		return infoEndpoint
	case "/_info/name":
		return nameEndpoint
	case "/_info/version":
		return versionEndpoint
	case "/_info/home":
		return homeEndpoint
	}
	if s.Streams != nil && (path == "/v1/stream-configs" || strings.HasPrefix(path, "/v1/stream-configs/")) {
		return streamsEndpoint
	}
	return nil
}

// serve answers a request.
func (s *surface) serve(x *exchange) {
	x.resp.Reset()
	if !legalTarget(x.target) {
		x.route = "other"
		x.problem(400, "bad_request", "Bad request", "The request target has bytes that must be escaped there.")
		x.resp.Reason = http.StatusText(400)
		return
	}
	e := s.find(x.path)
	if e == nil {
		x.route, x.unknownRoute = "other", true
		if s.NotFound == nil {
			s.notFound(x)
		}
		return
	}
	x.route = e.name
	switch {
	case e.allow == "" || x.method == "POST" && e.allow == "POST" || (x.method == "GET" || x.method == "HEAD") && e.allow == "GET,HEAD":
		e.serve(s, x)
		if e.conditional && x.unchanged() {
			x.notModified()
		}
	case x.method == "OPTIONS":
		// This is also what a browser's preflight needs, together with the CORS headers that every answer has.
		x.resp.Set("Allow", e.allow)
		x.page(200, "text/html; charset=utf-8", e.allow)
	default:
		x.resp.Set("Allow", e.allow)
		x.problem(405, "method_not_allowed", "Method not allowed", x.method+" is not allowed on "+x.path+", but "+e.allow+" is.")
	}
	if x.resp.Reason == "" {
		x.resp.Reason = http.StatusText(x.resp.Status)
	}
}

// postEvents is POST /v1/events.
func (s *surface) postEvents(x *exchange) {
	x.readRequest(s)
	if s.Trace != nil {
		own, end := s.Trace(x.method, x.route, x.header.Get("Traceparent"), x.header.Get("Tracestate"))
		x.req.Traceparent = own
		if end != nil {
			defer func() { end(x.resp.Status) }()
		}
	}
	if s.readBody(x) {
		s.gate.Handle(x.ctx, &x.req, &x.resp)
	}
}

// getTestEvents is GET /v1/_test/events: the configured events go through the gate.
func (s *surface) getTestEvents(x *exchange) {
	x.readRequest(s)
	x.text = append(x.text[:0], s.testBody...)
	x.req.Body = x.text
	s.gate.Handle(x.ctx, &x.req, &x.resp)
}

// commonHeader is a header that every answer has unless it says otherwise. Its name is canonical.
type commonHeader struct {
	name   string
	values []string // one
}

func commonHeaders(c HandlerConfig) []commonHeader {
	var all []commonHeader
	add := func(name, value string) {
		all = append(all, commonHeader{name, []string{value}})
	}
	if c.CORS != "" {
		add("Access-Control-Allow-Origin", c.CORS)
		add("Access-Control-Allow-Headers", "accept, x-requested-with, content-type")
		add("Access-Control-Expose-Headers", "etag")
		add("Access-Control-Allow-Methods", "post")
	}
	if c.CSP != "" {
		add("X-Xss-Protection", "1; mode=block")
		add("X-Content-Type-Options", "nosniff")
		add("X-Frame-Options", "SAMEORIGIN")
		add("Content-Security-Policy", c.CSP)
	}
	return all
}
