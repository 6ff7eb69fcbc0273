package kafkasse

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// judge knows of one partition which records are copies. What it has found out for one client holds for all of them.
type judge struct {
	srv *Server
	tp  kafka.TopicPartition

	mu        sync.Mutex
	live      *run   // that of the partition's reader; nil if there is none
	runs      []*run // those of clients that are behind; they end where live begins at the latest
	preparing chan struct{}
}

// run is a part of a partition in which the copies are known.
type run struct {
	from, to int64
	copies   []int64 // offsets
	window   *window // before to
	used     time.Time
}

const (
	runMostCopies = 100_000          // offsets that one run keeps; it begins later then
	runIdle       = 10 * time.Second // until a run that no client reads in is let go
	runsMostBytes = 64 << 20         // of the windows of all clients that are behind
)

// judges are those of a server.
type judges struct {
	mu   sync.Mutex
	all  map[kafka.TopicPartition]*judge
	held atomic.Int64 // bytes of the windows of clients that are behind
}

// judge returns the judge of a partition, nil if copies are kept. used is called before it can expire.
func (s *Server) judge(tp kafka.TopicPartition, used func(*judge)) *judge {
	if s.cfg.KeepCopies {
		return nil
	}
	s.judges.mu.Lock()
	defer s.judges.mu.Unlock()
	j := s.judges.all[tp]
	if j == nil {
		j = &judge{srv: s, tp: tp}
		s.judges.all[tp] = j
	}
	if used != nil {
		used(j)
	}
	return j
}

// expireJudges lets go of what no client has used for a while.
func (s *Server) expireJudges(idle time.Duration) {
	s.judges.mu.Lock()
	defer s.judges.mu.Unlock()
	for tp, j := range s.judges.all {
		if j.expire(idle) {
			delete(s.judges.all, tp)
		}
	}
}

// expire reports whether nothing is left.
func (j *judge) expire(idle time.Duration) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.runs = slices.DeleteFunc(j.runs, func(r *run) bool {
		old := time.Since(r.used) >= idle
		if old {
			j.srv.judges.held.Add(-int64(r.window.bytes()))
		}
		return old
	})
	return len(j.runs) == 0 && j.live == nil && j.preparing == nil
}

// begin says that the partition's reader judges all records from an offset on, after it has read what stands in the window before that. What was known
// of later records is forgotten.
func (j *judge) begin(from int64) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.live = &run{from: from, to: from, window: newWindow()}
	j.runs = slices.DeleteFunc(j.runs, func(r *run) bool {
		late := r.to > from
		if late {
			j.srv.judges.held.Add(-int64(r.window.bytes()))
		}
		return late
	})
}

// end says that the partition has no reader any more.
func (j *judge) end() {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.live = nil
}

// next takes in the next record of the partition's reader and says whether it is a copy. Of a record before the run's beginning it may not know.
func (j *judge) next(rec *kafka.Record) (copied bool) {
	if j == nil {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.live.add(recordHash(rec), rec.Offset, rec.Timestamp)
}

func (r *run) add(hash uint64, offset, timestamp int64) (copied bool) {
	copied = r.window.add(hash, offset, timestamp)
	if offset < r.from {
		return copied
	}
	r.to = offset + 1
	if copied {
		if len(r.copies) == runMostCopies {
			r.from = r.copies[runMostCopies/2]
			r.copies = slices.Delete(r.copies, 0, runMostCopies/2)
		}
		r.copies = append(r.copies, offset)
	}
	return copied
}

// find is the run in which a client that is at an offset can go on, or nil. The caller holds j.mu.
func (j *judge) find(at int64) *run {
	if j.live != nil && j.live.from <= at {
		return j.live
	}
	for _, r := range j.runs {
		if r.from <= at && at <= r.to {
			return r
		}
	}
	return nil
}

// copies appends the offsets of those of the records before an offset that are copies. The records are all that the partition has from at on.
func (j *judge) copies(ctx context.Context, dst []int64, at int64, records []prepared, before int64) ([]int64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(records) > 0 && records[0].offset() < before {
		r := j.find(at)
		if r == nil {
			if err := j.prepare(ctx, at, records[0].pos.time); err != nil {
				return dst, err
			}
			continue
		}
		r.used = time.Now()
		end := before
		if j.live != nil && r != j.live {
			end = min(end, j.live.from)
		}
		held := r.window.bytes()
		for len(records) > 0 && records[0].offset() < end {
			rec, offset := &records[0], records[0].offset()
			records = records[1:]
			var copied bool
			if offset < r.to || r == j.live {
				_, copied = slices.BinarySearch(r.copies, offset)
			} else {
				copied = r.add(rec.hash, offset, rec.pos.time)
			}
			if copied {
				dst = append(dst, offset)
			}
			at = offset + 1
		}
		if r != j.live {
			j.srv.judges.held.Add(int64(r.window.bytes() - held))
			if len(records) > 0 && records[0].offset() >= end { // nothing stands between
				r.to = max(r.to, end)
				at = max(at, end)
			}
		}
	}
	return dst, nil
}

// skip says that there are no records between two offsets.
func (j *judge) skip(from, to int64) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.runs {
		if r.from <= from && from <= r.to {
			r.to = max(r.to, to)
		}
	}
}

var errTooManyWindows = errors.New("too many clients read old records at different places to find copies for all of them at once")

// prepare makes a run that begins at an offset, where a record with a timestamp stands, or waits for one that is being made. The caller holds j.mu, which
// is let go in the meantime.
func (j *judge) prepare(ctx context.Context, at, timestamp int64) error {
	if other := j.preparing; other != nil {
		j.mu.Unlock()
		defer j.mu.Lock()
		select {
		case <-other:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	done := make(chan struct{})
	j.preparing = done
	j.mu.Unlock()
	w, err := j.windowBefore(ctx, at, timestamp)
	j.mu.Lock()
	j.preparing = nil
	close(done)
	if err == nil {
		j.runs = append(j.runs, &run{from: at, to: at, window: w, used: time.Now()})
		j.srv.judges.held.Add(int64(w.bytes()))
	}
	return err
}

// windowBefore reads what stands in the window before an offset.
func (j *judge) windowBefore(ctx context.Context, before, timestamp int64) (*window, error) {
	if j.srv.judges.held.Load() > runsMostBytes {
		j.srv.expireJudges(time.Second)
		if j.srv.judges.held.Load() > runsMostBytes {
			return nil, errTooManyWindows
		}
	}
	at, err := j.windowStart(ctx, 0, before, timestamp)
	if err != nil {
		return nil, err
	}
	w := newWindow()
	for at < before {
		readCtx, cancel := context.WithTimeout(ctx, coldTimeout)
		chunk, err := j.srv.cfg.Log.Read(readCtx, j.tp, at, j.srv.cfg.ColdBytes/coldRatio, 0)
		cancel()
		if err == nil {
			err = chunk.Err
		}
		switch {
		case errors.Is(err, kafka.ErrOffsetOutOfRange) && chunk.Start > at:
			at = chunk.Start
			continue
		case err != nil:
			return nil, err
		}
		for i := range chunk.Records {
			if rec := &chunk.Records[i]; rec.Offset >= at && rec.Offset < before {
				w.add(recordHash(rec), rec.Offset, rec.Timestamp)
			}
		}
		chunk.Recycle()
		if chunk.Next <= at {
			break
		}
		at = chunk.Next
	}
	return w, nil
}

// windowStart is where the window before an offset begins. timestamp is that of a record there, or of the last one before.
func (j *judge) windowStart(ctx context.Context, first, before, timestamp int64) (int64, error) {
	at := before - copyLeast
	if at <= first {
		return first, nil
	}
	offsets, err := j.srv.cfg.Log.OffsetsForTime(ctx, []kafka.TimeQuery{{TopicPartition: j.tp, Timestamp: max(0, timestamp-1000*(copySeconds+1))}})
	if err != nil {
		return 0, err
	}
	return max(first, before-copyMost, min(at, offsets[0])), nil
}
