package uiapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

const (
	// mostRemembered and rememberedBytes bound what is remembered of refused events, and what is told of accepted ones.
	mostRemembered  = 1000
	rememberedBytes = 8 << 20
)

// Accepted answers GET accepted: the events that the streams have got since the process began or since the last DELETE. Those of one stream are in
// their order.
type Accepted struct {
	// Count is how many there are; Events holds the first thousand at most.
	Count  int             `json:"count"`
	Events []AcceptedEvent `json:"events"`
}

// AcceptedEvent is an event as it was produced.
type AcceptedEvent struct {
	Stream    string          `json:"stream"`
	Topic     string          `json:"topic"`
	Partition int32           `json:"partition"`
	Offset    int64           `json:"offset"`
	Key       string          `json:"key,omitempty"`
	Event     json.RawMessage `json:"event"`
}

// Refused answers GET refused: the events that the intake has refused since, oldest first; the newest thousand at most.
type Refused struct {
	Count  int            `json:"count"`
	Events []RefusedEvent `json:"events"`
}

// RefusedEvent is an event as it was to be produced, and why it was not.
type RefusedEvent struct {
	Time   time.Time `json:"time"`
	Stream string    `json:"stream,omitempty"`
	// Status is invalid if the sender is to blame, else error.
	Status string `json:"status"`
	Reason string `json:"reason"`
	// Pointers are the places in the event that its schema refuses.
	Pointers []string `json:"pointers,omitempty"`
	// Event is null if the body held no event that could be told apart.
	Event json.RawMessage `json:"event"`
}

// marks are where accepted events are counted from.
type marks struct {
	mu    sync.Mutex
	since time.Time
	ends  map[kafka.TopicPartition]int64
}

// Reset forgets what was accepted and refused. It is called once before the intake takes anything.
func (s *Server) Reset(ctx context.Context) error {
	bounds, err := s.bounds(ctx, s.topics(""))
	if err != nil {
		return err
	}
	ends := make(map[kafka.TopicPartition]int64, len(bounds))
	for _, b := range bounds {
		if b.Err != nil {
			return b.Err
		}
		ends[b.TopicPartition] = b.End
	}
	s.marks.mu.Lock()
	s.marks.ends, s.marks.since = ends, time.Now()
	s.marks.mu.Unlock()
	s.refused.reset()
	return nil
}

// topics are those of a stream, or of all declared ones but the error streams, which nobody sends to.
func (s *Server) topics(stream string) map[string]string {
	topics := map[string]string{}
	if stream != "" {
		if st, ok := s.cfg.Streams().Readable(stream); ok {
			for _, topic := range st.TopicsFor(stream) {
				topics[topic] = stream
			}
		}
		return topics
	}
	for _, st := range s.followed() {
		for _, topic := range st.Topics {
			if !isErrorStream(st) {
				topics[topic] = st.Name
			}
		}
	}
	return topics
}

func (s *Server) bounds(ctx context.Context, topics map[string]string) ([]kafka.Bounds, error) {
	var list []string
	for _, st := range s.followed() { // in the streams' order
		for _, topic := range st.Topics {
			if _, asked := topics[topic]; asked {
				list = append(list, topic)
			}
		}
	}
	for topic := range topics {
		list = append(list, topic) // of a stream that only a pattern declares
	}
	tps, err := s.cfg.Log.Partitions(ctx, unique(list))
	if err != nil {
		return nil, err
	}
	return s.cfg.Log.Bounds(ctx, tps)
}

func unique(list []string) []string {
	seen, out := map[string]bool{}, list[:0]
	for _, name := range list {
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

func (s *Server) accepted(r *http.Request, _ viewer) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), errorTimeout)
	defer cancel()
	topics := s.topics(r.URL.Query().Get("stream"))
	bounds, err := s.bounds(ctx, topics)
	if err != nil {
		return nil, err
	}
	s.marks.mu.Lock()
	ends := s.marks.ends
	s.marks.mu.Unlock()
	answer, left := Accepted{Events: []AcceptedEvent{}}, rememberedBytes
	for _, b := range bounds {
		if b.Err != nil {
			return nil, b.Err
		}
		at := max(ends[b.TopicPartition], b.Start)
		answer.Count += int(max(0, b.End-at))
		for at < b.End && len(answer.Events) < mostRemembered && left > 0 {
			chunk, err := s.cfg.Log.Read(ctx, b.TopicPartition, at, readBytes, 0)
			if err = cmp.Or(err, chunk.Err); err != nil {
				return nil, err
			}
			if chunk.Next <= at {
				break
			}
			at = chunk.Next
			for _, record := range chunk.Records {
				if record.Offset >= b.End || len(answer.Events) == mostRemembered || !json.Valid(record.Value) {
					continue
				}
				left -= len(record.Value)
				answer.Events = append(answer.Events, AcceptedEvent{
					Stream: topics[b.Topic], Topic: b.Topic, Partition: b.Partition, Offset: record.Offset, Key: string(record.Key), Event: bytes.Clone(record.Value),
				})
			}
		}
	}
	return answer, nil
}

func (s *Server) refusedOnes(*http.Request, viewer) (any, error) {
	list := s.refused.list()
	return Refused{Count: len(list), Events: list}, nil
}

func (s *Server) reset(r *http.Request, _ viewer) (any, error) {
	if err := s.Reset(r.Context()); err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"count"`
	}{}, nil
}

// refusals are the newest events that were refused.
type refusals struct {
	mu    sync.Mutex
	kept  []RefusedEvent
	bytes int
}

func (f *refusals) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept, f.bytes = nil, 0
}

func (f *refusals) add(e RefusedEvent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = append(f.kept, e)
	f.bytes += e.size()
	for len(f.kept) > mostRemembered || f.bytes > rememberedBytes {
		f.bytes -= f.kept[0].size()
		f.kept[0] = RefusedEvent{}
		f.kept = f.kept[1:]
	}
}

func (e *RefusedEvent) size() int { return 200 + len(e.Event) + len(e.Reason) }

func (f *refusals) list() []RefusedEvent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]RefusedEvent{}, f.kept...)
}

// since are the refusals since a time, for the summary.
func (f *refusals) since(since time.Time) []refusal {
	var list []refusal
	for _, e := range f.list() {
		if e.Time.Before(since) {
			continue
		}
		r := refusal{time: e.Time, stream: e.Stream, schemaURI: schemaURI(e.Event), kind: e.Status, message: e.Reason, event: string(e.Event)}
		if len(e.Pointers) > 0 {
			r.place = general(e.Pointers[0])
		}
		list = append(list, r)
	}
	return list
}
