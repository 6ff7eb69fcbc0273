package eventgate

import (
	"strconv"

	"github.com/eventplatform/eventplatform/kafka"
)

// handleHasty answers a request as soon as its events were checked, and has the accepted ones produced without waiting. Refused events are counted,
// logged and become error events as ever; only the answer does not tell of them.
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
	g.report(r, resp, false)
	if len(r.batch.Records) == 0 {
		r.release()
		return
	}
	g.background.Add(1)
	r.ctx, r.req = nil, nil
	r.batch.Done = r.hastyDone
	g.cfg.Hasty.Produce(&r.batch) // from here on the run belongs to hastyDone
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

// hastyDone is called when the last outcome of a hasty request's records is known.
func (r *run) hastyDone(b *kafka.Batch) {
	g := r.gate
	lost, topic := 0, ""
	var first error
	for i := range b.Outcomes {
		e, err := &r.events[r.inBatch[i]], b.Outcomes[i].Err
		if err == nil {
			g.observer.Produced(e.streamLabel(), e.schemaLabel())
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
	if lost == 0 {
		r.release()
	}
	g.background.Done()
}
