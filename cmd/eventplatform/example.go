package main

import (
	"context"
	"time"

	"github.com/eventplatform/eventplatform/internal/uiapi"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// example makes an event for a stream, as the page's Try does. It is nil where there is no schema or no example.
func (p *platform) example(ctx context.Context, s *streamconfig.Stream, now time.Time) []byte {
	return uiapi.Example(ctx, p.schemas, s, now)
}
