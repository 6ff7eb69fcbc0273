package kafkasse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// acquire returns the tail of a set of topics and a view, made if it is not there, and holds it. The position of its head is known.
func (s *Server) acquire(ctx context.Context, topics []string, view *View) (*tail, error) {
	topics = slices.Compact(slices.Sorted(slices.Values(topics)))
	key := strings.Join(topics, ",")
	if view != nil {
		key += " " + view.Key
	}
	s.mu.Lock()
	if s.draining {
		s.mu.Unlock()
		return nil, errDraining
	}
	t := s.tails[key]
	made := t == nil
	if made {
		if len(s.tails) >= s.cfg.MaxSubscriptions {
			s.mu.Unlock()
			return nil, &unavailable{message: "This server serves as many different subscriptions as it can; try again, or ask for streams that others read, too.",
				after: 10 * time.Second}
		}
		t = &tail{srv: s, key: key, topics: topics, view: view, ready: make(chan struct{})}
		s.tails[key] = t
	}
	t.refs++
	s.mu.Unlock()
	if made {
		t.err = s.build(t)
		close(t.ready)
	}
	select {
	case <-t.ready:
	case <-ctx.Done():
		s.release(t)
		return nil, ctx.Err()
	}
	if t.err != nil {
		s.release(t)
		return nil, t.err
	}
	return t, nil
}

// release lets go of a tail. It stays for those that reconnect soon.
func (s *Server) release(t *tail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.refs--; t.refs == 0 {
		t.idle = time.Now()
	}
}

// build puts the topics' partitions into a new tail. It does not depend on the client that is the first to want it.
func (s *Server) build(t *tail) (err error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.cfg.ConnectTimeout)
	defer cancel()
	s.discovery.Lock()
	defer s.discovery.Unlock()
	if s.tag == [4]byte{} {
		id, err := s.cfg.Log.ClusterID(ctx)
		if err != nil {
			return s.forget(t, fmt.Errorf("asking for the cluster's id: %w", err))
		}
		s.tag = clusterTag(id)
	}
	t.tag = s.tag
	if err := s.join(ctx, t.topics, t); err != nil {
		return s.forget(t, err)
	}
	return nil
}

// forget takes a tail that could not be built out of the list, so that the next client tries again.
func (s *Server) forget(t *tail, err error) error {
	s.mu.Lock()
	delete(s.tails, t.key)
	s.mu.Unlock()
	return &unavailable{message: "Kafka could not be asked for the topics' positions; try again.", after: 5 * time.Second, cause: err}
}

// join makes readers for those partitions of the topics that have none, and puts the partitions into fresh and into every tail that has been waiting
// for them: a partition that is new to a tail which has its topic already is read from its beginning, so that nothing of it is missed. The caller
// holds s.discovery.
func (s *Server) join(ctx context.Context, topics []string, fresh *tail) error {
	tps, err := s.cfg.Log.Partitions(ctx, topics)
	if err != nil {
		return fmt.Errorf("asking for partitions: %w", err)
	}
	var unread []kafka.TopicPartition
	for _, tp := range tps {
		if s.readers[tp] == nil {
			unread = append(unread, tp)
		}
	}
	var made []*reader
	if len(unread) > 0 {
		bounds, err := s.cfg.Log.Bounds(ctx, unread)
		if err != nil {
			return fmt.Errorf("asking for the ends of partitions: %w", err)
		}
		for _, b := range bounds {
			r, err := s.newReader(ctx, b, s.waiting(b.Topic, fresh))
			if err != nil {
				return err
			}
			made = append(made, r)
		}
	}
	for _, r := range made {
		r.judge = s.judge(r.tp, func(j *judge) { j.begin(r.pos.next) })
		s.readers[r.tp] = r
		for _, t := range s.waiting(r.tp.Topic, fresh) {
			r.attach(t, func(pos position) int { return t.adopt(r, pos) })
		}
	}
	if fresh != nil {
		s.fill(fresh, tps)
	}
	for _, r := range made {
		r.stop = s.cfg.Log.Follow(r.tp, r.scan, r.deliver)
	}
	return nil
}

// waiting are the tails that have a topic, without the one that is being built.
func (s *Server) waiting(topic string, fresh *tail) (tails []*tail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tails {
		if t != fresh && t.built && slices.Contains(t.topics, topic) {
			tails = append(tails, t)
		}
	}
	return tails
}

// newReader makes the reader of a partition: at its end, or at its beginning if tails are waiting for it.
func (s *Server) newReader(ctx context.Context, b kafka.Bounds, waiting []*tail) (*reader, error) {
	if b.Err != nil {
		return nil, fmt.Errorf("topic %s, partition %d: %w", b.Topic, b.Partition, b.Err)
	}
	from := b.End
	if len(waiting) > 0 {
		from = b.Start
	}
	pos, err := s.describe(ctx, b, from)
	if err != nil {
		return nil, err
	}
	r := &reader{srv: s, tp: b.TopicPartition, latest: b.End, pos: pos, scan: from, render: newRenderer(b.TopicPartition, &s.cfg)}
	r.judge = s.judge(b.TopicPartition, nil)
	if r.judge != nil {
		r.loading = true
		r.scan, err = r.judge.windowStart(ctx, b.Start, from, pos.time)
	}
	return r, err
}

// fill puts the partitions that exist into a new tail, topic by topic, and stands in for the topics that do not.
func (s *Server) fill(t *tail, tps []kafka.TopicPartition) {
	for _, topic := range t.topics {
		exists := false
		for _, tp := range tps {
			if tp.Topic == topic {
				exists = true
				r := s.readers[tp]
				r.attach(t, func(pos position) int {
					t.mu.Lock()
					defer t.mu.Unlock()
					return t.add(tp, r, pos, r.latest)
				})
			}
		}
		if !exists {
			t.mu.Lock()
			t.add(kafka.TopicPartition{Topic: topic}, nil, position{time: aMinuteAgo(), print: noPrint}, 0)
			t.mu.Unlock()
		}
	}
	t.mu.Lock()
	t.newBlock(0, nil)
	t.mu.Unlock()
	s.mu.Lock()
	t.built = true
	s.mu.Unlock()
}

// adopt puts a partition that did not exist before into the tail and returns where. If retention has deleted of it already, that is a gap.
func (t *tail) adopt(r *reader, pos position) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := t.indexOf(r.tp)
	if i < 0 {
		i = t.add(r.tp, r, position{time: pos.time, print: noPrint}, 0)
	}
	t.parts[i].reader = r
	if pos.next == 0 {
		t.advance(i, pos)
		return i
	}
	t.note(i, pos, frameGap, gap{r.tp, 0, pos.next, GapRetention}.appendComment(nil))
	t.srv.cfg.Observer.Gap(GapRetention)
	return i
}

// poll looks for new topics and partitions, and closes tails that nobody has come back to.
func (s *Server) poll() {
	ticker := time.NewTicker(s.cfg.TopicPoll)
	defer ticker.Stop()
	failing := false
	for round := 1; ; round++ {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		s.closeTails(func(t *tail) bool { return t.refs == 0 && time.Since(t.idle) >= s.cfg.Linger })
		s.chunks.expire()
		s.expireJudges(runIdle)
		err := s.lookForTopics(round%allEvery == 0)
		if err != nil && !failing && s.ctx.Err() == nil {
			s.cfg.Logger.Warn("cannot look for new topics and partitions at the moment", "error", err)
		}
		failing = err != nil
	}
}

// allEvery is how many times topics that do not exist are looked for until all are looked at for new partitions.
const allEvery = 30

func (s *Server) lookForTopics(all bool) error {
	s.discovery.Lock()
	defer s.discovery.Unlock()
	s.mu.Lock()
	var topics []string
	for _, t := range s.tails {
		if t.built {
			topics = t.appendTopics(topics, all)
		}
	}
	s.mu.Unlock()
	if len(topics) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.cfg.ConnectTimeout)
	defer cancel()
	slices.Sort(topics)
	return s.join(ctx, slices.Compact(topics), nil)
}

// appendTopics appends the tail's topics, or those that do not exist.
func (t *tail) appendTopics(topics []string, all bool) []string {
	if all {
		return append(topics, t.topics...)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.parts {
		if p.reader == nil {
			topics = append(topics, p.tp.Topic)
		}
	}
	return topics
}

// closeTails closes the tails that which says, and stops the readers that no tail needs any more.
func (s *Server) closeTails(which func(*tail) bool) {
	s.discovery.Lock()
	defer s.discovery.Unlock()
	s.mu.Lock()
	var closing []*tail
	for key, t := range s.tails {
		if t.built && which(t) {
			delete(s.tails, key)
			closing = append(closing, t)
		}
	}
	s.mu.Unlock()
	for _, t := range closing {
		t.mu.Lock()
		s.retained.Add(-int64(t.bytes))
		for _, b := range t.blocks {
			s.retained.Add(-int64(b.closeVariants()))
		}
		t.mu.Unlock()
		for _, p := range t.parts {
			if p.reader != nil && !p.reader.detach(t) {
				delete(s.readers, p.tp)
				p.reader.stop()
				p.reader.judge.end()
				s.cfg.Observer.Tailed(p.tp.Topic, p.tp.Partition, 0, 0) // nobody is behind there any more
			}
		}
	}
}
