package eventstreams

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Handler serves the whole surface: /v2/stream/…, /?spec, /_info and the rest. Everything else is a 404, so that it can also be mounted in a
// bigger mux for single paths.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	for i := range len(r.RequestURI) {
		if r.RequestURI[i] >= 0x80 { // must be percent-encoded
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	s.setHeaders(w.Header())
	path := r.URL.EscapedPath()
	route := s.route(path, r)
	switch {
	case route == nil:
		notFound(w, r)
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", "GET,HEAD")
		answer(w, http.StatusOK, "text/html; charset=utf-8", []byte("GET,HEAD"))
	case r.Method != http.MethodGet && r.Method != http.MethodHead && !(hasConditions(r) && isStream(path)):
		notFound(w, r)
	default:
		route(w, r)
	}
}

const streamPath, eventPath = "/v2/stream/", "/v2/event/"

func isStream(path string) bool { return strings.HasPrefix(strings.ToLower(path), streamPath) }

// setHeaders sets what goes with every answer.
func (s *Server) setHeaders(h http.Header) {
	if s.cfg.CORS != "false" {
		h.Set("Access-Control-Allow-Origin", s.cfg.CORS)
		h.Set("Access-Control-Allow-Headers", "accept, x-requested-with, content-type, last-event-id")
		h.Set("Access-Control-Expose-Headers", "etag, stream-gap")
	}
	if s.cfg.CSP != "false" {
		h.Set("X-Xss-Protection", "1; mode=block")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Content-Security-Policy", s.cfg.CSP)
		h.Set("X-Content-Security-Policy", s.cfg.CSP)
		h.Set("X-Webkit-Csp", s.cfg.CSP)
	}
}

// route returns what answers a path, as it is encoded; nil if nothing does. Case does not matter, nor does one slash at the end.
func (s *Server) route(path string, r *http.Request) http.HandlerFunc {
	lower := strings.ToLower(path)
	if strings.HasPrefix(lower, streamPath) {
		names := strings.TrimSuffix(path[len(streamPath):], "/")
		if names == "" || strings.Contains(names, "/") {
			return nil
		}
		return func(w http.ResponseWriter, r *http.Request) { s.serveStream(w, r, names) }
	}
	if strings.HasPrefix(lower, eventPath) && strings.Count(path, "/") == 5 {
		return func(w http.ResponseWriter, r *http.Request) { s.serveEvent(w, r, path[len(eventPath):]) }
	}
	if s.cfg.UI != nil && strings.HasPrefix(lower, "/v2/ui/") {
		return http.StripPrefix(r.URL.Path[:len("/v2/ui")], s.cfg.UI).ServeHTTP
	}
	if lower != "/" {
		lower = strings.TrimSuffix(lower, "/")
	}
	switch lower {
	case "/":
		return s.serveRoot
	case "/_info":
		return s.serveInfo
	case "/_info/name":
		return func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, map[string]string{"name": s.cfg.Name}) }
	case "/_info/version":
		return func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, map[string]string{"version": s.cfg.Version})
		}
	case "/_info/home":
		return func(w http.ResponseWriter, _ *http.Request) { redirect(w, http.StatusMovedPermanently, s.cfg.Home) }
	case "/robots.txt":
		return func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, "text/plain; charset=utf-8", []byte("User-agent: *\nDisallow: /\n"))
		}
	case "/rc":
		return func(w http.ResponseWriter, _ *http.Request) { redirect(w, http.StatusMovedPermanently, "/?doc") }
	case "/v2/ui":
		if s.cfg.UI != nil {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Security-Policy", "default-src 'none'")
				w.Header().Set("Location", "/v2/ui/")
				answer(w, http.StatusMovedPermanently, "text/html; charset=UTF-8", page("Redirecting", "Redirecting to /v2/ui/"))
			}
		}
	}
	return nil
}

func (s *Server) serveRoot(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case query.Has("spec"):
		s.serveSpec(w, r)
	case query.Has("doc") && query.Has("path"):
		s.serveDocFile(w, r, query.Get("path"))
	case query.Has("doc"):
		s.serveDoc(w, r)
	case s.cfg.UI != nil:
		redirect(w, http.StatusSeeOther, "/v2/ui/")
	default:
		redirect(w, http.StatusSeeOther, "/?doc")
	}
}

func (s *Server) serveInfo(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, struct {
		Name        string `json:"name"`
		Version     string `json:"version"`
		Description string `json:"description"`
		Home        string `json:"home"`
	}{s.cfg.Name, s.cfg.Version, s.cfg.Description, s.cfg.Home})
}

func answerJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // all that is answered this way has a JSON form
	}
	answer(w, http.StatusOK, "application/json; charset=utf-8", body)
}

func redirect(w http.ResponseWriter, status int, to string) {
	w.Header().Set("Location", to)
	w.Header().Set("Vary", "Accept")
	answer(w, status, "text/plain; charset=utf-8", []byte(http.StatusText(status)+". Redirecting to "+to))
}

// streamNames splits the part of a path that names streams. It is decoded once; a plus is a plus.
func streamNames(encoded string) ([]string, error) {
	decoded, err := url.PathUnescape(encoded)
	switch {
	case err != nil:
		return nil, err
	case !utf8.ValidString(decoded):
		return nil, errors.New("what is encoded is no UTF-8")
	}
	return strings.Split(decoded, ","), nil
}
