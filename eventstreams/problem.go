package eventstreams

import (
	"encoding/json"
	"html"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// problem is an error as the reference answers it.
type problem struct {
	status              int
	kind, title, detail string
	more                object        // further members
	after               time.Duration // when to try again; 0: a 503 says 5 s, the others nothing
}

// write answers a request with the problem.
func (p problem) write(w http.ResponseWriter, r *http.Request) {
	if p.status == http.StatusServiceUnavailable && p.after == 0 {
		p.after = 5 * time.Second
	}
	if p.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.after.Seconds()))))
	}
	b := append([]byte(nil), `{"status":`...)
	b = strconv.AppendInt(b, int64(p.status), 10)
	for _, m := range [][2]string{{"type", p.kind}, {"title", p.title}, {"detail", p.detail}, {"method", r.Method}, {"uri", r.RequestURI}} {
		b = append(b, `,"`+m[0]+`":`...)
		b = rawjson.AppendQuoted(b, []byte(m[1]))
	}
	for _, m := range p.more {
		v, err := json.Marshal(m.value)
		if err != nil {
			panic(err) // texts and numbers have a JSON form
		}
		b = append(rawjson.AppendQuoted(append(b, ','), []byte(m.key)), ':')
		b = append(b, v...)
	}
	answer(w, p.status, "application/json; charset=utf-8", append(b, '}'))
}

// answer writes a whole answer.
func answer(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone if this fails
}

// notFound answers that there is no such route.
func notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	answer(w, http.StatusNotFound, "text/html; charset=utf-8", page("Error", "Cannot "+r.Method+" "+r.URL.EscapedPath()))
}

// page is a page with one line.
func page(title, text string) []byte {
	return []byte("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + title + "</title>\n</head>\n<body>\n<pre>" +
		html.EscapeString(text) + "</pre>\n</body>\n</html>\n")
}
