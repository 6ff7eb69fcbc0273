package eventgate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
)

// FastServer serves the whole surface of the intake on fasthttp: about twice as fast as net/http, and with reason phrases.
type FastServer struct {
	server  fasthttp.Server
	current atomic.Pointer[fastSurface]

	mu        sync.Mutex
	listeners []*newcomers
}

// FastServerConfig bounds what clients may do. Zero values mean no bound.
type FastServerConfig struct {
	// ReadTimeout bounds the time from a request's first byte to its last.
	ReadTimeout time.Duration
	// WriteTimeout bounds the time that a client may take to read an answer.
	WriteTimeout time.Duration
	// IdleTimeout bounds the time between two requests of a connection.
	IdleTimeout time.Duration
	// MaxConnections bounds open connections; 0 = 262,144.
	MaxConnections int
}

const (
	// mostHead is how large a request's head may be, as in Node.js.
	mostHead = 16 << 10
	// drainedFirst and drainPatience are how much of a body that nobody wants is read before the answer, and for how long, so that the connection can
	// be kept. What is more is read after it: see newcomer.linger.
	drainedFirst  = 1 << 20
	drainPatience = 250 * time.Millisecond
)

// NewFastServer makes a server that is not listening yet.
func NewFastServer(g *Gate, c HandlerConfig, bounds FastServerConfig) *FastServer {
	s := &FastServer{}
	s.current.Store(newFastSurface(g, c))
	s.server = fasthttp.Server{
		Handler:                      s.handle,
		HeaderReceived:               s.received,
		ExpectHandler:                s.expected,
		ReadTimeout:                  bounds.ReadTimeout,
		WriteTimeout:                 bounds.WriteTimeout,
		IdleTimeout:                  bounds.IdleTimeout,
		Concurrency:                  bounds.MaxConnections,
		ReadBufferSize:               mostHead,
		StreamRequestBody:            true, // bodies are bounded, inflated and kept by the surface, which reads them
		MaxRequestBodySize:           1,    // apart from this first byte: fasthttp would wait for thousands, and copy them
		DisablePreParseMultipartForm: true,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		CloseOnShutdown:              true,
		Logger:                       silent{},
	}
	return s
}

// received looks at a request's head before fasthttp goes by it: HTTP/1.0 knows no expectations (RFC 9110, section 10.1.1).
func (s *FastServer) received(h *fasthttp.RequestHeader) (bounds fasthttp.RequestConfig) {
	if !h.IsHTTP11() {
		h.Del("Expect")
	}
	return bounds
}

// expected answers a request at once whose sender asks first and would send too much; others go on.
func (s *FastServer) expected(ctx *fasthttp.RequestCtx) int {
	if mostSent := s.current.Load().mostSent("gzip"); int64(ctx.Request.Header.ContentLength()) <= mostSent { // the larger bound
		return http.StatusContinue
	}
	s.handle(ctx)
	ctx.Conn().(*newcomer).unread = true // the sender need not have waited
	return ctx.Response.StatusCode()
}

// Replace has every request that begins from now on, on whatever connection, answered by another gate. The channel is closed when the last of those that
// began before has its answer: then the gate from before may be closed.
func (s *FastServer) Replace(g *Gate, c HandlerConfig) (idle <-chan struct{}) {
	return s.current.Swap(newFastSurface(g, c)).retire()
}

// Serve answers requests until Shutdown, then returns nil.
func (s *FastServer) Serve(l net.Listener) error {
	n := &newcomers{Listener: l}
	s.mu.Lock()
	s.listeners = append(s.listeners, n)
	s.mu.Unlock()
	return s.server.Serve(n)
}

// Shutdown stops listening and waits for the requests in flight, or until the context is over.
func (s *FastServer) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	for _, l := range s.listeners {
		l.end()
	}
	s.mu.Unlock()
	return s.server.ShutdownWithContext(ctx)
}

func (s *FastServer) handle(ctx *fasthttp.RequestCtx) {
	f := s.current.Load()
	for !f.enter() {
		f = s.current.Load()
	}
	defer f.leave()
	f.handle(ctx)
}

// fastSurface is a surface on fasthttp.
type fastSurface struct {
	*surface
	notFound fasthttp.RequestHandler
	head     fasthttp.ResponseHeader // what every answer begins with

	requests atomic.Int64 // under way; less by the number retired when the surface is not in use any more
	once     sync.Once
	idle     chan struct{} // closed when it is retired and has no requests left
}

// retired is more requests than there can be.
const retired = 1 << 40

func newFastSurface(g *Gate, c HandlerConfig) *fastSurface {
	f := &fastSurface{surface: newSurface(g, c), idle: make(chan struct{})}
	if c.NotFound != nil {
		f.notFound = fasthttpadaptor.NewFastHTTPHandler(c.NotFound)
	}
	f.head.SetNoDefaultContentType(true)
	for _, h := range f.common {
		f.head.Set(h.name, h.values[0])
	}
	return f
}

// enter begins a request; false means that another surface is in use by now.
func (f *fastSurface) enter() bool {
	if f.requests.Add(1) > 0 {
		return true
	}
	f.leave()
	return false
}

func (f *fastSurface) leave() {
	if f.requests.Add(-1) == -retired {
		f.once.Do(func() { close(f.idle) })
	}
}

func (f *fastSurface) retire() <-chan struct{} {
	f.requests.Add(1 - retired)
	f.leave()
	return f.idle
}

func (f *fastSurface) handle(ctx *fasthttp.RequestCtx) {
	x := f.begin()
	defer f.end(x)
	// The library's own context is used again for the next request, so it must not reach those who wait for a schema together.
	x.ctx, x.method, x.target, x.header = context.Background(), usual(ctx.Method()), usual(ctx.Request.Header.RequestURI()), &x.fast
	x.fast.of(&ctx.Request.Header)
	x.path, x.query = cutTarget(x.target)
	conn := ctx.Conn().(*newcomer)
	x.length, x.remoteIP = int64(ctx.Request.Header.ContentLength()), conn.ip
	if stream := ctx.RequestBodyStream(); stream != nil && x.length != 0 {
		x.sent.body, x.length = stream, max(x.length, -1)
		x.body = &x.sent
	} else if ctx.IsPost() && announcesLength(ctx.Request.Header.RawHeaders()) {
		x.body = http.NoBody
	}
	if expect := x.header.Get("Expect"); expect != "" && !strings.EqualFold(expect, "100-continue") {
		ctx.Response.SetStatusCode(http.StatusExpectationFailed)
		ctx.SetConnectionClose()
		return
	}
	f.serve(x)
	if x.fast.closes() {
		defer ctx.SetConnectionClose()
	}
	if x.unknownRoute && f.notFound != nil {
		f.notFound(ctx)
		return
	}
	x.compress()
	f.write(ctx, x)
	f.gate.observer.Answered(x.method, x.route, x.resp.Status, time.Since(x.begun))
	if x.sent.body != nil && !errors.Is(x.sent.err, io.EOF) && !x.finish(conn) {
		ctx.SetConnectionClose()
		conn.unread = true
	}
}

// finish reads what is left of the body, which would be taken for the next request, if that is not much and comes soon.
func (x *exchange) finish(conn *newcomer) bool {
	if x.sent.err != nil || x.length > drainedFirst {
		return false
	}
	_ = conn.SetReadDeadline(time.Now().Add(drainPatience))
	defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	return drain(&x.sent, drainedFirst)
}

func (f *fastSurface) write(ctx *fasthttp.RequestCtx, x *exchange) {
	h := &ctx.Response.Header
	f.head.CopyTo(h) // quicker than to set one after the other, which looks each up
	h.SetStatusCode(x.resp.Status)
	if x.resp.Reason != http.StatusText(x.resp.Status) {
		h.SetStatusMessage([]byte(x.resp.Reason))
	}
	for _, field := range x.resp.Header {
		h.Set(field.Name, field.Value)
	}
	if len(x.resp.Body) > 0 {
		ctx.Response.SetBody(x.resp.Body) // a copy: the exchange goes back to its pool before the answer is written
	}
}

// usual returns the text, and does not allocate what is in most requests.
func usual(text []byte) string {
	switch string(text) {
	case http.MethodPost:
		return http.MethodPost
	case eventsPath:
		return eventsPath
	case plainJSON:
		return plainJSON
	}
	return string(text)
}

// cutTarget returns path and query of a request target, which may be an absolute URI.
func cutTarget(target string) (path, query string) {
	if !strings.HasPrefix(target, "/") {
		if _, rest, ok := strings.Cut(target, "://"); ok {
			target = "/"
			if i := strings.IndexAny(rest, "/?#"); i >= 0 {
				target += strings.TrimPrefix(rest[i:], "/")
			}
		}
	}
	target, _, _ = strings.Cut(target, "#")
	path, query, _ = strings.Cut(target, "?")
	return path, query
}

// announcesLength reports whether there is a Content-Length among a request's headers; fasthttp says 0 without one.
func announcesLength(headers []byte) bool {
	for line := range bytes.Lines(headers) {
		if name, _, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("Content-Length")) {
			return true
		}
	}
	return false
}

// legalTarget reports whether a request target has only characters that may stand in a request line.
func legalTarget(target string) bool {
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// silent drops the library's lines about clients that send what is not HTTP: a sender's fault is not the intake's error.
type silent struct{}

func (silent) Printf(string, ...any) {}
