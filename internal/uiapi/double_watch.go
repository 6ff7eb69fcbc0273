package uiapi

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// watchedBytes bounds a body or an answer that is looked at.
const watchedBytes = 1 << 20

// Watch has what an intake refuses remembered. Requests and answers are passed on as they are; only answers that refuse something are looked at. The
// answer to a hasty request tells of nothing: its body is given to the intake once more, for a dry run.
func (s *Server) Watch(intake http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch {
		case r.Method != http.MethodPost || query.Has("dry_run"):
			intake.ServeHTTP(w, r)
		case query.Has("hasty"):
			s.watchHasty(intake, w, r)
		default:
			tee := &teeWriter{ResponseWriter: w}
			intake.ServeHTTP(tee, r)
			if tee.watched && tee.body.Len() <= watchedBytes {
				s.remember(tee.text())
			}
		}
	})
}

func (s *Server) watchHasty(intake http.Handler, w http.ResponseWriter, r *http.Request) {
	begin, err := io.ReadAll(io.LimitReader(r.Body, watchedBytes+1))
	again := r.Clone(r.Context())
	r.Body = readCloser{io.MultiReader(bytes.NewReader(begin), r.Body), r.Body}
	intake.ServeHTTP(w, r)
	if err != nil || len(begin) > watchedBytes {
		return
	}
	again.Body = io.NopCloser(bytes.NewReader(begin))
	again.URL.RawQuery += "&dry_run=true"
	again.Header.Del("Accept-Encoding")
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	intake.ServeHTTP(answer, again)
	s.remember(answer.body.Bytes())
}

type readCloser struct {
	io.Reader
	io.Closer
}

// remember takes the refused events out of an intake's answer.
func (s *Server) remember(answer []byte) {
	var a intakeAnswer
	if json.Unmarshal(answer, &a) != nil {
		return
	}
	for _, part := range append(a.Invalid, a.Error...) {
		e := RefusedEvent{Time: time.Now().UTC(), Status: part.Status, Reason: cmp.Or(part.Context.ErrorsText, part.Context.Message), Event: bytes.Clone(part.Event)}
		var named struct {
			Meta struct {
				Stream string `json:"stream"`
			} `json:"meta"`
		}
		if json.Unmarshal(part.Event, &named) == nil {
			e.Stream = named.Meta.Stream
		}
		for _, one := range part.Context.Errors {
			e.Pointers = append(e.Pointers, cmp.Or(one.Pointer, pointerOf(one.DataPath)))
		}
		s.refused.add(e)
	}
}

// pointerOf makes a JSON pointer of a place as a JavaScript expression, .a['b-c'][0]: the form of answers that are no problem documents.
func pointerOf(path string) string {
	var b strings.Builder
	for path != "" {
		var name string
		switch {
		case strings.HasPrefix(path, "['"):
			end := strings.Index(path, "']")
			if end < 0 {
				return b.String()
			}
			name, path = strings.NewReplacer(`\'`, "'", `\\`, `\`).Replace(path[2:end]), path[end+2:]
		case path[0] == '[':
			end := strings.IndexByte(path, ']')
			if end < 0 {
				return b.String()
			}
			name, path = path[1:end], path[end+1:]
		default:
			path = strings.TrimPrefix(path, ".")
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			if end == 0 {
				return b.String()
			}
			name, path = path[:end], path[end:]
		}
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}

// teeWriter keeps the body of an answer that refuses something.
type teeWriter struct {
	http.ResponseWriter
	watched bool
	body    bytes.Buffer
}

// WriteHeader decides whether the body is kept.
func (w *teeWriter) WriteHeader(status int) {
	w.watched = status >= http.StatusBadRequest || status == http.StatusMultiStatus
	w.ResponseWriter.WriteHeader(status)
}

// Write keeps no more than can be looked at.
func (w *teeWriter) Write(p []byte) (int, error) {
	if w.watched && w.body.Len() <= watchedBytes {
		w.body.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *teeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// text is the body as it was before it was compressed.
func (w *teeWriter) text() []byte {
	var plain io.Reader
	var err error
	switch w.Header().Get("Content-Encoding") {
	case "":
		return w.body.Bytes()
	case "gzip":
		plain, err = gzip.NewReader(&w.body)
	case "deflate":
		plain, err = zlib.NewReader(&w.body)
	}
	if err != nil || plain == nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(plain, rememberedBytes))
	if err != nil {
		return nil
	}
	return text
}
