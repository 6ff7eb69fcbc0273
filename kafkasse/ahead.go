package kafkasse

import "sync/atomic"

// ahead is how far is read for one client that is behind, while it is sent what it has: two chunks, of which the second is fetched while the first is
// being prepared.
type ahead struct {
	head int64         // there is nothing to read behind it
	ask  int           // bytes
	ends *atomic.Int64 // where the client's own chunk ends
}

// readAhead reads what stands at a place, if it is nobody else's turn and the client's own chunk still ends at own.
func (s *Server) readAhead(at readAt, a ahead, own int64) {
	if at.from >= a.head {
		return
	}
	select {
	case s.coldTurn <- struct{}{}:
	default:
		return
	}
	done := s.chunks.start(at)
	if done == nil {
		<-s.coldTurn
		return
	}
	s.running.Go(func() {
		defer func() { <-s.coldTurn }()
		defer done()
		if a.ends.Load() != own {
			return // the client may have had it already
		}
		read, answer, err := s.fetch(at, a.ask)
		defer read.release()
		defer answer.Recycle()
		if err != nil || len(answer.Records) == 0 {
			return // the client meets with that itself
		}
		a.ask = read.ask
		s.goOn(read, a)
		read.prepare(s, answer.Records)
		s.chunks.put(read)
		s.goOn(read, a)
	})
}

// goOn reads what follows a chunk, if that is the one that the client needs next.
func (s *Server) goOn(c *chunk, a ahead) {
	if a.ends.Load() == c.from {
		s.readAhead(c.following(), a, c.from)
	}
}
