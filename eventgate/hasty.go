package eventgate

import (
	"strconv"

	"github.com/eventplatform/eventplatform/kafka"
)

// handleHasty answers a request as soon as its events were checked, and has the accepted ones produced without waiting. Refused events are counted,
// logged and become error events as ever; only the answer does not tell of them, unless it is known by then that none is produced.
func (g *Gate) handleHasty(r *run, resp *Response) {
	g.collect(r, g.cfg.Hasty, true)
	if !g.reserve(r) {
		g.dropHasty(r)
		g.answer(r, resp)
		g.report(r, resp, false)
		r.release()
		return
	}
	resp.Status, resp.Reason = 202, strconv.Itoa(len(r.events))+" events hastily received."
	if len(r.batch.Records) == 0 {
		g.report(r, resp, false)
		r.release()
		return
	}
	g.background.Add(1)
	r.batch.Done = r.hastyDone
	r.hands.Store(2)
	g.cfg.Hasty.Produce(&r.batch)
	if r.hands.Load() == 1 && r.refusedAtOnce() {
		r.settle()
		g.answer(r, resp)
	}
	g.report(r, resp, false)
	if r.hands.Add(-1) == 0 {
		r.endHasty()
	}
}

// refusedAtOnce tells of a batch whose outcomes are known whether the producer took none of the records, because Kafka does not answer or its buffers are
// full: later is better then, which only the sender can see to.
func (r *run) refusedAtOnce() bool {
	for i := range r.batch.Outcomes {
		if err := r.batch.Outcomes[i].Err; err == nil || undelivered(err).Fault != Busy {
			return false
		}
	}
	return true
}

// reserve takes room for the run's records in the hasty queue.
func (g *Gate) reserve(r *run) bool {
	for i := range r.batch.Records {
		r.handed += int64(len(r.batch.Records[i].Value))
	}
	if g.hastyBytes.Add(r.handed) <= g.cfg.HastyMaxBytes {
		return true
	}
	g.hastyBytes.Add(-r.handed)
	return false
}

// dropHasty refuses everything that was to be produced.
func (g *Gate) dropHasty(r *run) {
	for _, i := range r.inBatch {
		r.events[i].record = -1
		r.events[i].refusal = &Refusal{Fault: Busy, Type: "HastyQueueFull",
			Message: "Too many hasty events are waiting for Kafka; the event was not produced. Send it again later."}
	}
	r.batch.Reset()
	r.inBatch = r.inBatch[:0]
}

// hastyDone is called when the last outcome of a hasty request's records is known, perhaps before it is answered.
func (r *run) hastyDone(*kafka.Batch) {
	if r.hands.Add(-1) == 0 {
		r.endHasty()
	}
}

// endHasty counts what became of a hasty request's records, after it was answered. What the answer told was counted with it.
func (r *run) endHasty() {
	g, b := r.gate, &r.batch
	lost, topic := 0, ""
	var first error
	clean := true
	for i := range b.Outcomes {
		e, err := &r.events[r.inBatch[i]], b.Outcomes[i].Err
		if err == nil {
			g.observer.Produced(e.streamLabel(), e.schemaLabel())
			continue
		}
		clean = false
		if e.refusal != nil {
			continue
		}
		if first == nil {
			first, topic = err, b.Records[i].Topic
		}
		lost++
		g.observer.HastyLost(e.streamLabel(), e.schemaLabel(), undelivered(err).Type)
	}
	g.hastyBytes.Add(-r.handed)
	if lost > 0 {
		g.logLost(lost, topic, first)
	}
	if clean {
		r.release()
	}
	g.background.Done()
}
