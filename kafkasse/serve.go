package kafkasse

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Subscription is what a client is served.
type Subscription struct {
	// Topics are what the client gets. Those that do not exist join when they appear.
	Topics []string
	// Allowed are topics that Last-Event-ID may name besides Topics; the client gets them then, too.
	Allowed []string
	// Since is where topics start of which Last-Event-ID says nothing, in ms since the epoch; nil is the end.
	Since *int64
	// View, if set, leaves out events or parts of them. Subscriptions of the same topics and equal views share their work.
	View *View
	// Until ends the stream before the first record of each partition at or after this time, in ms since the epoch; nil is never.
	Until *int64
	// Limit ends the stream after so many events; 0 is never.
	Limit int64
	// Control has gaps and the end of the stream told as events, too (gap, reconnect), for clients that cannot see comments.
	Control bool
	// Position has the stream begin with an event "position" without data of its own ({}), whose id is where the stream begins: a client that is cut before
	// its first event has something to come back with. JSON lines have no ids, and so no such event.
	Position bool
	// Label goes to the Observer with the connection; it should be one of few values.
	Label string
	// Address is what ClientList says of where the client is; "" = where the connection comes from.
	Address string
	// Closed, if set, is called once when a stream that began has ended, before its last memory is let go.
	Closed func(EndReason)
}

// Serve answers a GET with the events of a subscription, in the form that the Accept header asks for, from where Last-Event-ID says; a HEAD with the head
// alone. Headers that w has already go with the answer. It may return while the stream goes on: an HTTP/1.1 connection is taken over from
// net/http. It reports whether a stream began; if not, the request is answered, and Closed is not called.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, sub Subscription) (began bool) {
	p, t, err := s.prepare(r, sub)
	if err != nil {
		if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
			return false // nobody is there to be answered
		}
		var e httpError
		if !errors.As(err, &e) || errors.Unwrap(err) != nil {
			s.cfg.Logger.Warn("a stream could not begin", "error", err)
		}
		s.answerError(w, r, err)
		return false
	}
	c := &client{srv: s, tail: t, json: wantsJSON(r), label: sub.Label, closed: sub.Closed, own: p.own, held: p.held, bound: p.bound,
		address: cmp.Or(sub.Address, r.RemoteAddr), agent: r.UserAgent(), since: time.Now()}
	h := w.Header()
	h.Set("Content-Type", contentType(r))
	h.Set("Cache-Control", "no-cache")
	if c.out.encoding = negotiate(r); c.out.encoding != identity {
		h.Set("Content-Encoding", c.out.encoding.String())
		h.Add("Vary", "Accept-Encoding")
	}
	if len(p.gaps) > 0 {
		h.Set("Stream-Gap", gapHeader(p.gaps))
		for _, g := range p.gaps {
			s.cfg.Observer.Gap(g.reason)
		}
	}
	if r.Method == http.MethodHead {
		s.release(t)
		w.WriteHeader(http.StatusOK)
		return false
	}
	c.note()
	// From here on others may poke the client: until start lets it run, it looks as if it were at work.
	c.lastWrite.Store(s.clock.Load())
	c.run = c.work
	c.state.Store(working)
	if err := s.add(c); err != nil {
		s.release(t)
		for _, name := range []string{"Stream-Gap", "Cache-Control", "Content-Encoding", "Vary"} {
			h.Del(name)
		}
		s.answerError(w, r, err)
		return false
	}
	begins := c.own
	if c.own == nil {
		t.mu.Lock()
		c.block = t.blocks[len(t.blocks)-1]
		c.frame, c.offset = c.block.published()
		c.reached.Store(t.sum)
		if sub.Position {
			begins = t.positionsAt(c.block, c.frame)
		}
		t.mu.Unlock()
	}
	var greeting []byte
	if sub.Position && !c.json {
		greeting = c.appendPosition(nil, begins)
	}
	c.start(w, r, greeting, p.gaps)
	return true
}

// prepare checks a request and finds its tail and its positions.
func (s *Server) prepare(r *http.Request, sub Subscription) (p place, t *tail, err error) {
	var wants []want
	if id, ok := lastEventID(r); ok {
		if wants, err = parseLastEventID(id); err != nil {
			return p, nil, err
		}
	}
	topics, err := chosen(sub, wants)
	if err != nil {
		return p, nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.ConnectTimeout)
	defer cancel()
	if t, err = s.acquire(ctx, topics, sub.View); err != nil {
		return p, nil, err
	}
	if err = t.fits(); err == nil {
		p, err = s.resolve(ctx, t, wants, sub.Since)
	}
	if err == nil && (sub.Limit > 0 || sub.Until != nil || sub.Control) {
		err = s.limited(ctx, t, sub, &p)
	}
	if err != nil {
		s.release(t)
	}
	return p, t, err
}

// lastEventID is what the request says of where to go on: the header, or the parameter of clients that cannot set headers.
func lastEventID(r *http.Request) (string, bool) {
	if v := r.Header["Last-Event-Id"]; len(v) > 0 {
		return latin1(strings.Join(v, ", ")), true
	}
	if !strings.Contains(r.URL.RawQuery, "lastEventId=") {
		return "", false
	}
	v := r.URL.Query().Get("lastEventId")
	return v, v != ""
}

// latin1 is the text of a header, whose bytes are characters, as Node.js reads them.
func latin1(s string) string {
	var text strings.Builder
	for i := range len(s) {
		text.WriteRune(rune(s[i]))
	}
	return text.String()
}

// chosen are the topics of a subscription with those that an id names; it may name only those that are allowed.
func chosen(sub Subscription, wants []want) ([]string, error) {
	if len(sub.Topics) == 0 {
		return nil, malformedAssignments([]byte("[]"))
	}
	topics := sub.Topics
	var unknown []string
	for i := range wants {
		topic := wants[i].topic
		switch {
		case slices.Contains(topics, topic):
		case slices.Contains(sub.Allowed, topic):
			topics = append(slices.Clip(topics), topic)
		case !slices.Contains(unknown, topic):
			unknown = append(unknown, topic)
		}
	}
	if len(unknown) > 0 {
		available := slices.Clone(sub.Topics)
		for _, topic := range sub.Allowed {
			if !slices.Contains(available, topic) {
				available = append(available, topic)
			}
		}
		return nil, &topicNotAvailable{topics: unknown, available: available}
	}
	return topics, nil
}

// fits says whether the tail's ids fit into a header.
func (t *tail) fits() error {
	n := 2
	t.mu.Lock()
	parts := t.parts[:len(t.parts):len(t.parts)]
	t.mu.Unlock()
	for _, p := range parts {
		n += entryBound(p.tp.Topic)
	}
	if n > maxID {
		return &idTooLong{len(parts), n}
	}
	return nil
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

func contentType(r *http.Request) string {
	switch {
	case wantsJSON(r):
		return "application/json; charset=utf-8"
	case r.Header.Get("Accept") == "":
		return "text/event-stream"
	}
	return "text/event-stream; charset=utf-8"
}

// gapHeader is the gaps that are known at connect, as a JSON array. A header has no room for thousands.
func gapHeader(gaps []gap) string {
	b := []byte{'['}
	for i, g := range gaps {
		if len(b) > maxID/2 {
			break
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = g.appendJSON(b)
	}
	return string(append(b, ']'))
}

// start sends the head and lets the stream run. It returns at once if the connection can be taken over, else when the stream has ended.
func (c *client) start(w http.ResponseWriter, r *http.Request, greeting []byte, gaps []gap) {
	c.out.budget, c.out.codec, c.out.clock = c.srv.cfg.StallBudget, c.srv.codec, &c.srv.clock
	c.out.rc = http.NewResponseController(w)
	c.srv.cfg.Observer.Connected(c.label)
	if r.ProtoMajor == 1 {
		if conn, _, err := c.out.rc.Hijack(); err == nil {
			c.out.rc = nil
			c.out.conn, c.out.chunked = conn, r.ProtoAtLeast(1, 1)
			c.started.Store(true)
			c.srv.running.Go(c.watch)
			if err := c.out.raw(c.head(w.Header())); err != nil {
				c.leave()
			}
			c.greetWith(opening(r.Header), greeting, gaps)
			go c.run()
			return
		}
	}
	c.out.w = w
	c.done = make(chan struct{})
	w.WriteHeader(http.StatusOK)
	c.greetWith(opening(r.Header), greeting, gaps)
	go c.run()
	select {
	case <-c.done:
	case <-r.Context().Done():
		c.leave()
		<-c.done
	}
}

// head is the answer's head on a connection that has been taken over.
func (c *client) head(h http.Header) []byte {
	h.Set("Connection", "keep-alive")
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if c.out.chunked {
		h.Set("Transfer-Encoding", "chunked")
	}
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	_ = h.Write(&b) // a buffer takes everything
	b.WriteString("\r\n")
	return b.Bytes()
}

// appendPosition appends an event without data that has the id of certain positions.
func (c *client) appendPosition(b []byte, at []position) []byte {
	own := c.own
	c.own = at
	b = append(b, "event: position\ndata: {}"...)
	b = append(b, idHead...)
	b = c.appendID(b)
	c.own = own
	return append(b, eventTail...)
}

// greetWith sends what a stream begins with, before anything has happened, and the gaps that are known.
func (c *client) greetWith(opening string, greeting []byte, gaps []gap) {
	s := newScratch()
	defer s.free()
	if c.json {
		s.b = append(s.b, '\n')
	} else {
		s.b = append(s.b, opening...)
		s.b = append(s.b, greeting...)
		for _, g := range gaps {
			c.tellGap(s, g)
		}
	}
	if err := c.out.body(s); err != nil {
		c.leave()
	}
}

// watch waits until the client closes the connection. What it sends is not looked at.
func (c *client) watch() {
	var buf [64]byte
	for {
		if _, err := c.out.conn.Read(buf[:]); err != nil {
			c.leave()
			return
		}
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
