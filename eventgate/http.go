package eventgate

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// NewHandler serves the whole surface of the intake on net/http: the events, their test, the description, the service's information. It cannot send reason
// phrases, which net/http leaves no room for.
func NewHandler(g *Gate, c HandlerConfig) http.Handler {
	return &handler{surface: newSurface(g, c)}
}

type handler struct {
	surface *surface
	// answered, if set, is shown every answer before it is written: reason phrases are seen nowhere else.
	answered func(*Response)
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := h.surface
	x := s.begin()
	defer s.end(x)
	x.ctx, x.method, x.target, x.header = r.Context(), r.Method, r.RequestURI, netHeader(r.Header)
	x.path, x.query = pathOf(r.URL)
	x.length, x.remoteIP = r.ContentLength, peer(r.RemoteAddr)
	if r.ContentLength != 0 || r.Header["Content-Length"] != nil {
		x.body = r.Body
	}
	s.serve(x)
	if x.unknownRoute && s.NotFound != nil {
		s.NotFound.ServeHTTP(w, r)
		return
	}
	x.compress()
	if h.answered != nil {
		h.answered(&x.resp)
	}
	h.write(w, x)
	s.gate.observer.Answered(x.method, x.route, x.resp.Status, time.Since(x.begun))
}

// pathOf returns path and query as they were sent. It looks at the URL and not at the request line, so that http.StripPrefix works.
func pathOf(u *url.URL) (path, query string) {
	if path = u.RawPath; path == "" {
		path = orElse(u.EscapedPath(), "/")
	}
	path, _, fragment := strings.Cut(path, "#")
	if !fragment {
		query, _, _ = strings.Cut(u.RawQuery, "#")
	}
	return path, query
}

func (h *handler) write(w http.ResponseWriter, x *exchange) {
	header := w.Header()
	for i := range h.surface.common {
		header[h.surface.common[i].name] = h.surface.common[i].values
	}
	for _, f := range x.resp.Header {
		header[canonical(f.Name)] = []string{f.Value}
	}
	if len(x.resp.Body) > 0 {
		header["Content-Length"] = []string{strconv.Itoa(len(x.resp.Body))}
	}
	w.WriteHeader(x.resp.Status)
	if len(x.resp.Body) > 0 && x.method != "HEAD" {
		_, _ = w.Write(x.resp.Body) // a client that has gone away does not need the rest
	}
}

func appendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }
