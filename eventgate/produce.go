package eventgate

import (
	"context"
	"errors"

	"github.com/eventplatform/eventplatform/kafka"
)

// collect puts the events that can be produced into the run's batch; whole copies are made of those that lie in the body if the batch outlives it.
func (g *Gate) collect(r *run, p Producer, outlives bool) {
	for i := range r.events {
		e := &r.events[i]
		if e.refusal != nil || e.discarded {
			continue
		}
		if g.cfg.Output != nil && !g.write(e) {
			continue
		}
		if p == nil {
			continue
		}
		value, key := e.bytes, e.dest.Key
		if outlives {
			value = r.keep(value)
		}
		e.record = len(r.batch.Records)
		r.inBatch = append(r.inBatch, i)
		r.batch.Add(kafka.Record{Topic: e.dest.Topic, Timestamp: e.dest.Timestamp, Key: key, Value: value, Headers: r.traceHeaders()})
	}
}

// produce produces the accepted events and waits for every outcome. It reports whether all records' memory is free again.
func (g *Gate) produce(r *run) bool {
	g.collect(r, g.cfg.Guaranteed, false)
	if len(r.batch.Records) == 0 {
		return true
	}
	g.cfg.Guaranteed.Produce(&r.batch)
	// The producer bounds the wait. The request's context does not: a sender who has gone away must not leave records behind whose memory is reused.
	if r.batch.Wait(context.Background()) != nil {
		return false
	}
	return r.settle()
}

// settle turns failed outcomes into refusals. It reports whether there are none.
func (r *run) settle() bool {
	clean := true
	for record := range r.batch.Outcomes {
		if err := r.batch.Outcomes[record].Err; err != nil {
			clean = false
			r.events[r.inBatch[record]].refusal = undelivered(err)
		}
	}
	return clean
}

// undelivered words a delivery error for the sender.
func undelivered(err error) *Refusal {
	var d *kafka.DeliveryError
	if !errors.As(err, &d) {
		return &Refusal{Fault: Intake, Type: "DeliveryError", Message: "The event could not be produced.", Cause: err}
	}
	r := &Refusal{Fault: Intake, Type: "DeliveryError", Message: d.Msg, Cause: err}
	switch d.Kind {
	case kafka.TooLarge:
		r.Fault, r.Type = Sender, "TooLarge"
	case kafka.InvalidTopic:
		r.Fault, r.Type = Sender, "InvalidTopic"
	case kafka.UnknownTopic:
		r.Type = "UnknownTopic"
	case kafka.Timeout:
		r.Type, r.OutcomeUnknown = "Timeout", true
		r.Message = "Kafka did not acknowledge the event in time, so its fate is unknown: it may have been produced or not. " +
			"Sending it again with the same meta.id is safe for consumers who drop duplicates by that id."
	case kafka.Overloaded, kafka.Closed:
		r.Fault, r.Type = Busy, "Overloaded"
	case kafka.Unavailable:
		r.Fault, r.Type = Busy, "Unavailable"
	}
	return r
}

// write writes the event as a line to the output; a failure becomes the event's refusal.
func (g *Gate) write(e *Event) bool {
	r := e.run
	r.filling = append(r.filling[:0], e.bytes...)
	for i, c := range r.filling {
		if c == '\n' || c == '\r' { // only between tokens: strings cannot hold them
			r.filling[i] = ' '
		}
	}
	r.filling = append(r.filling, '\n')
	g.output.Lock()
	_, err := g.cfg.Output.Write(r.filling)
	g.output.Unlock()
	if err != nil {
		e.refusal = &Refusal{Fault: Intake, Type: "OutputError", Message: "The event could not be written to the output.", Cause: err}
	}
	return err == nil
}

// traceHeaders are the record headers of a request that is part of a trace (W3C Trace Context).
func (r *run) traceHeaders() []kafka.Header {
	if r.traceKnown {
		return r.trace
	}
	r.traceKnown = true
	add := func(key, value string) {
		if value != "" && len(value) <= maxTraceHeader {
			r.trace = append(r.trace, kafka.Header{Key: key, Value: []byte(value)})
		}
	}
	add("traceparent", orElse(r.req.Traceparent, r.sentHeader("Traceparent")))
	add("tracestate", r.sentHeader("Tracestate"))
	return r.trace
}

// maxTraceHeader is how long a trace header may be that is passed on: what the standard has everyone pass on at least.
const maxTraceHeader = 512

// sentHeader returns a header of the request by its canonical name, "" if it was not sent.
func (r *run) sentHeader(name string) string {
	if r.req.Header == nil {
		return ""
	}
	return r.req.Header.Get(name)
}
