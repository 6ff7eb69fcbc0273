package kafkasse

import (
	"slices"
	"time"
)

// ClientInfo is what can be said of one open connection.
type ClientInfo struct {
	// ID tells the connections of one server apart.
	ID int64
	// Label is what the request was given as its Label, and Address as its Address.
	Label, Address string
	// UserAgent is what the client calls itself.
	UserAgent string
	// View is the key of its Subscription's View, "" without one.
	View string
	// Since is when the connection began.
	Since time.Time
	// Events and Bytes are what it has been sent.
	Events, Bytes int64
	// Silent is how long ago it was sent something.
	Silent time.Duration
	// BehindRecords is about how many records of its topics the client has still to be sent (or to be told that it is not sent them), and Behind how much
	// older the last one it had is than the newest one. Both are 0 for a client at the head. Offsets without records count as records.
	BehindRecords int64
	Behind        time.Duration
}

// info says what can be said of the client. The caller holds srv.mu.
func (c *client) info() ClientInfo {
	i := ClientInfo{
		ID: c.id, Label: c.label, Address: c.address, UserAgent: c.agent, Since: c.since, Events: c.sentEvents.Load(), Bytes: c.sentBytes.Load(),
		Silent: time.Since(time.Unix(0, c.lastWrite.Load())),
	}
	if c.tail.view != nil {
		i.View = c.tail.view.Key
	}
	c.tail.mu.Lock()
	sum, newest := c.tail.sum, c.tail.newest
	c.tail.mu.Unlock()
	if i.BehindRecords = max(0, sum-c.reached.Load()); i.BehindRecords > 0 {
		i.Behind = max(0, time.Duration(newest-c.reachedTime.Load())*time.Millisecond)
	}
	return i
}

// note remembers for others how far a client with positions of its own has come: the offsets that it has moved by, counted as the tail counts them.
func (c *client) note() {
	if c.own == nil {
		return
	}
	sum, newest := int64(0), int64(0)
	for i, p := range c.tail.known(len(c.own)) {
		pos := c.own[i]
		if h := c.heldAt(i); h != nil {
			pos = position{next: h.from, time: h.want.time}
		}
		sum += pos.next - p.first.next
		newest = max(newest, pos.time)
	}
	c.reached.Store(sum)
	c.reachedTime.Store(newest)
}

// ClientList lists the open connections, oldest first.
func (s *Server) ClientList() []ClientInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]ClientInfo, 0, len(s.clients))
	for _, c := range s.clients {
		list = append(list, c.info())
	}
	slices.SortStableFunc(list, func(a, b ClientInfo) int { return a.Since.Compare(b.Since) })
	return list
}

// Cut ends the connections that which says, and returns how many. They may come back at once: who must not is for the caller to refuse.
func (s *Server) Cut(which func(ClientInfo) bool) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clients {
		if which(c.info()) {
			c.end(EndCut)
			n++
		}
	}
	return n
}
