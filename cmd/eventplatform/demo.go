package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/eventplatform/eventplatform/cmd/eventplatform/builtin"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// demoInterval is the time between two posts of the demonstration: ten events a second on the built-in streams.
const demoInterval = 200 * time.Millisecond

// startDemo keeps posting example events through the front door until the returned function is called. Its events are those of the built-in streams where
// these are configured, else the examples of the configured streams' schemas.
func startDemo(ctx context.Context, base string, p *platform, log *slog.Logger) (stop func()) {
	return background(ctx, func(ctx context.Context) {
		ticker := time.NewTicker(demoInterval)
		defer ticker.Stop()
		next := p.demoEvents(ctx)
		for told := false; ; {
			select {
			case <-ctx.Done():
				return
			case now := <-ticker.C:
				if err := post(ctx, base, next(now)); err != nil && !told && ctx.Err() == nil {
					log.Warn("a demonstration event was refused; more of these are not logged", "err", err)
					told = true
				}
			}
		}
	})
}

// demoEvents returns what makes the next moment's body.
func (p *platform) demoEvents(ctx context.Context) func(now time.Time) []byte {
	if s, ok := p.current().Lookup("mediawiki.page_change.v1"); ok && s.Source.File == builtin.StreamsName {
		return builtin.NewDemo(uint64(p.started.UnixNano())).Next
	}
	var streams []*streamconfig.Stream
	for _, s := range p.current().Streams() {
		if p.example(ctx, s, p.started) != nil {
			streams = append(streams, s)
		}
	}
	turn := 0
	return func(now time.Time) []byte {
		if len(streams) == 0 {
			return []byte("[]")
		}
		turn++
		return p.example(ctx, streams[turn%len(streams)], now)
	}
}

func post(ctx context.Context, base string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1000))
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	return err
}
