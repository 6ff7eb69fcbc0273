package eventgate

import (
	"bytes"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// Answers shorter than this are not worth compressing.
const compressFrom = 1024

// compressionLevel is the Node.js service's.
const compressionLevel = 3

var (
	gzipWriters = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, compressionLevel); return w }}
	zlibWriters = sync.Pool{New: func() any { w, _ := zlib.NewWriterLevel(nil, compressionLevel); return w }}
)

// compress makes the answer's body smaller if it is long and the client can read that.
func (x *exchange) compress() {
	contentType := x.resp.Get("Content-Type")
	if contentType == "" || strings.HasPrefix(contentType, "application/octet-stream") {
		return
	}
	if x.resp.Get("Vary") == "" {
		x.resp.Set("Vary", "Accept-Encoding")
	}
	if len(x.resp.Body) < compressFrom || x.method == "HEAD" {
		return
	}
	var out bytes.Buffer
	switch negotiate(x.header.Get("Accept-Encoding")) {
	case "gzip":
		w := gzipWriters.Get().(*gzip.Writer)
		defer gzipWriters.Put(w)
		w.Reset(&out)
		if _, err := w.Write(x.resp.Body); err != nil || w.Close() != nil {
			return
		}
		x.resp.Set("Content-Encoding", "gzip")
	case "deflate":
		w := zlibWriters.Get().(*zlib.Writer)
		defer zlibWriters.Put(w)
		w.Reset(&out)
		if _, err := w.Write(x.resp.Body); err != nil || w.Close() != nil {
			return
		}
		x.resp.Set("Content-Encoding", "deflate")
	default:
		return
	}
	x.resp.Body = append(x.resp.Body[:0], out.Bytes()...)
}

// negotiate returns the encoding that an Accept-Encoding header likes best of those that are offered, "" for none: the one with the highest weight, of
// equal ones the one that is named rather than meant by *, then the first, but gzip rather than deflate.
func negotiate(header string) string {
	which := likedBest(header, "gzip", "deflate", "identity")
	if which == "deflate" && encodingPreference(header, "gzip").weight > 0 {
		which = likedBest(header, "gzip", "identity")
	}
	if which == "identity" {
		return ""
	}
	return which
}

// likedBest is the encoding of these that a header likes best, "" if it takes none.
func likedBest(header string, encodings ...string) string {
	best, which := preference{}, ""
	for _, name := range encodings {
		if p := encodingPreference(header, name); p.weight > 0 && (which == "" || p.before(best)) {
			which, best = name, p
		}
	}
	return which
}

// encodingPreference finds what a header says of one encoding, by its name or by *. The identity, if nothing is said of it, comes last.
func encodingPreference(header, encoding string) preference {
	best, least, place := preference{precision: -1}, 1.0, 0
	for item := range strings.SplitSeq(strings.ToLower(header), ",") {
		name, params, _ := strings.Cut(item, ";")
		p := preference{weight: weight(params), precision: -1, place: place}
		switch strings.TrimSpace(name) {
		case encoding:
			p.precision = 1
		case "*":
			p.precision = 0
		}
		if p.precision >= 0 && p.overrides(best) {
			best = p
		}
		if p.weight > 0 {
			least = min(least, p.weight)
		}
		place++
	}
	if encoding == "identity" && best.precision < 0 {
		return preference{weight: least, place: place}
	}
	return best
}
