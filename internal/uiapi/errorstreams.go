package uiapi

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/jsonschema"
	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/streamconfig"
)

const (
	// errorTitle is the title of the schema that error events have.
	errorTitle = "error"
	// mostErrors bounds how many records of one partition are read, errorBytes how much of all, errorTimeout how long that may take.
	mostErrors   = 5000
	errorBytes   = 32 << 20
	errorTimeout = 15 * time.Second
	readBytes    = 1 << 20
)

// refusals are what the error streams say since a time. Without any error stream they are what this process has refused itself.
func (s *Server) refusals(ctx context.Context, since time.Time) (list []refusal, sources []string, truncated bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, errorTimeout)
	defer cancel()
	sources = []string{}
	var topics []string
	for _, st := range s.cfg.Streams().Streams() {
		if isErrorStream(st) {
			sources = append(sources, st.Name)
			topics = append(topics, st.Topics...)
		}
	}
	if len(sources) == 0 {
		return s.refused.since(since), sources, false, nil
	}
	budget := errorBytes
	err = s.read(ctx, topics, since, func(tp kafka.TopicPartition, c kafka.Chunk) bool {
		for _, record := range c.Records {
			if r, ok := s.readRefusal(ctx, record); ok {
				list = append(list, r)
			}
			budget -= len(record.Value)
		}
		return budget > 0
	}, &truncated)
	return list, sources, truncated || budget <= 0, err
}

// isErrorStream tells the streams that intakes write about refused events, which are named after the intake.
func isErrorStream(st *streamconfig.Stream) bool {
	return !st.IsRegex && st.SchemaTitle == errorTitle && strings.HasSuffix(st.Name, ".error.validation")
}

// read reads the newest records of topics that are not older than a time, until more returns false.
func (s *Server) read(ctx context.Context, topics []string, since time.Time, more func(kafka.TopicPartition, kafka.Chunk) bool, truncated *bool) error {
	log := s.cfg.Log
	tps, err := log.Partitions(ctx, topics)
	if err != nil {
		return err
	}
	bounds, err := log.Bounds(ctx, tps)
	if err != nil {
		return err
	}
	questions := make([]kafka.TimeQuery, len(tps))
	for i, tp := range tps {
		questions[i] = kafka.TimeQuery{TopicPartition: tp, Timestamp: since.UnixMilli()}
	}
	from, err := log.OffsetsForTime(ctx, questions)
	if err != nil {
		return err
	}
	for i, b := range bounds {
		if b.Err != nil {
			return b.Err
		}
		at := max(from[i], b.Start)
		if at < b.End-mostErrors {
			at, *truncated = b.End-mostErrors, true
		}
		for at < b.End {
			chunk, err := log.Read(ctx, b.TopicPartition, at, readBytes, 0)
			if err == nil {
				err = chunk.Err
			}
			if err != nil {
				return err
			}
			if chunk.Next <= at {
				break // nothing there yet, whatever the bounds say
			}
			if at = chunk.Next; !more(b.TopicPartition, chunk) {
				return nil
			}
		}
	}
	return nil
}

// readRefusal reads an error event. What is refused and where is found out anew with the schema: error events only have the words.
func (s *Server) readRefusal(ctx context.Context, record kafka.Record) (refusal, bool) {
	var e struct {
		DT        time.Time `json:"dt"`
		Kind      string    `json:"error_type"`
		Message   string    `json:"message"`
		SchemaURI string    `json:"errored_schema_uri"`
		Stream    string    `json:"errored_stream_name"`
		Raw       any       `json:"raw_event"`
	}
	if json.Unmarshal(record.Value, &e) != nil {
		return refusal{}, false
	}
	r := refusal{time: time.UnixMilli(record.Timestamp), stream: e.Stream, schemaURI: e.SchemaURI, kind: e.Kind, message: e.Message}
	if r.event, _ = e.Raw.(string); r.event == "" && e.Stream == "" {
		return refusal{}, false // an error of something else
	}
	for _, text := range []*string{&r.stream, &r.schemaURI} {
		if *text == "unknown" {
			*text = ""
		}
	}
	s.explain(ctx, &r)
	return r, true
}

// explain finds the first place and keyword that refuse an event.
func (s *Server) explain(ctx context.Context, r *refusal) {
	if s.cfg.Schemas == nil || r.schemaURI == "" || r.event == "" {
		return
	}
	found, err := s.cfg.Schemas.Lookup(ctx, r.schemaURI)
	if err != nil {
		return
	}
	if refused, ok := errors.AsType[*jsonschema.ValidationError](found.Validator.Validate([]byte(r.event))); ok && len(refused.Errors) > 0 {
		r.place, r.keyword = general(refused.Errors[0].Pointer), refused.Errors[0].Keyword
	}
}

// general makes the indexes of lists in a JSON pointer alike.
func general(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i, part := range parts {
		if _, err := strconv.Atoi(part); err == nil {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}
