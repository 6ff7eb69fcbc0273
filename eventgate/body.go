package eventgate

import (
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

const firstRead = 4 << 10

// readBody reads, inflates and decodes the request's body into req.Body. It reports false if it has answered the request.
func (s *surface) readBody(x *exchange) bool {
	x.text = x.text[:0]
	if x.body == nil {
		return true
	}
	charset, ok := mediaType(x.header.Get("Content-Type"))
	if !ok {
		return s.refuseType(x)
	}
	decode, ok := decoder(charset)
	if !ok {
		s.refuse(x, 415, "Unsupported Media Type", "unsupported charset "+strconv.Quote(strings.ToUpper(charset))+"; send utf-8")
		return false
	}
	encoding := strings.ToLower(strings.TrimSpace(x.header.Get("Content-Encoding")))
	err := s.readEncoded(x, encoding)
	switch {
	case errors.Is(err, errEncoding):
		s.refuse(x, 415, "Unsupported Media Type", "unsupported content encoding "+strconv.Quote(encoding)+"; gzip, deflate and zstd are supported")
		return false
	case errors.Is(err, errTooLarge):
		return s.refuseSize(x)
	case errors.Is(err, errCrowded):
		x.resp.Set("Retry-After", retryAfter)
		s.refuse(x, 503, "Service Unavailable", "too many large requests at once; send it again later")
		return false
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.refuse(x, 408, "Request Timeout", "the body did not arrive in time")
		return false
	case err != nil && encoding != "" && encoding != "identity":
		s.refuse(x, 400, "Request body cannot be decompressed.", "the body is not what Content-Encoding: "+encoding+" says: "+err.Error())
		return false
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.refuse(x, 400, "Request body could not be read.", "the body ended before its announced length")
		return false
	case err != nil:
		s.refuse(x, 400, "Request body could not be read.", "the connection broke, or the chunks of the body are not as HTTP wants them")
		return false
	}
	if decode != nil {
		x.text = decode(x.text)
		x.req.Body = x.text
		return true
	}
	x.req.Body = x.text
	if len(x.text) >= 3 && x.text[0] == 0xEF && x.text[1] == 0xBB && x.text[2] == 0xBF {
		x.req.Body = x.text[3:]
	}
	return true
}

// readEncoded reads a body of which nothing is read if it is announced to be too long.
func (s *surface) readEncoded(x *exchange, encoding string) error {
	open := x.inflate.opener(encoding)
	switch {
	case open == nil:
		return errEncoding
	case x.length > s.mostSent(encoding):
		return errTooLarge
	}
	body, err := open(x.body)
	if err != nil {
		return err
	}
	return s.read(x, body, s.MaxBodyBytes)
}

var (
	errTooLarge = errors.New("larger than the bound")
	errEncoding = errors.New("unsupported content encoding")
	errCrowded  = errors.New("too many large bodies at once")
)

// mostSent is how long a body may be as it is sent: data that cannot be compressed become a little longer.
func (s *surface) mostSent(encoding string) int64 {
	if encoding == "" || encoding == "identity" {
		return s.MaxBodyBytes
	}
	return s.MaxBodyBytes + s.MaxBodyBytes/1024 + 1024
}

// ender is a body that stays at its end: fasthttp's looks for another chunk behind the last one.
type ender struct {
	body io.Reader
	err  error
}

func (e *ender) Read(p []byte) (n int, err error) {
	if e.err == nil {
		n, e.err = e.body.Read(p)
	}
	return n, e.err
}

// bodyStep is how much of a body is read before more memory is asked for: what a sender announces costs nothing, only what it sends.
const bodyStep = 64 << 10

// read reads a body of at most so many bytes into the exchange's memory.
func (s *surface) read(x *exchange, body io.Reader, most int64) error {
	if want := min(x.length+1, bodyStep); want > int64(cap(x.text)) {
		x.text = make([]byte, 0, want)
	}
	if cap(x.text) == 0 {
		x.text = make([]byte, 0, firstRead)
	}
	defer x.more.reset()
	for {
		err := x.readSome(body)
		size := int64(len(x.text)) + x.more.len()
		switch {
		case size > most:
			return errTooLarge
		case errors.Is(err, io.EOF):
			x.text = x.more.appendTo(slices.Grow(x.text, int(x.more.len())))
			return nil
		case err != nil:
			return err
		}
		if over := size - x.reserved; over > bodyStep {
			x.reserved += over
			if s.bodies.Add(over) > s.MaxBodiesBytes {
				return errCrowded
			}
		}
	}
}

// readSome reads a part of the body into the exchange's memory, and into blocks when that is full.
func (x *exchange) readSome(body io.Reader) error {
	if room := x.text[len(x.text):cap(x.text)]; len(room) > 0 {
		n, err := body.Read(room)
		x.text = x.text[:len(x.text)+n]
		return err
	}
	n, err := body.Read(x.more.room())
	x.more.wrote(n)
	return err
}

// What most requests' Content-Type says, and what it says nothing of.
const (
	plainJSON   = "application/json"
	utf8Charset = "utf-8"
)

// mediaType reports whether a Content-Type is one that is read as JSON, and its charset in lower case.
func mediaType(header string) (charset string, ok bool) {
	if header == plainJSON {
		return utf8Charset, true
	}
	kind, params, _ := strings.Cut(strings.ToLower(header), ";")
	kind = strings.TrimSpace(kind)
	switch strings.TrimSuffix(kind, "+") { // an empty suffix is none
	case plainJSON, "text/plain", "application/reports+json", "application/csp-report":
	default:
		if !strings.HasPrefix(kind, "application/") || !strings.HasSuffix(kind, "+json") || strings.ContainsAny(kind, ", ") {
			return "", false
		}
	}
	charset, ok = utf8Charset, true
	for params != "" {
		var param string
		param, params = cutParam(params)
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if name != "charset" {
			continue
		}
		text, quoted := unquote(strings.TrimSpace(value))
		if text != "" {
			charset, ok = text, quoted || !strings.ContainsAny(text, " \t,") // else it is no parameter of one type
		}
	}
	return charset, ok
}

// unquote returns a parameter's value without its quotes (RFC 9110, section 5.6.4); half of them is as good as none.
func unquote(value string) (text string, quoted bool) {
	inner, begun := strings.CutPrefix(value, `"`)
	inner, ended := strings.CutSuffix(inner, `"`)
	if !begun || !ended {
		return strings.Trim(value, `" `), false
	}
	if !strings.Contains(inner, `\`) {
		return strings.TrimSpace(inner), true
	}
	var b strings.Builder
	for i := 0; i < len(inner); i++ {
		if inner[i] == '\\' && i+1 < len(inner) {
			i++
		}
		b.WriteByte(inner[i])
	}
	return strings.TrimSpace(b.String()), true
}

// cutParam cuts off the first of a type's parameters, whose value may be quoted.
func cutParam(params string) (first, rest string) {
	quoted := false
	for i := range len(params) {
		switch c := params[i]; {
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			return params[:i], params[i+1:]
		}
	}
	return params, ""
}

// refuseType answers a body of a type that is not read. A body without bytes is an empty one, whatever its type.
func (s *surface) refuseType(x *exchange) bool {
	var one [1]byte
	if n, _ := io.ReadFull(x.body, one[:]); n == 0 {
		return true
	}
	message := "unsupported media type " + strconv.Quote(x.header.Get("Content-Type"))
	if x.header.Get("Content-Type") == "" {
		message = "the request has no Content-Type"
	}
	s.refuse(x, 415, "Unsupported Media Type", shorten(message)+"; send application/json")
	return false
}

func (s *surface) refuseSize(x *exchange) bool {
	s.refuse(x, 413, "Payload Too Large", "request entity too large: the limit is "+strconv.FormatInt(s.MaxBodyBytes, 10)+" bytes after decompression")
	return false
}

func (s *surface) refuse(x *exchange, status int, reason, message string) {
	s.gate.RefuseBody(&x.req, &x.resp, status, reason, message, -1)
	s.gate.reportRequest(x.ctx, &x.req, status, "UnreadableBody", message)
}
