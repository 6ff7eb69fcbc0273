package eventgate

import (
	"bytes"
	"strings"

	"github.com/valyala/fasthttp"
)

// fastHeader is a request's headers. What it returns is a copy, since fasthttp uses its memory again.
type fastHeader struct {
	h        *fasthttp.RequestHeader
	sent     uint64 // nameBit of each
	repeated uint64 // of those that came twice, and perhaps of others
}

// of reads a request's headers.
func (f *fastHeader) of(h *fasthttp.RequestHeader) {
	f.h, f.sent, f.repeated = h, 0, 0
	for line := range bytes.Lines(h.RawHeaders()) {
		if n := bytes.IndexByte(line, ':'); n > 0 {
			bit := nameBit(line[:n])
			f.repeated |= f.sent & bit
			f.sent |= bit
		}
	}
}

// Get returns a header. Most that are asked for were not sent, which their bit says sooner than fasthttp does.
func (f *fastHeader) Get(name string) string {
	if name == "" {
		return ""
	}
	switch bit := nameBit(name); {
	case f.sent&bit == 0:
		return ""
	case f.repeated&bit != 0:
		return f.join(name)
	}
	if name == "Content-Type" { // fasthttp has it at hand
		return usual(f.h.ContentType())
	}
	return string(f.h.Peek(name))
}

// join finds a header that may have several lines. fasthttp itself knows only the last line of some.
func (f *fastHeader) join(name string) string {
	var values []string
	for line := range bytes.Lines(f.h.RawHeaders()) {
		if n, value, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(string(n), name) {
			values = append(values, string(bytes.TrimSpace(value)))
		}
	}
	if by := joint(name); by != "" || len(values) == 0 {
		return strings.Join(values, by)
	}
	return values[0]
}

// closes reports whether the client wants the connection closed after the answer. fasthttp knows that only in one spelling.
func (f *fastHeader) closes() bool {
	if f.sent&nameBit("Connection") == 0 {
		return false
	}
	value := f.h.Peek("Connection")
	if f.repeated&nameBit("Connection") != 0 {
		value = []byte(f.join("Connection"))
	}
	for token := range bytes.SplitSeq(value, []byte(",")) {
		if bytes.EqualFold(bytes.TrimSpace(token), []byte("close")) {
			return true
		}
	}
	return false
}

// nameBit is one bit for a header's name in lower or upper case, made of its length and how it begins.
func nameBit[T string | []byte](name T) uint64 {
	return 1 << ((uint(len(name)) ^ uint(name[0]|0x20)) & 63)
}
