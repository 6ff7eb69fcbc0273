package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// frame is one event as a client of Server-Sent Events sees it.
type frame struct {
	id, event, data string
}

// position is where the platform says that an event stands.
func (f frame) position(t *testing.T) (topic string, partition int32, offset int64) {
	t.Helper()
	var e struct {
		Meta struct {
			Topic     string
			Partition int32
			Offset    int64
		}
	}
	if err := json.Unmarshal([]byte(f.data), &e); err != nil {
		t.Fatalf("data is not JSON: %v: %s", err, f.data)
	}
	return e.Meta.Topic, e.Meta.Partition, e.Meta.Offset
}

// stream is an open connection to a stream.
type stream struct {
	t      *testing.T
	cancel context.CancelFunc
	frames chan frame
	err    error // after frames is closed
}

// open connects and returns after the response head has come. query begins with "?" or is empty.
func (p *platform) open(names, query, lastEventID string) *stream {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/v2/stream/"+names+query, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		cancel()
		p.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		cancel()
		p.t.Fatalf("stream %s answered %s", names, response.Status)
	}
	s := &stream{t: p.t, cancel: cancel, frames: make(chan frame, 1<<16)}
	go func() {
		defer close(s.frames)
		defer response.Body.Close()
		lines := bufio.NewReaderSize(response.Body, 1<<16)
		var f frame
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				s.err = err
				return
			}
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch name {
			case "id":
				f.id = value
			case "event":
				f.event = value
			case "data":
				f.data += value
			case "":
				if f.data != "" {
					s.frames <- f
				}
				f = frame{id: f.id}
			}
		}
	}()
	p.t.Cleanup(cancel)
	return s
}

// close ends the connection; what has come already stays readable.
func (s *stream) close() { s.cancel() }

// next waits for so many events.
func (s *stream) next(count int) []frame {
	s.t.Helper()
	got, err := s.tryNext(count, patience)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

func (s *stream) tryNext(count int, within time.Duration) ([]frame, error) {
	var got []frame
	timeout := time.After(within)
	for len(got) < count {
		select {
		case f, ok := <-s.frames:
			if !ok {
				return got, fmt.Errorf("the stream ended after %d of %d events: %w", len(got), count, s.err)
			}
			got = append(got, f)
		case <-timeout:
			return got, fmt.Errorf("%d of %d events came", len(got), count)
		}
	}
	return got, nil
}
