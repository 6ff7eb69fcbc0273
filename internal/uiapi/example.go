package uiapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// ExampleEvent answers GET example.
type ExampleEvent struct {
	Stream string `json:"stream"`
	// Event is its text: numbers and order as in the schema's example.
	Event string `json:"event"`
}

func (s *Server) example(r *http.Request, _ viewer) (any, error) {
	st, err := s.find(r.URL.Query().Get("stream"))
	if err != nil {
		return nil, err
	}
	text := Example(r.Context(), s.cfg.Schemas, st, time.Now())
	if text == nil {
		return nil, notFound("The schema of " + quoted(st.Name) + " has no example.")
	}
	return ExampleEvent{Stream: st.Name, Event: string(text)}, nil
}

// Example makes an event for a stream from the first example of its newest schema: with the stream's own name, and without the example's id and
// times. It is nil where there is no schema or no example.
func Example(ctx context.Context, schemas *schema.Repositories, s *streamconfig.Stream, now time.Time) json.RawMessage {
	if s.IsRegex || s.SchemaTitle == "" {
		return nil
	}
	found, err := schemas.Latest(ctx, s.SchemaTitle)
	if err != nil || len(found.Examples) == 0 {
		return nil
	}
	text := replace(found.Examples[0], rawjson.AppendQuoted(nil, []byte(s.Name)), "meta", "stream")
	at := rawjson.AppendQuoted(nil, event.AppendTime(nil, now))
	text = replace(text, at, "meta", "dt")
	text = replace(text, at, "dt")
	return replace(text, rawjson.AppendQuoted(nil, event.AppendID(nil, now)), "meta", "id")
}

// replace puts another value in the place of the one at the path, if there is one.
func replace(text, value []byte, path ...string) []byte {
	start, end, ok := rawjson.Find(text, path...)
	if !ok {
		return text
	}
	return bytes.Join([][]byte{text[:start], value, text[end:]}, nil)
}
