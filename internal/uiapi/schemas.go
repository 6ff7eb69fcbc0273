package uiapi

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/schema"
)

// Schemas answers GET schemas.
type Schemas struct {
	Schemas []SchemaTitle `json:"schemas"`
}

// SchemaTitle is a schema with its versions, oldest first.
type SchemaTitle struct {
	Title    string   `json:"title"`
	Versions []string `json:"versions"`
	// Streams are those whose events have this schema.
	Streams []string `json:"streams,omitempty"`
}

// SchemaVersion answers GET schema.
type SchemaVersion struct {
	Title       string   `json:"title"`
	Version     string   `json:"version"`
	URI         string   `json:"uri"`
	Description string   `json:"description,omitempty"`
	Versions    []string `json:"versions"`
	Streams     []string `json:"streams,omitempty"`
	Fields      []Field  `json:"fields"`
	// Document is the schema as it is, as text: its order and its numbers would not survive another form.
	Document string `json:"document"`
	YAML     string `json:"yaml"`
}

const (
	// listed is how long a list of schemas is told again, listTimeout how long making one may take, listers how many repositories' folders are looked
	// into at once.
	listed      = 30 * time.Second
	listTimeout = 20 * time.Second
	listers     = 8
)

// schemaList keeps the last list: repositories may be services far away.
type schemaList struct {
	mu   sync.Mutex // held while the list is made: all who ask at once wait for one
	made time.Time
	list Schemas
}

// schemas lists the titles of the repositories that can be listed, and those that streams name.
func (s *Server) schemas(r *http.Request, _ viewer) (any, error) {
	l := &s.list
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.made) < listed {
		return l.list, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), listTimeout)
	defer cancel()
	titles, err := s.cfg.Schemas.Titles()
	if err != nil {
		return nil, err
	}
	streams := s.streamsByTitle()
	titles = slices.AppendSeq(titles, maps.Keys(streams))
	slices.Sort(titles)
	titles = slices.Compact(titles)
	versions := make([][]string, len(titles))
	var looking sync.WaitGroup
	turn := make(chan struct{}, listers)
	for i, title := range titles {
		turn <- struct{}{}
		looking.Go(func() {
			versions[i] = s.cfg.Schemas.Versions(ctx, title)
			<-turn
		})
	}
	looking.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.list, l.made = Schemas{Schemas: []SchemaTitle{}}, time.Now()
	for i, title := range titles {
		if len(versions[i]) > 0 {
			l.list.Schemas = append(l.list.Schemas, SchemaTitle{Title: title, Versions: versions[i], Streams: streams[title]})
		}
	}
	return l.list, nil
}

func (s *Server) streamsByTitle() map[string][]string {
	streams := map[string][]string{}
	for _, st := range s.followed() {
		if st.SchemaTitle != "" {
			streams[st.SchemaTitle] = append(streams[st.SchemaTitle], st.Name)
		}
	}
	return streams
}

func (s *Server) schema(r *http.Request, _ viewer) (any, error) {
	query := r.URL.Query()
	found, err := s.lookup(r.Context(), query.Get("title"), query.Get("version"))
	if err != nil {
		return nil, err
	}
	return SchemaVersion{
		Title: found.Title, Version: found.Version, URI: found.URI, Description: textOf(found.Source, "description"),
		Versions: s.cfg.Schemas.Versions(r.Context(), found.Title), Streams: s.streamsByTitle()[found.Title],
		Fields: fieldsOf(found.Source), Document: string(found.Source), YAML: string(appendYAML(nil, found.Source)),
	}, nil
}

// lookup finds a version of a title; without a version the newest.
func (s *Server) lookup(ctx context.Context, title, version string) (*schema.Schema, error) {
	if version == "" {
		version = "latest"
	}
	found, err := s.cfg.Schemas.Lookup(ctx, "/"+strings.Trim(title, "/")+"/"+version)
	return found, schemaFault(err)
}

// schemaFault tells the person at the page what the sender of an event is told.
func schemaFault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*schema.InvalidURIError](err); ok {
		return badRequest(err.Error())
	}
	if _, ok := errors.AsType[*schema.NotFoundError](err); ok {
		return notFound(err.Error())
	}
	if _, ok := errors.AsType[*schema.BrokenError](err); ok {
		return &fault{http.StatusUnprocessableEntity, err.Error(), err}
	}
	return &fault{http.StatusServiceUnavailable, err.Error(), err}
}

// document answers a schema's text alone.
func (s *Server) document(yaml bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		found, err := s.lookup(r.Context(), query.Get("title"), query.Get("version"))
		if err != nil {
			status := http.StatusInternalServerError
			if f, ok := errors.AsType[*fault](err); ok {
				status = f.status
			}
			writeProblem(w, status, err.Error())
			return
		}
		contentType, text := "application/schema+json", found.Source
		if yaml {
			contentType, text = "text/yaml; charset=utf-8", appendYAML(nil, found.Source)
		}
		setHeaders(w.Header(), contentType)
		_, _ = w.Write(text) // a client that has gone away does not need it
	}
}

// textOf is the text of a member of an object, "" without one.
func textOf(object []byte, name string) string {
	var members map[string]json.RawMessage
	var text string
	if json.Unmarshal(object, &members) != nil || json.Unmarshal(members[name], &text) != nil {
		return ""
	}
	return text
}

// quoted is a text from outside as it may stand in a message.
func quoted(text string) string {
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return strconv.Quote(text)
}
