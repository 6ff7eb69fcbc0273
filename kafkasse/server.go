package kafkasse

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eventplatform/eventplatform/kafka"
)

// Server serves topics to clients. It owns readers, tails and connections; Shutdown ends them.
type Server struct {
	cfg Config

	ctx      context.Context // over when the server stops
	cancel   context.CancelFunc
	running  sync.WaitGroup // the two goroutines below and one for each connection
	coldTurn chan struct{}
	coldHeld atomic.Int64 // bytes read ahead by clients that are behind
	clock    atomic.Int64 // ns since the epoch, as of the last tick: what every write needs must be cheap
	retained atomic.Int64 // bytes of all tails
	chunks   chunkCache
	judges   judges

	coldClients atomic.Int64 // that are reading from Kafka
	codec       *codec

	mu       sync.Mutex
	clients  []*client
	lastID   int64 // of the newest connection
	tails    map[string]*tail
	draining bool
	empty    chan struct{} // draining: closed when the last client is gone

	// discovery is held while readers come and go, also while Kafka is asked for that. It is taken before mu.
	discovery sync.Mutex
	readers   map[kafka.TopicPartition]*reader
	tag       [4]byte // of the cluster; zero until it is known

	badMu sync.Mutex
	bad   map[string]*badTopic
}

// New makes a server. It does not ask Kafka for anything yet. It must be ended with Shutdown.
func New(cfg Config) (*Server, error) {
	if err := cfg.setDefaults(); err != nil {
		return nil, err
	}
	s := &Server{
		cfg:      cfg,
		coldTurn: make(chan struct{}, cfg.ColdReaders),
		codec:    newCodec(),
		tails:    map[string]*tail{},
		readers:  map[kafka.TopicPartition]*reader{},
		bad:      map[string]*badTopic{},
	}
	s.judges.all = map[kafka.TopicPartition]*judge{}
	s.clock.Store(time.Now().UnixNano())
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.running.Go(s.tick)
	s.running.Go(s.poll)
	return s, nil
}

// Clients is the number of open connections.
func (s *Server) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

// Shutdown refuses new streams and ends the open ones cleanly, each at a moment of its own within the time that ctx leaves, then stops every
// reader. Connections that are left when ctx is over are closed; then it returns the context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	grace := time.Duration(0)
	if deadline, ok := ctx.Deadline(); ok {
		grace = time.Until(deadline) * 8 / 10
	}
	s.mu.Lock()
	s.draining = true
	if s.empty == nil {
		s.empty = make(chan struct{})
		if len(s.clients) == 0 {
			close(s.empty)
		}
	}
	empty := s.empty
	for _, c := range s.clients {
		c.ends, c.endsBy = time.Now().Add(jitter(grace)), EndDrain
		if grace <= tickEvery {
			c.end(EndDrain)
		}
	}
	s.mu.Unlock()

	var err error
	select {
	case <-empty:
	case <-ctx.Done():
		err = ctx.Err()
		s.cancel() // nobody waits for Kafka any more
		s.mu.Lock()
		left := append([]*client(nil), s.clients...)
		s.mu.Unlock()
		for _, c := range left {
			c.leave()
		}
		<-empty
	}
	s.cancel()
	s.running.Wait()
	s.closeTails(func(*tail) bool { return true })
	return err
}

// jitter is a random part of d.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d)
}

// appendRetry appends the reconnection time for one client, in ms: between half and one and a half of what is configured, so that the clients
// of a server that is gone do not come back all at once.
func (s *Server) appendRetry(b []byte) []byte {
	d := s.cfg.Retry/2 + jitter(s.cfg.Retry)
	return strconv.AppendInt(b, d.Milliseconds(), 10)
}

// add takes a connection into the list.
func (s *Server) add(c *client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return errDraining
	case s.cfg.MaxClients > 0 && len(s.clients) >= s.cfg.MaxClients:
		return &unavailable{message: "This server has as many connections as it can serve; try again.", after: s.cfg.Retry}
	}
	s.lastID++
	c.id, c.index = s.lastID, int32(len(s.clients))
	s.clients = append(s.clients, c)
	if s.cfg.MaxAge > 0 {
		c.ends, c.endsBy = time.Now().Add(s.cfg.MaxAge*9/10+jitter(s.cfg.MaxAge/5)), EndAge
	}
	return nil
}

var errDraining = &unavailable{message: "This server is about to stop; connect again.", after: time.Second}

// remove takes a connection out of the list and releases what it used.
func (s *Server) remove(c *client, reason EndReason) {
	s.mu.Lock()
	last := s.clients[len(s.clients)-1]
	s.clients[c.index], last.index = last, c.index
	s.clients[len(s.clients)-1] = nil
	s.clients = s.clients[:len(s.clients)-1]
	gone := s.empty != nil && len(s.clients) == 0
	s.mu.Unlock()
	s.release(c.tail)
	s.cfg.Observer.Disconnected(c.label, reason)
	if c.closed != nil {
		c.closed(reason)
	}
	if gone {
		close(s.empty)
	}
}

// tickEvery is how often connections are looked at.
const tickEvery = 250 * time.Millisecond

// tick pokes the connections for which the time has come to do something.
func (s *Server) tick() {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		now := time.Now()
		s.clock.Store(now.UnixNano())
		s.mu.Lock()
		for _, c := range s.clients {
			c.tick(now)
		}
		s.mu.Unlock()
	}
}

// tick pokes the client if something is due. The caller holds srv.mu.
func (c *client) tick(now time.Time) {
	ns := now.UnixNano()
	due := ns-c.lastWrite.Load() >= int64(c.srv.cfg.Heartbeat) || c.bound.clock(now)
	for _, at := range []*atomic.Int64{&c.wake, &c.seekAt} {
		if t := at.Load(); t != 0 && ns >= t {
			at.Store(0)
			due = true
		}
	}
	switch {
	case !c.ends.IsZero() && now.After(c.ends):
		c.end(c.endsBy)
	case due:
		c.poke()
	}
}

// badTopic counts what could not be delivered of a topic.
type badTopic struct {
	count  int64
	logged time.Time
}

// badEvery is how often records that cannot be delivered are logged, for each topic.
const badEvery = time.Minute

// undeliverable counts a record that is no JSON object or array, and logs it unless the topic has been logged lately.
func (s *Server) undeliverable(tp kafka.TopicPartition, offset int64) {
	s.cfg.Observer.Undeliverable(tp.Topic)
	s.badMu.Lock()
	defer s.badMu.Unlock()
	b := s.bad[tp.Topic]
	if b == nil {
		b = &badTopic{}
		s.bad[tp.Topic] = b
	}
	b.count++
	if now := time.Now(); now.Sub(b.logged) >= badEvery {
		b.logged = now
		s.cfg.Logger.Warn("a record cannot be delivered: its value is no JSON object or array", "topic", tp.Topic, "partition", tp.Partition,
			"offset", offset, "so_far", b.count)
	}
}
