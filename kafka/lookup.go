package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"
)

const (
	maxLookups      = 16  // at the same time
	maxLookupTopics = 256 // waiting or under way: a flood of names that do not exist takes no more
)

// lookup holds the records of a topic that the producer does not know yet, while one task asks whether it exists and, if wanted, creates it.
type lookup struct {
	held []heldRecord
	done chan struct{} // closed when every held record was sent or has failed
}

// heldRecord is a record that waits for a lookup. The batch may only be touched by who took the record: its time may be over.
type heldRecord struct {
	batch *Batch
	index int
	slot  *slot
	size  int64
}

func (h heldRecord) take() bool { return h.slot.state.CompareAndSwap(held, taken) }

// hold keeps record i of the batch until its topic is known.
func (p *Producer) hold(b *Batch, i int) {
	r := &b.Records[i]
	p.mu.Lock()
	t := (*p.known.Load())[r.Topic] // it may have become known just now
	var err error
	if t == nil {
		err = p.holdLocked(b, i, r)
	}
	p.mu.Unlock()
	if t != nil {
		p.send(p.deadlines.from(b.begun), t, b, i)
	} else if err != nil {
		b.refuse(i, err)
	}
}

func (p *Producer) holdLocked(b *Batch, i int, r *Record) error {
	if p.closed {
		return closedError(r.Topic, nil)
	}
	if err := CheckTopicName(r.Topic); err != nil {
		return err
	}
	l := p.lookups[r.Topic]
	size := r.size()
	if l == nil && len(p.lookups) >= maxLookupTopics || p.heldRecords >= p.maxRecords || p.heldBytes+size > p.maxBytes {
		return &DeliveryError{Kind: Overloaded, Topic: r.Topic,
			Msg: fmt.Sprintf("too many records wait for their topics to be looked up; nothing was sent to %s, try again later", r.Topic)}
	}
	if l == nil {
		l = &lookup{done: make(chan struct{})}
		p.lookups[r.Topic] = l
		topic := r.Topic
		p.tasks.Go(func() { p.lookUp(topic, l) })
	}
	l.held = append(l.held, heldRecord{b, i, &b.slots[i], size})
	p.heldRecords++
	p.heldBytes += size
	return nil
}

// lookUp finds out about the topic, then sends the records that wait for it, or fails them. The topic becomes known when none waits any more, so
// that no later record comes before them.
func (p *Producer) lookUp(topic string, l *lookup) {
	defer close(l.done)
	ctx, cancel := context.WithTimeout(p.ctx, p.deliveryTimeout)
	defer cancel()
	t, err := p.findOrCreate(ctx, topic)
	for {
		waiting := p.takeHeld(topic, l, t)
		if len(waiting) == 0 {
			return
		}
		for _, h := range waiting {
			switch {
			case !h.take():
			case t != nil:
				p.send(p.deadlines.from(time.Now()), t, h.batch, h.index)
			default:
				h.batch.refuse(h.index, err)
			}
		}
	}
}

// takeHeld takes what waits for the topic. When that is nothing the lookup is over, and t, if it was found, is known.
func (p *Producer) takeHeld(topic string, l *lookup, t *topicState) []heldRecord {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := l.held
	l.held = nil
	for _, h := range waiting {
		p.heldRecords--
		p.heldBytes -= h.size
	}
	if len(waiting) == 0 {
		delete(p.lookups, topic)
		if t != nil {
			p.setKnown(topic, t)
		}
	}
	return waiting
}

// setKnown replaces what is known of a topic; nil forgets it. After Close nothing is known. The lock is held.
func (p *Producer) setKnown(topic string, t *topicState) {
	known := maps.Clone(*p.known.Load())
	switch {
	case p.closed:
		clear(known)
	case t == nil:
		delete(known, topic)
	default:
		known[topic] = t
	}
	p.known.Store(&known)
}

// findOrCreate returns the topic's state, or a *DeliveryError.
func (p *Producer) findOrCreate(ctx context.Context, topic string) (*topicState, error) {
	select {
	case p.running <- struct{}{}:
		defer func() { <-p.running }()
	case <-ctx.Done():
		return nil, p.lookupError(topic, ctx.Err())
	}
	found, err := describeTopics(ctx, p.client, []string{topic})
	if err != nil {
		return nil, p.lookupError(topic, err)
	}
	if _, ok := found[topic]; !ok {
		if err := p.obtain(ctx, topic); err != nil {
			return nil, p.lookupError(topic, err)
		}
	}
	limits := p.readLimits(topic)
	p.batchBytes.Store(topic, limits.batchBytes(p.maxMessage))
	t := &topicState{name: topic, producer: p}
	t.limits.Store(limits)
	return t, nil
}

// lookupError is for what goes wrong before anything was sent.
func (p *Producer) lookupError(topic string, err error) *DeliveryError {
	if p.ctx.Err() != nil {
		return closedError(topic, err)
	}
	e := deliveryError(topic, err)
	var create *CreateError
	if errors.As(err, &create) {
		switch {
		case errors.Is(err, errAutoCreationOff):
			e.Kind, e.Msg = UnknownTopic, fmt.Sprintf("topic %s does not exist, and Kafka's brokers create none by being written to", topic)
		case e.Kind == Other && !mayNot(err), e.Kind == UnknownTopic:
			e.Kind, e.Msg = UnknownTopic, fmt.Sprintf("topic %s does not exist and could not be created%s", topic, create.reason())
		}
	}
	if e.Kind == Timeout || e.Kind == Unavailable {
		e = unansweredLookup(topic, err)
	}
	return e
}

func unansweredLookup(topic string, cause error) *DeliveryError {
	return &DeliveryError{Kind: Unavailable, Topic: topic, cause: cause,
		Msg: fmt.Sprintf("Kafka does not answer whether topic %s exists; nothing was sent, try again later", topic)}
}

func closedError(topic string, cause error) *DeliveryError {
	return &DeliveryError{Kind: Closed, Topic: topic, cause: cause, Msg: "the producer is shutting down; nothing was sent"}
}

func (p *Producer) pendingLookups() []<-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pending []<-chan struct{}
	for _, l := range p.lookups {
		pending = append(pending, l.done)
	}
	return pending
}
