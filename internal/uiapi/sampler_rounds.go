package uiapi

import (
	"context"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// lastReadBytes is about how much is read to learn the time of a partition's last record.
const lastReadBytes = 64 << 10

// round asks for the ends of all partitions once. In a new minute it looks for new partitions too; the first time it asks where the partitions were
// at the beginning of each of the last minutes.
func (r *rounds) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sampleTimeout)
	defer cancel()
	now := time.Now()
	if now.Sub(r.versions) > versionsKept {
		r.versions = now
		r.m.mu.Lock()
		clear(r.m.versions)
		r.m.mu.Unlock()
	}
	first, minute := r.ends == nil, now.Unix()/60
	if first || minute != r.minute {
		if err := r.findPartitions(ctx); err != nil {
			return err
		}
	}
	all := make([]kafka.TopicPartition, 0, len(r.ends))
	for _, tps := range r.partitions {
		all = append(all, tps...)
	}
	bounds, err := r.m.s.cfg.Log.Bounds(ctx, all)
	if err != nil {
		return err
	}
	moved := map[kafka.TopicPartition]bool{}
	ends := make(map[kafka.TopicPartition]int64, len(bounds))
	for _, b := range bounds {
		before, known := r.ends[b.TopicPartition]
		if b.Err != nil { // it has no leader now: nothing can have come
			if known {
				ends[b.TopicPartition] = before
			}
			continue
		}
		ends[b.TopicPartition] = b.End
		if !known && b.End > b.Start {
			r.unread = append(r.unread, b.TopicPartition)
		} else if known && b.End > before {
			moved[b.TopicPartition] = true
		}
	}
	var past map[string][minutesKept]int64
	if first {
		if past, err = r.past(ctx, minute, ends); err != nil {
			return err
		}
	}
	r.ends = ends
	r.publish(now, minute, past, moved)
	r.readLast(ctx)
	return nil
}

// findPartitions asks which partitions the streams' topics have.
func (r *rounds) findPartitions(ctx context.Context) error {
	var topics []string
	streams := map[string][]string{} // by topic
	for _, st := range r.m.s.followed() {
		for _, topic := range st.Topics {
			if streams[topic] == nil {
				topics = append(topics, topic)
			}
			streams[topic] = append(streams[topic], st.Name)
		}
	}
	tps, err := r.m.s.cfg.Log.Partitions(ctx, topics)
	if err != nil {
		return err
	}
	r.partitions = map[string][]kafka.TopicPartition{}
	for _, tp := range tps {
		for _, name := range streams[tp.Topic] {
			r.partitions[name] = append(r.partitions[name], tp)
		}
	}
	return nil
}

// past asks where each stream's partitions were when the last minutes began, oldest first; the last is the running one.
func (r *rounds) past(ctx context.Context, minute int64, ends map[kafka.TopicPartition]int64) (map[string][minutesKept]int64, error) {
	var questions []kafka.TimeQuery
	for tp := range ends {
		for i := range int64(minutesKept) {
			questions = append(questions, kafka.TimeQuery{TopicPartition: tp, Timestamp: (minute - minutesKept + 1 + i) * 60_000})
		}
	}
	offsets, err := r.m.s.cfg.Log.OffsetsForTime(ctx, questions)
	if err != nil {
		return nil, err
	}
	at := make(map[kafka.TopicPartition][minutesKept]int64, len(ends))
	for i, q := range questions {
		marks := at[q.TopicPartition]
		marks[i%minutesKept] = min(offsets[i], ends[q.TopicPartition])
		at[q.TopicPartition] = marks
	}
	sums := map[string][minutesKept]int64{}
	for name, tps := range r.partitions {
		var sum [minutesKept]int64
		for _, tp := range tps {
			for i, offset := range at[tp] {
				sum[i] += offset
			}
		}
		sums[name] = sum
	}
	return sums, nil
}

// publish makes the round's numbers the known ones.
func (r *rounds) publish(now time.Time, minute int64, past map[string][minutesKept]int64, moved map[kafka.TopicPartition]bool) {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	streams := make(map[string]*activity, len(r.partitions))
	for name, tps := range r.partitions {
		var end int64
		var fresh bool
		for _, tp := range tps {
			end += r.ends[tp]
			fresh = fresh || moved[tp]
		}
		a, known := r.m.streams[name]
		switch {
		case past != nil:
			marks := past[name]
			next := &activity{}
			copy(next.marks[:], marks[:])
			if known {
				next.last = a.last
			}
			a = next
		case !known: // a stream that was declared since
			a = &activity{}
			for i := range a.marks {
				a.marks[i] = end
			}
		default:
			before := a.marks[minutesKept]
			for range min(minute-r.minute, minutesKept) { // what came since the last round belongs to the new minute
				copy(a.marks[:], a.marks[1:minutesKept])
				a.marks[minutesKept-1] = before
			}
			if took := now.Sub(r.at).Seconds(); took > 0 {
				a.perSecond = max(0, float64(end-before)) / took
			}
		}
		a.marks[minutesKept] = end
		a.minutes = differences(a.marks)
		if past != nil {
			a.perSecond = float64(a.minutes[minutesKept-2]) / 60
		}
		if fresh {
			a.last = now.UnixMilli()
		}
		streams[name] = a
	}
	r.m.streams, r.m.sampled, r.minute, r.at = streams, true, minute, now
}

// differences are the events between one mark and the next. A topic that was made anew begins at 0: that is no negative number of events.
func differences(marks [minutesKept + 1]int64) []int64 {
	d := make([]int64, minutesKept)
	for i := range d {
		d[i] = max(0, marks[i+1]-marks[i])
	}
	return d
}

// readLast reads the last records of some partitions whose last event's time is not known yet.
func (r *rounds) readLast(ctx context.Context) {
	for range min(lastReads, len(r.unread)) {
		tp := r.unread[0]
		r.unread = r.unread[1:]
		chunk, err := r.m.s.cfg.Log.Read(ctx, tp, r.ends[tp]-1, lastReadBytes, 0)
		if err != nil || len(chunk.Records) == 0 {
			continue // compacted away, deleted or not to be had: nothing is said
		}
		last := chunk.Records[len(chunk.Records)-1].Timestamp
		r.m.mu.Lock()
		for name, tps := range r.partitions {
			for _, own := range tps {
				if a := r.m.streams[name]; own == tp && a != nil && last > a.last {
					changed := *a
					changed.last = last
					r.m.streams[name] = &changed
				}
			}
		}
		r.m.mu.Unlock()
	}
}
