package eventgate

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var headEnd = regexp.MustCompile(`\r?\n\r?\n`)

// requests are what a vector's client sends, each as a vector of its own.
func (v *vector) requests() (all []*vector) {
	for rest := v.bytes(); len(rest) > 0; {
		one := *v
		rest = one.parse(rest)
		one.behind = len(rest)
		all = append(all, &one)
	}
	return all
}

// parse takes the first request of what a client sends, and returns the rest.
func (v *vector) parse(in []byte) (rest []byte) {
	v.head = string(in)
	if end := headEnd.FindIndex(bytes.TrimLeft(in, "\r\n")); end != nil {
		at := len(in) - len(bytes.TrimLeft(in, "\r\n")) + end[1]
		v.head, rest = string(in[:at]), in[at:]
	}
	lines := strings.Split(strings.TrimSpace(v.head), "\n")
	seen := map[string]string{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		name, value = canonical(strings.TrimSpace(name)), strings.TrimSpace(value)
		if before, again := seen[name]; again {
			v.repeated = append(v.repeated, name)
			if by := joint(name); by != "" {
				before += by + value
			}
			value = before
		}
		seen[name] = value
	}
	if v.RawRequest == nil {
		return nil
	}
	words := append(strings.Fields(lines[0]), "", "")
	v.Request.Method, v.Request.Path, v.Request.Headers = words[0], words[1], seen
	body, rest, ok := cutBody(seen, rest)
	v.broken = !ok
	if body != nil {
		text := string(body)
		v.Request.Body = &text
	}
	return rest
}

var (
	chunkLine = regexp.MustCompile(`^([0-9a-fA-F]{1,15})(;[\t -~]*)?\r\n`)
	trailers  = regexp.MustCompile(`^([!-9;-~]+:[^\x00\r\n]*\r\n)*\r\n`)
	framers   = regexp.MustCompile(`(?im)^(content-length|transfer-encoding):`) // may not be trailers
)

// cutBody cuts a request's body off what is behind its headers. It reports false if the body is not as they say, or as some
// library does not take it, and nothing behind it if nobody can say where it ends.
func cutBody(headers map[string]string, in []byte) (body, rest []byte, ok bool) {
	length, given := headers["Content-Length"]
	switch {
	case strings.EqualFold(headers["Transfer-Encoding"], "chunked"):
		body, ok = []byte{}, true
		for {
			m := chunkLine.FindSubmatch(in)
			if m == nil {
				return body, nil, false
			}
			in, ok = in[len(m[0]):], ok && len(m[2]) < 1000
			n, err := strconv.ParseInt(string(m[1]), 16, 64)
			if err == nil && n == 0 {
				end := trailers.Find(in)
				return body, in[len(end):], ok && end != nil && !framers.Match(end)
			}
			if err != nil || int64(len(in)) < n+2 || string(in[n:n+2]) != "\r\n" {
				return body, nil, false
			}
			body, in = append(body, in[:n]...), in[n+2:]
		}
	case given:
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > len(in) {
			return in, nil, false
		}
		return in[:n:n], in[n:], true
	}
	return nil, in, true
}

// What the head of a request looks like to any HTTP library.
var (
	wellFormed   = regexp.MustCompile("^[A-Za-z-]+ [!-~]+ HTTP/1\\.[01]\r\n([-!#$%&'*+.^_`|~0-9A-Za-z]+:[^\\x00-\\x08\\x0a-\\x1f\\x7f]*\r\n)*\r\n$")
	ordinaryHost = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d*)?$`)
	plainTarget  = regexp.MustCompile(`^(/|(?i:https?)://[^/?#]|\*$)`)
	plainLength  = regexp.MustCompile(`^\d{1,18}$`)
	tokens       = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+(, *[-!#$%&'*+.^_`|~0-9A-Za-z]+)*$")
)

// oddHTTP says whether a request is one that HTTP libraries do not agree about: the row http-parser names them.
func (v *vector) oddHTTP() bool {
	host, hasHost := v.find("Host")
	length, hasLength := v.find("Content-Length")
	coding, hasCoding := v.find("Transfer-Encoding")
	trailer, hasTrailer := v.find("Trailer")
	last := v.RawRequest == nil || strings.Contains(strings.ToLower(v.header("Connection")), "close") || strings.Contains(v.head, " HTTP/1.0\r\n")
	twice := slices.ContainsFunc(v.repeated, func(name string) bool {
		return name == "Host" || name == "Content-Length" || name == "Content-Type" || name == "Transfer-Encoding"
	})
	return v.broken || !wellFormed.MatchString(v.head) || !plainTarget.MatchString(v.Request.Path) || len(v.head) > 16_000 || twice || last && v.behind > 0 ||
		v.RawRequest != nil && !hasHost || hasHost && !ordinaryHost.MatchString(host) ||
		hasLength && (!plainLength.MatchString(length) || hasCoding) || hasCoding && !strings.EqualFold(coding, "chunked") ||
		hasTrailer && !tokens.MatchString(trailer) || v.oddExpect() && v.header("Expect") != "100-continue"
}

// oddExpect says whether a client waits in a way that not all libraries know, or for the answer to a body that need not be read.
func (v *vector) oddExpect() bool {
	expect, has := v.find("Expect")
	_, err := v.text()
	_, read := mediaType(v.header("Content-Type"))
	return has && (expect != "100-continue" || !v.posts() || len(v.body()) == 0 || !read || v.otherCharset() || err != nil)
}

func (v *vector) find(name string) (value string, ok bool) {
	for key, value := range v.Request.Headers {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}

func (v *vector) header(name string) string {
	value, _ := v.find(name)
	return value
}

func (v *vector) body() []byte {
	switch {
	case v.Request.Body != nil:
		return []byte(*v.Request.Body)
	case v.Request.BodyB64 != nil:
		body, err := base64.StdEncoding.DecodeString(*v.Request.BodyB64)
		if err != nil {
			return nil
		}
		return body
	}
	return nil
}

// text is the body inflated and as UTF-8, or why there is none.
func (v *vector) text() ([]byte, error) {
	if v.decoded == nil {
		v.decoded = &decodedBody{}
		v.decoded.text, v.decoded.err = v.decode()
	}
	return v.decoded.text, v.decoded.err
}

type decodedBody struct {
	text []byte
	err  error
}

func (v *vector) decode() ([]byte, error) {
	encoding := strings.ToLower(strings.TrimSpace(v.header("Content-Encoding")))
	open := new(inflater).opener(encoding)
	_, unannounced := v.find("Transfer-Encoding")
	most := (&surface{HandlerConfig: HandlerConfig{MaxBodyBytes: v.limit}}).mostSent(encoding)
	if unannounced = unannounced || v.Request.ChunkSize > 0; !unannounced && open != nil && int64(len(v.body())) > most {
		return nil, errTooLarge
	}
	if open == nil {
		return nil, errEncoding
	}
	body, err := open(bytes.NewReader(v.body()))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(body, v.limit+1))
	if int64(len(text)) > v.limit {
		return nil, errTooLarge
	}
	charset, _ := mediaType(v.header("Content-Type"))
	if decode, _ := decoder(charset); decode != nil && err == nil {
		text = decode(text)
	}
	return bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")), err
}

// readable is the text of the body, nothing if it has none.
func (v *vector) readable() []byte {
	text, err := v.text()
	if err != nil {
		return nil
	}
	return text
}

// events are those that a request brings, none if it brings none that can be read.
func (v *vector) events() (list []json.RawMessage) {
	text := v.readable()
	switch {
	case v.endpoint() == testEndpoint:
		text = v.ConfigOver["test_events"]
	case !v.posts() || !utf8.Valid(text):
		return nil
	}
	if json.Unmarshal(text, &list) == nil {
		return list
	}
	var event map[string]json.RawMessage
	if json.Unmarshal(text, &event) != nil || len(event) == 0 {
		return nil
	}
	return []json.RawMessage{text}
}

// depth is how deep JSON is nested.
func depth(text []byte) (deepest int) {
	inText, at := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			at++
			deepest = max(deepest, at)
		case c == ']' || c == '}':
			at--
		}
	}
	return deepest
}

// hasty says whether the query asks for an answer before Kafka's, as we read it.
func (v *vector) hasty() bool {
	_, query := cutTarget(v.Request.Path)
	return (&exchange{query: query}).switchedOn("hasty")
}

// otherCharset says whether the body has a type that is read and a charset that is not.
func (v *vector) otherCharset() bool {
	charset, read := mediaType(v.header("Content-Type"))
	_, known := decoder(charset)
	return v.posts() && read && !known
}

// badEscapes says whether the path has escapes that are none, or none of UTF-8.
func (v *vector) badEscapes() bool {
	path, _ := cutTarget(v.Request.Path)
	text, err := url.PathUnescape(path)
	return err != nil || !utf8.ValidString(text)
}

// gets says whether the root is asked for one of its documents.
func (v *vector) gets(document string) bool {
	_, query := cutTarget(v.Request.Path)
	return v.endpoint() == rootEndpoint && (v.Request.Method == "GET" || v.Request.Method == "HEAD") && (&exchange{query: query}).has(document)
}

// known says whether the path is one of the intake's.
func (v *vector) known() bool { return v.endpoint() != nil }

// endpoint is what the path stands for.
func (v *vector) endpoint() *endpoint {
	path, _ := cutTarget(v.Request.Path)
	s := &surface{}
	if v.ConfigOver["test_events"] != nil {
		s.TestEvents = []json.RawMessage{}
	}
	return s.find(path)
}

// posts says whether the request is one that brings events.
func (v *vector) posts() bool { return v.Request.Method == "POST" && v.endpoint() == eventsEndpoint }

var nodeMethods = regexp.MustCompile(`^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|` +
	`LINK|UNLINK|BIND|REBIND|UNBIND|ACL|REPORT|MKACTIVITY|CHECKOUT|MERGE|M-SEARCH|NOTIFY|SUBSCRIBE|UNSUBSCRIBE|PURGE|MKCALENDAR|SOURCE)$`)

// unknownMethod says whether the method is none of those that Node's parser knows.
func (v *vector) unknownMethod() bool { return !nodeMethods.MatchString(v.Request.Method) }

var plainURI = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+/\d+\.\d+\.\d+$`)

// uri is what an event names its schema by, as JSON; "" if it has none.
func uri(raw json.RawMessage) string {
	var event struct {
		URI  json.RawMessage `json:"$schema"`
		Meta json.RawMessage
	}
	if json.Unmarshal(raw, &event) != nil {
		return ""
	}
	var meta struct {
		URI json.RawMessage `json:"schema_uri"`
	}
	if event.URI == nil && json.Unmarshal(event.Meta, &meta) == nil {
		return string(meta.URI)
	}
	return string(event.URI)
}

// excepted says whether an event is one that we refuse or read otherwise than the reference: its schema's URI is not simply a title and a version, or
// that of a schema that is not here, or it has a key with a dot.
func (v *vector) excepted(event json.RawMessage) bool {
	var text string
	named := uri(event)
	return named != "" && (json.Unmarshal([]byte(named), &text) != nil || !plainURI.MatchString(text) || v.lacks(text)) || v.dotted(event)
}

// asksNewest says whether an event asks for the newest version of its schema.
func asksNewest(event json.RawMessage) bool {
	return strings.Contains(uri(event), "/current") || strings.Contains(uri(event), "/latest")
}

// dotted says whether an event has a key with a dot that the reference takes for one of the fields that say what the event is.
func (v *vector) dotted(event json.RawMessage) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal(event, &keys) != nil {
		return false
	}
	return slices.ContainsFunc(v.fields, func(path string) bool { return strings.Contains(path, ".") && keys[path] != nil })
}

// topic is the text of the first of the stream's fields that an event has, none of them a key with a dot.
func (v *vector) topic(event json.RawMessage) string {
	for _, path := range v.streamFields {
		value := event
		for _, name := range strings.Split(path, ".") {
			var keys map[string]json.RawMessage
			if json.Unmarshal(value, &keys) != nil {
				keys = nil
			}
			value = keys[name]
		}
		var text string
		if value != nil && json.Unmarshal(value, &text) == nil {
			return text
		}
	}
	return ""
}

// lacks says whether a schema is one of the recording's that are not here.
func (v *vector) lacks(uri string) bool {
	for _, folder := range v.folders {
		for _, extension := range []string{"", ".yaml"} {
			if _, err := os.Stat(filepath.Join(folder, "jsonschema", filepath.FromSlash(uri)+extension)); err == nil {
				return false
			}
		}
	}
	return true
}
