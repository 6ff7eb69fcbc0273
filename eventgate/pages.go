package eventgate

import (
	"encoding/json"
	"html"
	"strings"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// page answers with a body.
func (x *exchange) page(status int, contentType, body string) {
	x.resp.Status = status
	x.resp.Set("Content-Type", contentType)
	x.resp.Body = append(x.resp.Body[:0], body...)
}

// problem answers with the problem document of the Node.js service, or with one of RFC 9457 if the client asks for that.
func (x *exchange) problem(status int, kind, title, detail string) {
	if x.wantsProblem() {
		x.resp.Status = status
		x.resp.Body = append(appendProblem(x.resp.Body[:0], &Request{URI: x.target}, &x.resp, detail), '}')
		return
	}
	b := append(x.resp.Body[:0], `{"status":`...)
	b = appendInt(b, status)
	b = appendText(b, `,"type":`, kind)
	b = appendText(b, `,"title":`, title)
	b = appendText(b, `,"detail":`, detail)
	b = appendText(b, `,"method":`, x.method)
	b = appendText(b, `,"uri":`, x.target)
	x.resp.Status, x.resp.Body = status, append(b, '}')
	x.resp.Set("Content-Type", typeJSON)
}

// members answers with a JSON object of texts.
func (x *exchange) members(pairs ...string) {
	b := append(x.resp.Body[:0], '{')
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = rawjson.AppendQuoted(b, []byte(pairs[i]))
		b = append(b, ':')
		b = rawjson.AppendQuoted(b, []byte(pairs[i+1]))
	}
	x.resp.Status, x.resp.Body = 200, append(b, '}')
	x.resp.Set("Content-Type", typeJSON)
}

// notFound answers a path that is not ours.
func (s *surface) notFound(x *exchange) {
	if x.wantsProblem() {
		x.problem(404, "not_found", "Not found", "There is nothing at "+x.path+".")
		return
	}
	x.resp.Set("Content-Security-Policy", "default-src 'none'")
	x.resp.Set("X-Content-Type-Options", "nosniff")
	x.page(404, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot "+
		html.EscapeString(x.method)+" "+html.EscapeString(encodePath(x.path))+"</pre>\n</body>\n</html>\n")
	x.resp.Reason = "Not Found"
}

// encodePath escapes what may not stand in a path and leaves escapes alone.
func encodePath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case c > ' ' && c < 0x7f && !strings.ContainsRune("\"<>\\^`{|}", rune(c)):
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func (s *surface) getRobots(x *exchange) {
	x.page(200, "text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n")
}

func (s *surface) getInfo(x *exchange) {
	x.members("name", s.Name, "version", s.Version, "description", s.Description, "home", s.Home)
	if s.Repositories == nil {
		return
	}
	b := append(x.resp.Body[:len(x.resp.Body)-1], `,"schema_repositories":[`...)
	for i, r := range s.Repositories() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, `{"name":`, r.Base)
		b = append(appendText(b, `,"revision":`, r.Revision), '}')
	}
	x.resp.Body = append(b, "]}"...)
}

func (s *surface) getInfoName(x *exchange) { x.members("name", s.Name) }

func (s *surface) getInfoVersion(x *exchange) { x.members("version", s.Version) }

// getInfoHome leads to the project's page, with any method.
func (s *surface) getInfoHome(x *exchange) {
	x.resp.Set("Location", s.Home)
	switch prefers(x.header.Get("Accept"), "text/plain", "text/html") {
	case 0:
		x.resp.Set("Vary", "Accept, Accept-Encoding")
		x.page(301, "text/plain; charset=utf-8", "Moved Permanently. Redirecting to "+s.Home)
	case 1:
		home := html.EscapeString(s.Home)
		x.resp.Set("Vary", "Accept, Accept-Encoding")
		x.page(301, "text/html; charset=utf-8", `<p>Moved Permanently. Redirecting to <a href="`+home+`">`+home+"</a></p>")
	default:
		x.resp.Set("Vary", "Accept")
		x.resp.Status = 301
	}
}

// getRoot is / with ?spec or ?doc; without either there is nothing.
func (s *surface) getRoot(x *exchange) {
	switch {
	case x.has("spec"):
		x.resp.Status, x.resp.Body = 200, append(x.resp.Body[:0], s.spec...)
		x.resp.Set("Content-Type", typeJSON)
	case x.has("doc") && x.param("path") != "":
		x.problem(404, "not_found", "File not found", x.param("path")+" could not be found.")
	case x.has("doc"):
		x.page(200, "text/html; charset=utf-8", docPage)
	default:
		s.notFound(x)
	}
}

const docPage = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>eventgate</title></head>
<body>
<h1>eventgate</h1>
<p>POST events as JSON, one object or an array of them, to <code>/v1/events</code>. Each is validated against the schema that its <code>$schema</code> names.</p>
<p>The routes in full: <a href="/?spec">OpenAPI description</a>.</p>
</body>
</html>
`

// getStreamConfigs shows the stream configuration as this service sees it, whole or for the streams named in the path, separated by commas or bars.
func (s *surface) getStreamConfigs(x *exchange) {
	const route = "/stream-configs"
	names := strings.Trim(x.path[strings.Index(strings.ToLower(x.path), route)+len(route):], "/")
	if strings.Contains(names, "/") {
		s.notFound(x)
		return
	}
	config := s.Streams()
	b := append(x.resp.Body[:0], '{')
	add := func(name string, settings json.RawMessage) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = rawjson.AppendQuoted(b, []byte(name))
		b = append(append(b, ':'), settings...)
	}
	if names == "" {
		for _, stream := range config.Streams() {
			add(stream.Name, stream.Settings)
		}
	} else {
		for name := range strings.FieldsFuncSeq(unescape(names), func(c rune) bool { return c == ',' || c == '|' }) {
			if stream, ok := config.Readable(name); ok {
				add(name, stream.Settings)
			}
		}
	}
	x.resp.Status, x.resp.Body = 200, append(b, '}')
	x.resp.Set("Content-Type", typeJSON)
}
