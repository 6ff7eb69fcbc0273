package kafkasse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// place is where a client starts. own is nil if that is the head of the tail in every partition.
type place struct {
	own  []position
	held []held
	gaps []gap

	bound *bound
}

// plan is how the start in one partition is found.
type plan struct {
	kind   planKind
	want   want
	time   int64
	offset int64
	empty  bool // planTime: an id of ours says that the partition was empty on another cluster
}

type planKind uint8

const (
	planHead   planKind = iota // where the tail is
	planFirst                  // the first record that is there
	planOffset                 // as a Last-Event-ID says
	planTime                   // the first record at or after a time
	planExact                  // at an offset of this cluster
	planSeek                   // after a record that was seen on another cluster
	planAwait                  // likewise, of a topic that does not exist here yet
)

// resolve finds where a client starts in every partition of a tail.
func (s *Server) resolve(ctx context.Context, t *tail, wants []want, since *int64) (place, error) {
	t.mu.Lock()
	parts := make([]part, len(t.parts)) // as they are now: a topic may appear in the meantime
	for i, p := range t.parts {
		parts[i] = *p
	}
	heads := append([]position(nil), t.pos...)
	t.mu.Unlock()
	plans, err := plansFor(parts, string(t.tag[:]), wants, since)
	if err != nil {
		return place{}, err
	}
	var p place
	atHead := true
	p.own = heads
	for i := range parts {
		if parts[i].latest > heads[i].next && plans[i].kind == planHead {
			p.own[i] = position{next: parts[i].latest, time: aMinuteAgo(), print: noPrint}
			atHead = false
		}
		atHead = atHead && plans[i].kind == planHead
	}
	if atHead {
		return place{}, nil
	}
	eras := make([]uint32, len(heads))
	for i := range heads {
		eras[i] = heads[i].era
	}
	if s.exact(t, plans, p.own, eras) {
		return p, nil
	}
	err = s.ask(ctx, parts, plans, &p)
	for i := range p.own {
		p.own[i].era = eras[i]
	}
	return p, err
}

// exact takes positions over that need no question to Kafka, because the tail retains all that comes after them.
func (s *Server) exact(t *tail, plans []plan, own []position, eras []uint32) bool {
	for i := range plans {
		switch plans[i].kind {
		case planExact:
			own[i] = position{next: plans[i].offset, time: plans[i].time, print: plans[i].want.print, era: eras[i]}
		case planHead:
		default:
			return false
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range own {
		if own[i].next > t.pos[i].next {
			return false
		}
	}
	return t.find(own) != nil
}

// plansFor says for each partition how its start is found.
func plansFor(parts []part, tag string, wants []want, since *int64) ([]plan, error) {
	plans := make([]plan, len(parts))
	for i := range parts {
		p := &parts[i]
		w, named, ours := wanted(wants, p.tp)
		switch {
		case p.reader == nil && w != nil && w.kind == wantAt && w.tag != tag && w.print != noPrint:
			plans[i] = plan{kind: planAwait, want: *w, time: w.time}
		case p.reader == nil: // the topic does not exist: it will be read from its beginning
		case w == nil && named && ours:
			plans[i].kind = planOffset // 0: the partition is younger than the id
		case w == nil || w.kind == wantTopic:
			if since != nil {
				plans[i] = plan{kind: planTime, time: *since}
			}
		case w.kind == wantTime && w.time == -1: // the end, to Kafka
		case w.kind == wantTime:
			plans[i] = plan{kind: planTime, time: w.time}
		case w.kind == wantAt && w.tag == tag:
			plans[i] = plan{kind: planExact, want: *w, offset: w.offset, time: w.time}
		case w.kind == wantAt && w.print != noPrint:
			plans[i] = plan{kind: planSeek, want: *w, time: w.time}
		case w.kind == wantAt:
			plans[i] = plan{kind: planTime, time: w.time, empty: true}
		case w.offset == -1 || w.offset == -1001:
		case w.offset == -2:
			plans[i].kind = planFirst
		case w.offset < -2 && w.offset > -2000:
			return nil, &invalidAssignment{original: "Error", assignments: []byte("[]"), message: fmt.Sprintf(
				"offset %d of topic %s means nothing: -1 is the end, -2 the beginning, -2000-n the last n", w.offset, p.tp.Topic)}
		default:
			plans[i] = plan{kind: planOffset, offset: w.offset}
		}
	}
	return plans, nil
}

// wanted is what an id says of a partition; whether it names the partition's topic at all, and in an entry of ours.
func wanted(wants []want, tp kafka.TopicPartition) (w *want, named, ours bool) {
	for i := range wants {
		if wants[i].topic != tp.Topic {
			continue
		}
		named = true
		ours = ours || wants[i].kind == wantAt
		if wants[i].kind == wantTopic || wants[i].partition == tp.Partition {
			w = &wants[i]
		}
	}
	return w, named, ours
}

// ask asks Kafka for what the plans need.
func (s *Server) ask(ctx context.Context, parts []part, plans []plan, p *place) error {
	var tps []kafka.TopicPartition
	var times []kafka.TimeQuery
	for i := range plans {
		switch plans[i].kind {
		case planHead:
			continue
		case planAwait:
			p.own[i] = position{next: nowhere, time: plans[i].time, print: noPrint}
			p.held = append(p.held, held{part: i, want: plans[i].want, scan: -1})
			continue
		}
		tps = append(tps, parts[i].tp)
		if k := plans[i].kind; k == planTime || k == planSeek || k == planExact {
			times = append(times, kafka.TimeQuery{TopicPartition: parts[i].tp, Timestamp: max(0, plans[i].time)})
		}
	}
	bounds, err := s.cfg.Log.Bounds(ctx, tps)
	if err != nil {
		return err
	}
	offsets, err := s.offsetsForTime(ctx, times)
	if err != nil {
		return err
	}
	for i := range plans {
		if plans[i].kind == planHead || plans[i].kind == planAwait {
			continue
		}
		b := bounds[0]
		bounds = bounds[1:]
		var byTime int64
		if k := plans[i].kind; k == planTime || k == planSeek || k == planExact {
			byTime, offsets = offsets[0], offsets[1:]
		}
		switch {
		case errors.Is(b.Err, kafka.ErrUnknownPartition), byTime < 0:
			continue // its topic has been deleted: the client is where the tail is, which waits for another one
		case b.Err != nil:
			return fmt.Errorf("topic %s, partition %d: %w", b.Topic, b.Partition, b.Err)
		}
		if err := s.settle(ctx, i, plans[i], b, byTime, p); err != nil {
			return err
		}
	}
	return nil
}

// offsetsForTime is Log.OffsetsForTime with -1 for partitions that do not exist any more.
func (s *Server) offsetsForTime(ctx context.Context, queries []kafka.TimeQuery) ([]int64, error) {
	offsets, err := s.cfg.Log.OffsetsForTime(ctx, queries)
	if !errors.Is(err, kafka.ErrUnknownPartition) {
		return offsets, err
	}
	tps := make([]kafka.TopicPartition, len(queries))
	for i, q := range queries {
		tps[i] = q.TopicPartition
	}
	bounds, err := s.cfg.Log.Bounds(ctx, tps)
	if err != nil {
		return nil, err
	}
	var there []kafka.TimeQuery
	for i, b := range bounds {
		if !errors.Is(b.Err, kafka.ErrUnknownPartition) {
			there = append(there, queries[i])
		}
	}
	found, err := s.cfg.Log.OffsetsForTime(ctx, there)
	if err != nil {
		return nil, err
	}
	offsets = make([]int64, len(queries))
	for i, b := range bounds {
		if offsets[i] = -1; !errors.Is(b.Err, kafka.ErrUnknownPartition) {
			offsets[i], found = found[0], found[1:]
		}
	}
	return offsets, nil
}

// settle puts the start in one partition into p. byTime is the offset for the plan's time.
func (s *Server) settle(ctx context.Context, i int, pl plan, b kafka.Bounds, byTime int64, p *place) (err error) {
	// Where nothing has that time yet, byTime is the end as it was after b was asked for: what came in between would be skipped.
	byTime = min(byTime, b.End)
	missing := func(from, to int64, reason GapReason) {
		p.gaps = append(p.gaps, gap{b.TopicPartition, from, to, reason})
	}
	atTime := position{next: byTime, time: pl.time, print: noPrint}
	if byTime >= b.End { // records that come now may have earlier timestamps than the one asked for
		atTime.time = min(pl.time, aMinuteAgo())
	}
	switch pl.kind {
	case planFirst:
		p.own[i], err = s.describe(ctx, b, b.Start)
	case planTime:
		if byTime == b.Start && b.Start > 0 && !pl.empty { // there may have been more
			missing(-1, b.Start, GapRetention)
		}
		p.own[i] = atTime
	case planOffset:
		next := pl.offset
		switch {
		case next <= -2000:
			next = max(b.Start, b.End+2000+next)
		case next < b.Start:
			missing(next, b.Start, GapRetention)
			next = b.Start
		case next > b.End:
			missing(next, b.End, GapBeyondEnd)
			next = b.End
		}
		p.own[i], err = s.describe(ctx, b, next)
	case planExact:
		p.own[i] = position{next: pl.offset, time: pl.time, print: pl.want.print}
		switch {
		case pl.offset < b.Start:
			missing(pl.offset, b.Start, GapRetention)
			p.own[i].next, p.own[i].print = b.Start, noPrint
		case pl.offset > b.End: // the topic is a new one
			missing(pl.offset, byTime, GapBeyondEnd)
			p.own[i] = atTime
		}
	case planSeek:
		h := held{part: i, want: pl.want, scan: byTime, from: byTime, until: time.Now().Add(s.cfg.MirrorWait)}
		pos, found, err := s.seek(ctx, b.TopicPartition, &h)
		switch {
		case err != nil:
			return err
		case found:
			p.own[i] = pos
		case h.steps >= scanMost:
			missing(-1, byTime, GapNoPosition)
			p.own[i] = atTime
		default:
			p.own[i] = position{next: nowhere, time: pl.time, print: noPrint}
			p.held = append(p.held, h)
		}
	}
	return err
}

// describe makes a position of an offset: its time and fingerprint are those of the record before it, as far as there is one.
func (s *Server) describe(ctx context.Context, b kafka.Bounds, next int64) (position, error) {
	p := position{next: next, time: aMinuteAgo(), print: noPrint}
	from := max(b.Start, next-1)
	if from >= b.End {
		return p, nil
	}
	chunk, err := s.cfg.Log.Read(ctx, b.TopicPartition, from, 1, 0)
	if err == nil {
		err = chunk.Err
	}
	if err != nil {
		return p, fmt.Errorf("topic %s, partition %d: %w", b.Topic, b.Partition, err)
	}
	for i := range chunk.Records {
		rec := &chunk.Records[i]
		switch {
		case rec.Offset < from:
			continue
		case rec.Offset < next:
			p.time, p.print = rec.Timestamp, fingerprint(rec)
		default:
			p.time = rec.Timestamp
		}
		return p, nil
	}
	return p, nil
}

func aMinuteAgo() int64 { return time.Now().Add(-time.Minute).UnixMilli() }
