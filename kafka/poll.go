package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// poll is the poller's goroutine.
func (s *followers) poll() {
	live := make(liveFollowers)
	for s.ctx.Err() == nil {
		ctx, cancel := context.WithCancel(s.ctx)
		s.mu.Lock()
		commands := s.commands
		s.commands = nil
		s.wakePoll = cancel
		s.mu.Unlock()
		s.obey(live, commands)
		fetches := s.client.PollFetches(ctx)
		cancel()
		fetches.EachPartition(func(p kgo.FetchTopicPartition) { s.dispatch(live, p) })
	}
}

// liveFollowers are those that the client fetches for, by topic and partition. Only the poller has them.
type liveFollowers map[string]map[int32]*follower

func (live liveFollowers) get(tp TopicPartition) *follower { return live[tp.Topic][tp.Partition] }

// obey tells the client what to fetch from now on.
func (s *followers) obey(live liveFollowers, commands []command) {
	for _, c := range commands {
		tp := c.f.tp
		if c.remove {
			if live.get(tp) == c.f {
				s.drop(live, tp)
			}
			continue
		}
		next, stopped := c.f.position()
		if stopped {
			continue
		}
		if live[tp.Topic] == nil {
			live[tp.Topic] = make(map[int32]*follower)
		}
		live[tp.Topic][tp.Partition] = c.f
		s.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{tp.Topic: {tp.Partition: kgo.NoResetOffset().At(next)}})
	}
}

// drop ends fetching for a partition, and forgets its topic with the last one: the client would ask after it for ever.
func (s *followers) drop(live liveFollowers, tp TopicPartition) {
	delete(live[tp.Topic], tp.Partition)
	if len(live[tp.Topic]) > 0 {
		s.client.RemoveConsumePartitions(map[string][]int32{tp.Topic: {tp.Partition}})
		return
	}
	delete(live, tp.Topic)
	s.client.PurgeTopicsFromConsuming(tp.Topic)
}

func (s *followers) dispatch(live liveFollowers, p kgo.FetchTopicPartition) {
	tp := TopicPartition{p.Topic, p.Partition}
	if p.Err != nil {
		s.lost(live, tp, p.Err)
		return
	}
	f := live.get(tp)
	if f == nil || len(p.Records) == 0 {
		return
	}
	f.emit(Chunk{
		Records: appendRecords(nil, tp, p.Records),
		Next:    p.Records[len(p.Records)-1].Offset + 1,
		Start:   p.LogStartOffset,
		End:     stableEnd(p.LastStableOffset, p.HighWatermark),
	})
}

// lost handles an error that the client does not mend by itself, of one partition or (partition -1) of a topic.
func (s *followers) lost(live liveFollowers, tp TopicPartition, err error) {
	if tp.Topic == "" || errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrClientClosed) {
		return // the poll was ended from here
	}
	var loss *kgo.ErrDataLoss
	switch {
	case errors.As(err, &loss): // the log was cut back under its readers; the client continues there
		if f := live.get(tp); f != nil {
			f.emit(Chunk{Next: loss.ResetTo, Err: ErrOffsetOutOfRange})
		}
	case errors.Is(err, kerr.UnknownTopicID), errors.Is(err, kerr.InconsistentTopicID), errors.Is(err, kerr.UnknownTopicOrPartition),
		tp.Partition < 0 && !kerr.IsRetriable(err):
		for _, f := range live[tp.Topic] { // the client must forget the whole topic to learn of a new one
			s.lose(live, f, partitionError(err))
		}
	case kerr.IsRetriable(err): // a leader that has moved: the client is on its way
	default:
		if f := live.get(tp); f != nil {
			s.lose(live, f, partitionError(err))
		}
	}
}

// lose gives a follower back to the joiner: at once if that can find out what is wrong, else after a while.
func (s *followers) lose(live liveFollowers, f *follower, err error) {
	s.drop(live, f.tp)
	if errors.Is(err, ErrOffsetOutOfRange) {
		f.outOfRange = true
		s.rejoin(f, 0)
		return
	}
	if errors.Is(err, ErrUnknownPartition) { // or another one of that name: the joiner finds out
		s.rejoin(f, followRecheck)
		return
	}
	f.fail(err)
	s.rejoin(f, followRetry)
}
