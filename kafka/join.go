package kafka

import (
	"context"
	"slices"
	"time"
)

// join is the joiner's goroutine.
func (s *followers) join() {
	for {
		due, next := s.takeDue()
		if len(due) > 0 {
			s.joinAll(due)
			continue
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-s.ctx.Done():
			return
		case <-s.joinWake:
		case <-timer:
		}
	}
}

// takeDue takes the followers whose time has come, and says when the next one's comes.
func (s *followers) takeDue() (due []*follower, next time.Time) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, next
	}
	s.joining = slices.DeleteFunc(s.joining, func(f *follower) bool {
		if f.due.After(now) {
			if next.IsZero() || f.due.Before(next) {
				next = f.due
			}
			return false
		}
		due = append(due, f)
		return true
	})
	return due, next
}

// joinAll finds out where the followers' partitions stand and hands those that can be fetched to the poller.
func (s *followers) joinAll(fs []*follower) {
	ctx, cancel := context.WithTimeout(s.ctx, joinTimeout)
	defer cancel()
	var topics []string
	for _, f := range fs {
		if !slices.Contains(topics, f.tp.Topic) {
			topics = append(topics, f.tp.Topic)
		}
	}
	found, err := s.log.meta.get(ctx, s.log.client, topics, 0)
	for _, f := range fs {
		next, stopped := f.position()
		if stopped {
			continue
		}
		if f.refused != nil {
			f.fail(f.refused)
			continue
		}
		failed := err
		if failed == nil {
			failed = s.locate(ctx, f, next, found)
		}
		if s.ctx.Err() != nil {
			return
		}
		if failed != nil {
			f.fail(failed)
			s.rejoin(f, followRetry)
			continue
		}
		s.mu.Lock()
		s.command(command{f, false})
		s.mu.Unlock()
	}
}

// locate checks that the follower's offset is still of this topic and within its bounds. If not it delivers where it continues.
func (s *followers) locate(ctx context.Context, f *follower, next int64, found map[string]topicMeta) error {
	meta, ok := found[f.tp.Topic]
	if !ok || !meta.has(f.tp.Partition) {
		return ErrUnknownPartition
	}
	recreated := f.topicID != [16]byte{} && f.topicID != meta.id
	if !recreated && !f.outOfRange {
		f.topicID = meta.id
		return nil
	}
	bounds, err := s.log.Bounds(ctx, []TopicPartition{f.tp})
	if err != nil {
		return err
	}
	b := bounds[0]
	if b.Err != nil {
		return b.Err
	}
	f.topicID, f.outOfRange = meta.id, false
	switch {
	case recreated:
		f.emit(Chunk{Next: b.Start, Start: b.Start, End: b.End, Err: ErrRecreated})
	case next < b.Start:
		f.emit(Chunk{Next: b.Start, Start: b.Start, End: b.End, Err: ErrOffsetOutOfRange})
	case next > b.End:
		f.emit(Chunk{Next: b.End, Start: b.Start, End: b.End, Err: ErrOffsetOutOfRange})
	}
	return nil
}
