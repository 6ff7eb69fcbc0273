package eventstreams

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// documentCache keeps a document that takes a look-up of every stream's schema: OpenAPI, or the page of it.
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

// get returns the document of a catalogue, made anew if the kept one is another's or old.
func (d *documentCache) get(ctx context.Context, c *catalogue, build func(context.Context, *catalogue) []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of != c || time.Since(d.made) > documentAge {
		d.body = build(ctx, c)
		d.of, d.made = c, time.Now()
	}
	return d.body
}

func (s *Server) serveSpec(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, "application/json; charset=utf-8", s.document.get(r.Context(), s.current(), s.newDocument))
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
	names := object{{"name", "streams"}, {"in", "path"}, {"description", "Comma separated list of stream names to subscribe to."},
		{"schema", object{{"type", "array"}, {"items", object{{"type", "string"}, {"enum", c.names}}}}}, {"required", true}}
	const summary, description = "Subscribe to one or multiple streams.", "Use this route to subscribe to a comma separated list of configured streams.\n"
	paths := object{
		{"/v2/stream/{streams}", object{
			{"get", operation(summary, description, nil, append([]object{names, parameterLastEventID, parameterSince}, narrowing...), nil, nil)},
			{"post", append(operation(summary, description+"\nAs GET, with conditions that are too long for a URL.\n", nil,
				append([]object{names, parameterLastEventID, parameterSince}, narrowing...), nil, nil), member{"requestBody", conditionsBody})},
		}},
		{"/v2/event/{topic}/{partition}/{offset}", object{{"get", operation("One event by its place.",
			"The event that meta.topic, meta.partition and meta.offset of an event name, as long as it is kept.\n", nil, []object{
				place("topic", "string"), place("partition", "integer"), place("offset", "integer")}, nil, nil)}}},
	}
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
		description += e.farewell()
		paths = append(paths, member{"/v2/stream/" + name, object{{"get",
			operation(name+" events", description, e.deprecated, []object{parameterLastEventID, parameterSince}, schema, example)}}})
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

// operation describes one method of a path. schema nil is any object.
func operation(summary, description string, deprecated *streamconfig.Deprecation, parameters []object, schema, example json.RawMessage) object {
	asJSON, asText := object{{"schema", object{{"type", "object"}}}}, object{{"schema", object{{"type", "string"}}}}
	if schema != nil {
		asJSON = object{{"schema", schema}}
		if example != nil {
			asJSON = append(asJSON, member{"example", example})
		}
		asText = asJSON
	}
	o := object{{"x-monitor", false}, {"tags", []string{"streams"}}, {"summary", summary}, {"description", description}}
	if deprecated != nil {
		o = append(o, member{"deprecated", true})
	}
	return append(o, member{"parameters", parameters}, member{"responses", object{{"200", object{{"description", "Success"},
		{"content", object{{"application/json", asJSON}, {"text/event-stream", asText}}}}}}})
}

// place is a part of a path.
func place(name, kind string) object {
	return object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", object{{"type", kind}}}}
}
