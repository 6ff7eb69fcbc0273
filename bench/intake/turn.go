package main

import (
	"errors"
	"slices"
	"time"

	"github.com/eventplatform/eventplatform/bench/internal/measure"
)

// measurePair runs a subject and its limit program for a round. They take turns many times a second, so that a machine that is slow for a second is slow
// for both.
func (w *workshop) measurePair(p [2]subject, data string, batch int, limit, own *result) (err error) {
	second, err := w.start(p[1], data+"-own")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, second.stop()) }()
	if w.answer, err = answerOf(second.server.URL); err != nil {
		return err
	}
	first, err := w.start(p[0], data+"-limit")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, first.stop()) }()

	turns := []*turn{{running: first, into: limit}, {running: second, into: own}}
	for _, t := range turns {
		if err := t.warmUp(w, batch); err != nil {
			return err
		}
	}
	for left := w.duration; left > 0; left -= turnTime {
		for _, t := range turns {
			if err := t.take(w, batch); err != nil {
				return err
			}
		}
		slices.Reverse(turns)
	}
	for _, t := range turns {
		if err := t.end(w, batch); err != nil {
			return err
		}
	}
	return nil
}

// turnTime is how long a subject is under load before it is the other's turn.
const turnTime = 250 * time.Millisecond

// turn is what a subject did in a round.
type turn struct {
	*running
	into *result

	events        int
	before, after time.Duration // of processor time, at the first turn and the last; what it takes while others have theirs is next to nothing
	took          time.Duration
	p50, p99      []float64
}

func (t *turn) warmUp(w *workshop, batch int) (err error) {
	if _, err := w.load(t.server.URL, batch, w.duration/4, 0); err != nil {
		return err
	}
	t.before, err = t.server.CPU()
	return err
}

// take has the subject take as much as it can for a moment.
func (t *turn) take(w *workshop, batch int) (err error) {
	full, err := w.load(t.server.URL, batch, turnTime, 0)
	if err != nil {
		return err
	}
	t.events, t.took = t.events+full.Events, t.took+full.Took
	t.p50, t.p99 = append(t.p50, float64(full.P50)), append(t.p99, float64(full.P99))
	t.after, err = t.server.CPU()
	return err
}

// end has it take half of that for a while, and adds what the round showed to the result.
func (t *turn) end(w *workshop, batch int) error {
	half, err := w.load(t.server.URL, batch, w.duration, float64(t.events)/t.took.Seconds()/2)
	if err != nil {
		return err
	}
	memory, err := t.server.PeakMemory()
	if err != nil {
		return err
	}
	r := t.into
	r.perCPUSecond = append(r.perCPUSecond, float64(t.events)/(t.after-t.before).Seconds())
	r.p50, r.p99 = append(r.p50, measure.Median(t.p50)), append(r.p99, measure.Median(t.p99))
	r.p99AtHalf = append(r.p99AtHalf, float64(half.P99))
	r.memory = max(r.memory, memory)
	return nil
}
