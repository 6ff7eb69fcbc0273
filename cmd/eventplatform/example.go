package main

import (
	"bytes"
	"context"
	"time"

	"github.com/eventplatform/eventplatform/event"
	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// example makes an event for a stream from the first example of its newest schema: with the stream's own name, and without the example's id and times, which
// the intake sets. It is nil where there is no schema or no example.
func (p *platform) example(ctx context.Context, s *streamconfig.Stream, now time.Time) []byte {
	if s.IsRegex || s.SchemaTitle == "" {
		return nil
	}
	found, err := p.schemas.Latest(ctx, s.SchemaTitle)
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
