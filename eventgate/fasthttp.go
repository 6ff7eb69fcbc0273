package eventgate

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
)

// FastServer serves the whole surface of the intake on fasthttp: about twice as fast as net/http, and with reason phrases.
type FastServer struct {
	server   fasthttp.Server
	surface  *surface
	notFound fasthttp.RequestHandler

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
	// mostDrained is how much of a body that nobody wanted is read all the same, so that the sender reads the answer and not a reset connection.
	mostDrained = 64 << 20
)

// NewFastServer makes a server that is not listening yet.
func NewFastServer(g *Gate, c HandlerConfig, bounds FastServerConfig) *FastServer {
	s := &FastServer{surface: newSurface(g, c)}
	if c.NotFound != nil {
		s.notFound = fasthttpadaptor.NewFastHTTPHandler(c.NotFound)
	}
	s.server = fasthttp.Server{
		Handler:                      s.handle,
		ReadTimeout:                  bounds.ReadTimeout,
		WriteTimeout:                 bounds.WriteTimeout,
		IdleTimeout:                  bounds.IdleTimeout,
		Concurrency:                  bounds.MaxConnections,
		ReadBufferSize:               mostHead,
		StreamRequestBody:            true, // bodies are bounded, inflated and kept by the surface
		DisablePreParseMultipartForm: true,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		CloseOnShutdown:              true,
		Logger:                       silent{},
	}
	return s
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
	x := s.surface.begin()
	defer s.surface.end(x)
	// The library's own context is used again for the next request, so it must not reach those who wait for a schema together.
	x.ctx, x.method, x.target, x.header = context.Background(), string(ctx.Method()), string(ctx.Request.Header.RequestURI()), fastHeader{&ctx.Request.Header}
	x.path, x.query = cutTarget(x.target)
	x.body, x.length, x.remoteIP = ctx.RequestBodyStream(), int64(ctx.Request.Header.ContentLength()), ctx.RemoteIP().String()
	if x.body != nil && x.length < 0 {
		x.length = -1
	}
	if expect := ctx.Request.Header.Peek("Expect"); len(expect) > 0 && !strings.EqualFold(string(expect), "100-continue") {
		ctx.Response.SetStatusCode(http.StatusExpectationFailed)
		ctx.SetConnectionClose()
		return
	}
	s.surface.serve(x)
	if x.unknownRoute && s.notFound != nil {
		s.notFound(ctx)
		return
	}
	x.compress()
	s.write(ctx, x)
	if x.body != nil && !x.consumed {
		// What is left of the body would be read as the next request.
		if _, err := io.CopyN(io.Discard, x.body, mostDrained); !errors.Is(err, io.EOF) {
			ctx.SetConnectionClose()
		}
	}
	s.surface.gate.observer.Answered(x.method, x.route, x.resp.Status, time.Since(x.begun))
}

func (s *FastServer) write(ctx *fasthttp.RequestCtx, x *exchange) {
	h := &ctx.Response.Header
	ctx.Response.SetStatusCode(x.resp.Status)
	if x.resp.Reason != http.StatusText(x.resp.Status) {
		h.SetStatusMessage([]byte(x.resp.Reason))
	}
	for i := range s.surface.common {
		h.SetCanonical(s.surface.common[i].key, s.surface.common[i].value)
	}
	for _, f := range x.resp.Header {
		h.Set(f.Name, f.Value)
	}
	ctx.Response.SetBody(x.resp.Body) // a copy: the exchange goes back to its pool before the answer is written
}

// cutTarget returns path and query of a request target, which may be an absolute URI.
func cutTarget(target string) (path, query string) {
	if !strings.HasPrefix(target, "/") {
		if _, rest, ok := strings.Cut(target, "://"); ok {
			target = "/"
			if i := strings.IndexByte(rest, '/'); i >= 0 {
				target = rest[i:]
			}
		}
	}
	target, _, _ = strings.Cut(target, "#")
	path, query, _ = strings.Cut(target, "?")
	return path, query
}

// fastHeader is a request's headers. What it returns is a copy, since fasthttp uses its memory again.
type fastHeader struct{ h *fasthttp.RequestHeader }

func (f fastHeader) Get(name string) string {
	return string(f.h.Peek(name))
}

// silent drops the library's lines about clients that send what is not HTTP: a sender's fault is not the intake's error.
type silent struct{}

func (silent) Printf(string, ...any) {}
