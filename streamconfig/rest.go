package streamconfig

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

var (
	restCache = []string{"max-age=60, public"}
	restVary  = []string{"Accept-Encoding, Host"}
)

// serveStreams answers GET /v1/streams: all streams of the view, or those that the filters select.
func (h *Handler) serveStreams(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	q, config, ok := h.restQuery(w, r)
	if !ok {
		return
	}
	h.tellRefusal(w)
	key := "rest?" + r.URL.RawQuery
	a := config.answers.get(key)
	if a == nil {
		filters, problemText := parseFilters(q)
		if problemText != "" {
			problem(w, http.StatusBadRequest, problemText)
			return
		}
		var entries []Entry
		for _, s := range config.streams {
			if filters.meets(s) {
				entries = append(entries, Entry{s.Name, s})
			}
		}
		b := append([]byte(nil), `{"streams":`...)
		if len(filters) == 0 {
			b = append(b, config.allStreams()...)
		} else {
			b = AppendEntries(b, entries)
		}
		if q.Get("explain") == "true" {
			b = appendExplanations(append(b, `,"sources":`...), entries)
		}
		a = newAnswer(append(b, '}'))
		config.answers.put(key, a)
	}
	restHeaders(w)
	a.serve(w, r)
}

// serveStream answers GET /v1/streams/{name}: one stream's settings.
func (h *Handler) serveStream(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	name, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/v1/streams/"))
	if err != nil {
		problem(w, http.StatusBadRequest, "The stream's name in the path has a percent escape that is none.")
		return
	}
	q, config, ok := h.restQuery(w, r)
	if !ok {
		return
	}
	s, ok := config.Readable(name)
	if !ok {
		problem(w, http.StatusNotFound, "The stream "+quoteShort(name)+" is not declared. GET /v1/streams lists those that are.")
		return
	}
	h.tellRefusal(w)
	if s.Deprecated != nil {
		maps.Copy(w.Header(), s.Deprecated.Headers(streamsPath))
	}
	if config.byName[name] == nil && config.aliases[name] == s {
		w.Header().Add("Link", "<"+streamPath(s.Name)+`>; rel="canonical"`)
		name = s.Name
	}
	body := s.AppendSettings(nil, name)
	if q.Get("explain") == "true" {
		b := append([]byte(nil), `{"settings":`...)
		b = append(append(b, body...), `,"sources":`...)
		body = append(s.appendExplanation(b), '}')
	}
	restHeaders(w)
	newAnswer(body).serve(w, r)
}

// restQuery reads the query and chooses the view.
func (h *Handler) restQuery(w http.ResponseWriter, r *http.Request) (url.Values, *Config, bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		problem(w, http.StatusBadRequest, "The query cannot be read: "+err.Error()+".")
		return nil, nil, false
	}
	return q, h.view(q.Get("wiki"), r.Host), true
}

func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	problem(w, http.StatusMethodNotAllowed, "Stream configuration is read only: it is changed in its files.")
	return false
}

func restHeaders(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Cache-Control"] = restCache
	h["Vary"] = restVary
	h["X-Content-Type-Options"] = noSniff
	h["Access-Control-Allow-Origin"] = anyOrigin
}

// tellRefusal says in a header that a newer configuration than the answered one is refused. What is wrong with it is for the operator: in the log.
func (h *Handler) tellRefusal(w http.ResponseWriter) {
	if h.Refused == nil {
		return
	}
	if r := h.Refused(); r != nil {
		w.Header().Set("Stream-Config-Refused", r.At.UTC().Format(time.RFC3339))
	}
}

// Headers are the HTTP headers that tell of the deprecation: Deprecation (RFC 9745), Sunset (RFC 8594) and a Link to the successor, whose name follows
// the given path ("/v1/streams/"). A date that is none is left out.
func (d *Deprecation) Headers(path string) http.Header {
	h := http.Header{}
	since, err := time.Parse(time.DateOnly, d.Since)
	if err != nil {
		// It is deprecated all the same: RFC 9745 wants a date, the epoch is "long ago".
		since = time.Unix(0, 0)
	}
	h.Set("Deprecation", "@"+itoa(since.Unix()))
	if sunset, err := time.Parse(time.DateOnly, d.Sunset); err == nil {
		h.Set("Sunset", sunset.UTC().Format(http.TimeFormat))
	}
	if d.Successor != "" {
		h.Set("Link", "<"+path+url.PathEscape(d.Successor)+`>; rel="successor-version"`)
	}
	return h
}

const streamsPath = "/v1/streams/"

func streamPath(name string) string { return streamsPath + url.PathEscape(name) }

// quoteShort is a text from outside as it may stand in a message.
func quoteShort(s string) string {
	if len(s) > 100 {
		s = strings.ToValidUTF8(s[:100], "") + "…"
	}
	return `"` + s + `"`
}
