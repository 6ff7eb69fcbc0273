package kafkasse

import (
	"context"
	"errors"
	"fmt"

	"github.com/eventplatform/eventplatform/kafka"
)

// ErrNoEvent says that there is no event at a place: it was never written, is deleted, or cannot be delivered.
var ErrNoEvent = errors.New("there is no event at this place")

// Event returns one event as a stream would deliver it. It is the caller's to allow the topic.
func (s *Server) Event(ctx context.Context, topic string, partition int32, offset int64) ([]byte, error) {
	tp := kafka.TopicPartition{Topic: topic, Partition: partition}
	select {
	case s.coldTurn <- struct{}{}:
		defer func() { <-s.coldTurn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, coldTimeout)
	defer cancel()
	chunk, err := s.cfg.Log.Read(ctx, tp, offset, 1, 0)
	if err == nil {
		err = chunk.Err
	}
	switch {
	case errors.Is(err, kafka.ErrOffsetOutOfRange), errors.Is(err, kafka.ErrUnknownPartition):
		return nil, ErrNoEvent
	case err != nil:
		return nil, fmt.Errorf("reading topic %s, partition %d, offset %d: %w", tp.Topic, tp.Partition, offset, err)
	}
	for i := range chunk.Records {
		if chunk.Records[i].Offset == offset {
			if data, ok := newRenderer(tp, &s.cfg).render(&chunk.Records[i]); ok {
				return data, nil
			}
		}
	}
	return nil, ErrNoEvent
}
