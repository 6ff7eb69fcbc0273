package eventstreams

import (
	"bytes"
	"context"
	_ "embed" // for the page
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/eventplatform/eventplatform/internal/filter"
)

var (
	//go:embed docpage/page.html
	docPage string
	//go:embed docpage/style.css
	docStyle []byte

	docTemplate = template.Must(template.New("page").Parse(docPage))
)

// docStylePath is where the page's style is asked for: pages may have no style in them under a strict content security policy.
const docStylePath = "style.css"

// documented is what the page says of everything.
type documented struct {
	Name, Description, Home string
	Streams                 []documentedStream
	Parameters              []documentedParameter
}

// documentedStream is what it says of one stream.
type documentedStream struct {
	Name, Description, SchemaTitle, Schema, Example string
	Aliases                                         []string
	Deprecated                                      string
	Fields                                          []filter.Field
}

type documentedParameter struct{ Name, In, Description string }

// serveDoc is a page for people: every stream with its schema, an example and the fields a filter can name, and how to ask.
func (s *Server) serveDoc(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, "text/html; charset=utf-8", s.page.get(r.Context(), s.current(), s.newPage))
}

// serveDocFile answers what the page refers to.
func (s *Server) serveDocFile(w http.ResponseWriter, r *http.Request, path string) {
	if path == docStylePath {
		w.Header().Set("Cache-Control", "max-age=3600")
		answer(w, http.StatusOK, "text/css; charset=utf-8", docStyle)
		return
	}
	problem{status: http.StatusNotFound, kind: "not_found", title: "File not found", detail: path + " could not be found."}.write(w, r)
}

func (s *Server) newPage(ctx context.Context, c *catalogue) []byte {
	page := documented{Name: s.cfg.Name, Description: s.cfg.Description, Home: s.cfg.Home}
	for _, p := range append([]object{parameterLastEventID, parameterSince}, narrowing...) {
		page.Parameters = append(page.Parameters, documentedParameter{p.text("name"), p.text("in"), p.text("description")})
	}
	aliases := map[string][]string{}
	for _, name := range c.names {
		if of := c.named[name].aliasOf; of != "" {
			aliases[of] = append(aliases[of], name)
		}
	}
	for _, name := range c.names {
		if e := c.named[name]; e.aliasOf == "" {
			page.Streams = append(page.Streams, s.documentStream(ctx, e, aliases[name]))
		}
	}
	var b bytes.Buffer
	if err := docTemplate.Execute(&b, page); err != nil {
		panic(err) // a buffer takes everything, and the template fits: a test renders it
	}
	return b.Bytes()
}

func (s *Server) documentStream(ctx context.Context, e *entry, aliases []string) documentedStream {
	d := documentedStream{Name: e.name, Description: e.description, SchemaTitle: e.schemaTitle, Aliases: aliases, Deprecated: strings.TrimSpace(e.farewell())}
	_, schema, example := s.schemaOf(ctx, e)
	d.Schema, d.Example = indented(schema), indented(example)
	if schema != nil {
		if types, err := s.filters.typesFor(ctx, s, []*entry{e}); err == nil {
			d.Fields = types.Fields()
		}
	}
	return d
}

// indented is JSON for people.
func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return ""
	}
	return b.String()
}

// text is a member that is a text.
func (o object) text(key string) string {
	for _, m := range o {
		if m.key == key {
			v, _ := m.value.(string)
			return v
		}
	}
	return ""
}
