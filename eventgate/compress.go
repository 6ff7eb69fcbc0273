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
// equal ones the first, but gzip rather than deflate.
func negotiate(header string) string {
	best, highest, gzipToo := "", 0.0, false
	for item := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.ToLower(item), ";")
		q := weight(params)
		switch name = strings.TrimSpace(name); name {
		case "*":
			name = "gzip"
		case "gzip", "deflate", "identity":
		default:
			continue
		}
		gzipToo = gzipToo || name == "gzip" && q > 0
		if q > highest {
			best, highest = name, q
		}
	}
	switch {
	case best == "deflate" && gzipToo:
		return "gzip"
	case best == "identity":
		return ""
	}
	return best
}
