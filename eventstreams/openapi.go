package eventstreams

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

// documentCache keeps the OpenAPI document, which takes a look-up of every stream's schema.
type documentCache struct {
	mu   sync.Mutex
	of   *catalogue
	made time.Time
	body []byte
}

// documentAge is how long a document is kept: a schema that could not be found is looked for again then.
const documentAge = time.Minute

// schemaTimeout bounds the look-up of one schema.
const schemaTimeout = 5 * time.Second

func (s *Server) serveSpec(w http.ResponseWriter, r *http.Request) {
	c := s.current()
	s.document.mu.Lock()
	if s.document.of != c || time.Since(s.document.made) > documentAge {
		s.document.body = s.newDocument(r.Context(), c)
		s.document.of, s.document.made = c, time.Now()
	}
	body := s.document.body
	s.document.mu.Unlock()
	answer(w, http.StatusOK, "application/json; charset=utf-8", body)
}

// object is a JSON object that is written in the order it is made.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = rawjson.AppendQuoted(b, []byte(m.key))
		b = append(b, ':')
		v, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(b, v...)
	}
	return append(b, '}'), nil
}

func (s *Server) newDocument(ctx context.Context, c *catalogue) []byte {
	paths := object{{"/v2/stream/{streams}", s.operation("Subscribe to one or multiple streams.",
		"Use this route to subscribe to a comma separated list of configured streams.\n", object{{"name", "streams"}, {"in", "path"},
			{"description", "Comma separated list of stream names to subscribe to."},
			{"schema", object{{"type", "array"}, {"items", object{{"type", "string"}, {"enum", c.names}}}}}, {"required", true}}, nil, nil)}}
	for _, name := range c.names {
		e := c.named[name]
		description := e.description
		if description == "" {
			description = name + " events."
			if e.aliasOf != "" {
				description = e.aliasOf + " events."
			}
		}
		title, schema, example := s.schemaOf(ctx, e)
		if title != "" && e.schemaTitle != "" {
			description += "\n\nSchema title: " + e.schemaTitle
		}
		if e.aliasOf != "" {
			description += "\n\n(NOTE: This stream is an alias of " + e.aliasOf + ")"
		}
		paths = append(paths, member{"/v2/stream/" + name, s.operation(name+" events", description, nil, schema, example)})
	}
	body, err := json.Marshal(object{
		{"openapi", "3.0.0"},
		{"info", object{{"version", s.cfg.Version}, {"title", s.cfg.Name}, {"description", s.cfg.Description},
			{"license", object{{"name", "Apache2"}, {"url", "http://www.apache.org/licenses/LICENSE-2.0"}}}}},
		{"externalDocs", object{{"url", s.cfg.Home}}},
		{"paths", paths},
	})
	if err != nil {
		panic(err) // all of it has a JSON form
	}
	return body
}

// operation describes one path. schema nil is any object.
func (s *Server) operation(summary, description string, parameter object, schema, example json.RawMessage) object {
	asJSON, asText := object{{"schema", object{{"type", "object"}}}}, object{{"schema", object{{"type", "string"}}}}
	if schema != nil {
		asJSON = object{{"schema", schema}}
		if example != nil {
			asJSON = append(asJSON, member{"example", example})
		}
		asText = asJSON
	}
	parameters := []object{}
	if parameter != nil {
		parameters = append(parameters, parameter)
	}
	return object{{"get", object{
		{"x-monitor", false}, {"tags", []string{"streams"}}, {"summary", summary}, {"description", description},
		{"parameters", append(parameters, parameterLastEventID, parameterSince)},
		{"responses", object{{"200", object{{"description", "Success"},
			{"content", object{{"application/json", asJSON}, {"text/event-stream", asText}}}}}}},
	}}}
}

var parameterLastEventID = object{{"name", "Last-Event-ID"}, {"in", "header"},
	{"description", "Where to go on: the id of the last event that was received, as it is. Also a list of topics, partitions and offsets or timestamps from " +
		"which to begin; only topics of the streams can be named. Example: `[{\"topic\": \"datacenter1.topic\", \"partition\": 0, \"offset\": 12345}]`. " +
		"Clients that cannot set headers send it as the query parameter lastEventId.\n"},
	{"schema", object{{"type", "array"}, {"items", object{{"type", "object"}, {"properties", object{
		{"topic", object{{"type", "string"}}}, {"partition", object{{"type", "integer"}}}, {"offset", object{{"type", "integer"}}},
		{"timestamp", object{{"type", "integer"}}}, {"at", object{{"type", "string"}}}}}}}}}}

var parameterSince = object{{"name", "since"}, {"in", "query"},
	{"description", "The time to begin at: milliseconds since the epoch (UTC), or a date as `Date.parse()` reads it. Streams for which Last-Event-ID says where " +
		"to go on are not affected. A time after the newest event means the end. How far back there are events depends on the stream: usually one to a few weeks.\n"},
	{"schema", object{{"type", "string"}}}}

// schemaOf finds the schema of a stream's events, without what OpenAPI does not have, and an example.
func (s *Server) schemaOf(ctx context.Context, e *entry) (title string, schema, example json.RawMessage) {
	source := s.schemaSource(ctx, e)
	if source == nil {
		return "", nil, nil
	}
	kept := []byte{'{'}
	for m := rawjson.NewMembers(source); m.Next(); {
		switch {
		case rawjson.Equal(m.Key(), "$schema"), rawjson.Equal(m.Key(), "$id"):
			continue
		case rawjson.Equal(m.Key(), "examples"):
			if first := rawjson.NewElements(m.Value()); first.Next() {
				example = first.Value()
			}
			continue
		case rawjson.Equal(m.Key(), "title"):
			title = string(rawjson.AppendUnquoted(nil, m.Value()))
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(kept, m.Key()...)
		kept = append(kept, ':')
		kept = append(kept, m.Value()...)
	}
	return title, append(kept, '}'), example
}

// schemaSource is the schema of a stream's events as JSON; nil if there is none, or if it is not to be found.
func (s *Server) schemaSource(ctx context.Context, e *entry) json.RawMessage {
	if e.schema != nil {
		return e.schema
	}
	uri := e.schemaURI
	if uri == "" && e.schemaTitle != "" {
		uri = "/" + e.schemaTitle + "/" + s.cfg.SchemaLatestVersion
	}
	if uri == "" || s.cfg.Schemas == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, schemaTimeout)
	defer cancel()
	found, err := s.cfg.Schemas.Lookup(ctx, uri)
	if err != nil {
		s.log.Warn("a stream's schema is not to be found", "stream", e.name, "schema", uri, "error", err)
		return nil
	}
	return found.Source
}

// serveDoc is a page that lists the streams and leads to the OpenAPI document.
func (s *Server) serveDoc(w http.ResponseWriter) {
	var b strings.Builder
	name := html.EscapeString(s.cfg.Name)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + name + "</title>\n</head>\n<body>\n<h1>" + name + "</h1>\n<p>" +
		html.EscapeString(s.cfg.Description) + ".</p>\n<p><a href=\"?spec\">OpenAPI document</a></p>\n<ul>\n")
	c := s.current()
	for _, name := range c.names {
		b.WriteString("<li><a href=\"/v2/stream/" + url.PathEscape(name) + "\">" + html.EscapeString(name) + "</a> " +
			html.EscapeString(c.named[name].description) + "</li>\n")
	}
	b.WriteString("</ul>\n</body>\n</html>\n")
	answer(w, http.StatusOK, "text/html; charset=utf-8", []byte(b.String()))
}
