package kafkasse

import "time"

// View is what a client wants to see of its topics.
type View struct {
	// Key tells views apart: subscriptions whose views have the same key get the same events.
	Key string
	// Keep, if set, says whether an event is delivered. It gets the topic, the record's timestamp in ms since the epoch, and the event as it would be
	// sent: the record's JSON after Decode and Transform, with its place in meta, before Project. It is called once for all clients of the view (and for
	// each client that is behind), from several goroutines; what it gets must not be kept.
	Keep func(topic string, timestamp int64, event []byte) bool
	// Project, if set, appends what is sent of an event to dst.
	Project func(dst, event []byte) []byte
}

// apply is what the view shows of an event; false if nothing. buf is memory that may be used again afterwards.
func (v *View) apply(buf *[]byte, topic string, timestamp int64, event []byte) ([]byte, bool) {
	if v.Keep != nil && !v.Keep(topic, timestamp, event) {
		return nil, false
	}
	if v.Project == nil {
		return event, true
	}
	*buf = v.Project((*buf)[:0], event)
	return *buf, true
}

// idEvery is how often a client that sees few of its topics' events is told where it is, while events go by.
const idEvery = 15 * time.Second

// appendIDAlone appends an id without an event, if the client has not had one for a while.
func (c *client) appendIDAlone(s *scratch) {
	if c.tail.view == nil || c.json || time.Since(c.idAt) < idEvery {
		return
	}
	c.idAt = time.Now()
	s.b = append(s.b, idAlone...)
	s.b = c.appendID(s.b)
	s.b = append(s.b, eventTail...)
}
