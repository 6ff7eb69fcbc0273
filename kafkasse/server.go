package kafkasse

import (
	"context"
	"net/http"
)

// Server serves topics to clients. It owns readers, tails and connections; Shutdown ends them.
type Server struct {
	cfg Config
}

// New makes a server. It does not ask Kafka for anything yet.
func New(cfg Config) (*Server, error) {
	if err := cfg.setDefaults(); err != nil {
		return nil, err
	}
	return &Server{cfg: cfg}, nil
}

// Subscription is what a client is served.
type Subscription struct {
	// Topics are what the client gets when its Last-Event-ID does not say otherwise. Those that do not exist join when they appear.
	Topics []string
	// Allowed are topics that Last-Event-ID may name besides Topics.
	Allowed []string
	// Since is where topics start for which Last-Event-ID says nothing, in ms since the epoch; nil is the end.
	Since *int64
	// Label goes to the Observer with the connection; it should be one of few values.
	Label string
	// Closed, if set, is called once when the stream has ended, before the last answer is gone.
	Closed func(EndReason)
}

// Serve answers one request with the events of a subscription. Headers that w has already go with the answer. It may return while the stream goes
// on: on HTTP/1.1 the connection is taken over from net/http.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, sub Subscription) {
	http.Error(w, "not built yet", http.StatusNotImplemented)
}

// Clients is the number of open connections.
func (s *Server) Clients() int { return 0 }

// Shutdown refuses new streams and ends the open ones cleanly, each at a moment of its own within the time that ctx leaves, then stops every
// reader. Connections that are left when ctx is over are closed; then it returns the context's error.
func (s *Server) Shutdown(ctx context.Context) error { return nil }
