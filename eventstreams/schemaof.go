package eventstreams

import (
	"context"
	"encoding/json"

	"github.com/eventplatform/eventplatform/internal/rawjson"
)

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
	// What is made of it is kept for others: it must not depend on whether the first who asked stays.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), schemaTimeout)
	defer cancel()
	found, err := s.cfg.Schemas.Lookup(ctx, uri)
	if err != nil {
		s.log.Warn("a stream's schema is not to be found", "stream", e.name, "schema", uri, "error", err)
		return nil
	}
	return found.Source
}
