package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// topicState is what a producer knows of a topic that exists.
type topicState struct {
	name     string
	producer *Producer
	limits   atomic.Pointer[topicLimits]

	waitingRecords atomic.Int64 // given to the client and without outcome
	waitingBytes   atomic.Int64
	overdue        atomic.Int64  // of waitingRecords, those whose outcome was given without the client
	acks           atomic.Uint64 // acknowledged so far
	// stalledSince is when a record that was not acknowledged in time, nor any other since, was given to the client (Unix ns); 0 = not stalled.
	stalledSince atomic.Int64
	gone         atomic.Bool // a broker does not know the topic any more
}

// admit says whether the record may be given to the client; if so, release must follow.
func (t *topicState) admit(r *Record, size int64) *DeliveryError {
	p := t.producer
	if err := t.limits.Load().check(t.name, r, size, p.maxMessage); err != nil {
		return err
	}
	records, bytes := t.waitingRecords.Add(1), t.waitingBytes.Add(size)
	// One record at a time finds out whether the topic is back. It need not wait until the client has given up those before: another broker may lead.
	if t.stalledSince.Load() != 0 && records-t.overdue.Load() > 1 {
		t.release(size)
		return &DeliveryError{Kind: Unavailable, Topic: t.name,
			Msg: fmt.Sprintf("topic %s does not acknowledge records at the moment; nothing was sent, try again later", t.name)}
	}
	if records > p.topicRecords || bytes > p.topicBytes {
		t.release(size)
		return &DeliveryError{Kind: Overloaded, Topic: t.name,
			Msg: fmt.Sprintf("too many records of topic %s are waiting for acknowledgement; nothing was sent, try again later", t.name)}
	}
	return nil
}

func (t *topicState) release(size int64) {
	t.waitingRecords.Add(-1)
	t.waitingBytes.Add(-size)
}

func (t *topicState) acknowledged() {
	t.acks.Add(1)
	since := t.stalledSince.Load()
	if since != 0 && t.stalledSince.CompareAndSwap(since, 0) {
		t.producer.log.Info("kafka: a topic acknowledges records again", "topic", t.name, "seconds", time.Since(time.Unix(0, since)).Seconds())
	}
}

// failed notes what an error means for the topic, and sorts it. acksBefore is how many records were acknowledged when this one was sent.
func (t *topicState) failed(err error, acksBefore uint64) *DeliveryError {
	e := deliveryError(t.name, err)
	if t.gone.Load() && e.Kind == Timeout && !errors.Is(err, context.DeadlineExceeded) {
		// The client gives up what it still holds for the topic, with an error of its own.
		e.Kind, e.Msg = UnknownTopic, fmt.Sprintf("topic %s does not exist", t.name)
	}
	switch e.Kind {
	case Timeout:
		if t.acks.Load() == acksBefore && t.producer.ctx.Err() == nil { // what Close cuts off says nothing of the topic
			t.stall()
		}
	case UnknownTopic:
		if t.gone.CompareAndSwap(false, true) && !t.producer.review(t) {
			t.gone.Store(false)
		}
	case TooLarge, BadTimestamp:
		t.producer.review(t) // its limits are not what they were
	}
	return e
}

// stall notes that a record, given to the client the delivery timeout ago, was not acknowledged, nor any other since.
func (t *topicState) stall() {
	since := time.Now().Add(-t.producer.deliveryTimeout)
	if t.stalledSince.CompareAndSwap(0, since.UnixNano()) {
		t.producer.log.Warn("kafka: a topic does not acknowledge records: until it does, one at a time is sent and the others are refused",
			"topic", t.name, "since", since)
	}
}

// review has the producer's reviewer look at the topic again, soon. It never waits; false means that the reviewer is too busy.
func (p *Producer) review(t *topicState) bool {
	select {
	case p.reviews <- t:
		return true
	default:
		return false
	}
}

// reviewer forgets topics that are gone, so that they are looked up before their next record, and reads changed limits. It runs until Close.
func (p *Producer) reviewer() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case t := <-p.reviews:
			if t.gone.Load() {
				p.forget(t)
			} else if time.Since(t.limits.Load().readAt) > limitsMaxAge {
				t.limits.Store(p.readLimits(t.name))
			}
		}
	}
}

// forget has the client give up the topic before it is looked up again: records that are sent after that must not be given up with it.
func (p *Producer) forget(t *topicState) {
	p.client.PurgeTopicsFromProducing(t.name)
	p.mu.Lock()
	p.setKnown(t.name, nil)
	p.mu.Unlock()
}
