package streamconfig

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// answer is a rendered body. It is written as it is as often as it is asked for.
type answer struct {
	body    []byte
	length  []string // Content-Length
	etag    []string
	once    sync.Once
	gzipped []byte
	zipLen  []string
	zipEtag []string
}

func newAnswer(body []byte) *answer {
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:12])
	return &answer{
		body:    body,
		length:  []string{strconv.Itoa(len(body))},
		etag:    []string{`"` + tag + `"`},
		zipEtag: []string{`"` + tag + `-gzip"`},
	}
}

// minCompressed is the size from which compressing pays.
const minCompressed = 1024

// compressed is the body as gzip, made when it is first asked for.
func (a *answer) compressed() []byte {
	a.once.Do(func() {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
		_, _ = w.Write(a.body) // a bytes.Buffer takes everything
		w.Close()
		a.gzipped = b.Bytes()
		a.zipLen = []string{strconv.Itoa(len(a.gzipped))}
	})
	return a.gzipped
}

var gzipEncoding = []string{"gzip"}

// serve writes the answer, or 304 if the client has it. The headers that are the same for all answers are set already.
func (a *answer) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body, length, etag := a.body, a.length, a.etag
	if len(body) >= minCompressed && acceptsGzip(r.Header) {
		body = a.compressed()
		length, etag = a.zipLen, a.zipEtag
		h["Content-Encoding"] = gzipEncoding
	}
	h["Etag"] = etag
	if none := r.Header["If-None-Match"]; len(none) > 0 && matchesEtag(none, etag[0]) {
		delete(h, "Content-Encoding")
		delete(h, "Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Length"] = length
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// acceptsGzip reports whether the client takes gzip: named, and not with q=0.
func acceptsGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		for line != "" {
			var coding string
			coding, line, _ = strings.Cut(line, ",")
			name, q, _ := strings.Cut(strings.TrimSpace(coding), ";")
			if name = strings.TrimSpace(name); !strings.EqualFold(name, "gzip") && name != "*" {
				continue
			}
			q = strings.TrimPrefix(strings.ReplaceAll(q, " ", ""), "q=")
			if weight, err := strconv.ParseFloat(q, 64); err == nil && weight == 0 {
				return false
			}
			return true
		}
	}
	return false
}

func matchesEtag(lines []string, etag string) bool {
	for _, line := range lines {
		for _, tag := range strings.Split(line, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || tag == etag {
				return true
			}
		}
	}
	return false
}

const (
	// maxCachedAnswers and maxCachedBytes bound a generation of rendered answers; two are kept.
	maxCachedAnswers = 512
	maxCachedBytes   = 4 << 20
)

// answers keeps rendered answers by query, of one configuration: it goes when the configuration goes. Its size is bounded; past that the older half is
// forgotten.
type answers struct {
	mu    sync.Mutex
	young map[string]*answer
	old   map[string]*answer
	bytes int
}

func (c *answers) get(key string) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, ok := c.young[key]; ok {
		return a
	}
	a, ok := c.old[key]
	if ok {
		c.add(key, a)
	}
	return a
}

func (c *answers) put(key string, a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(key, a)
}

func (c *answers) add(key string, a *answer) {
	size := 2 * (len(key) + len(a.body))
	if size > maxCachedBytes {
		return
	}
	if c.young == nil || len(c.young) >= maxCachedAnswers || c.bytes+size > maxCachedBytes {
		c.old, c.young, c.bytes = c.young, map[string]*answer{}, 0
	}
	c.young[key] = a
	c.bytes += size
}
