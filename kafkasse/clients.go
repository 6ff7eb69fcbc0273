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
	// Since is when the connection began.
	Since time.Time
	// Events and Bytes are what it has been sent.
	Events, Bytes int64
	// Silent is how long ago it was sent something.
	Silent time.Duration
}

// info says what can be said of the client. The caller holds srv.mu.
func (c *client) info() ClientInfo {
	return ClientInfo{
		ID: c.id, Label: c.label, Address: c.address, UserAgent: c.agent, Since: c.since, Events: c.sentEvents.Load(), Bytes: c.sentBytes.Load(),
		Silent: time.Since(time.Unix(0, c.lastWrite.Load())),
	}
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
