package eventstreams

import (
	"net/http"
	"sync"
	"time"
)

// limiter counts open streams by client address.
type limiter struct {
	mu   sync.Mutex
	open map[string]int
}

// enter counts a stream of an address, unless it has as many as it may; most 0 is any number. What entered must leave.
func (l *limiter) enter(address string, most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if most > 0 && l.open[address] >= most {
		return false
	}
	if l.open == nil {
		l.open = map[string]int{}
	}
	l.open[address]++
	return true
}

func (l *limiter) leave(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[address]--; l.open[address] <= 0 {
		delete(l.open, address)
	}
}

// comeAgain is when a client with too many streams may try again.
const comeAgain = 30 * time.Second

// tooMany answers a client that has as many streams as it may.
func (s *Server) tooMany(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Kafka.OverloadAsStream && s.streams.ComeBackLater(w, r, comeAgain) {
		return
	}
	problem{status: http.StatusTooManyRequests, kind: "too_many_requests", title: "Too Many Concurrent Connections From Your Client IP", after: comeAgain,
		detail: "Your HTTP client is likely opening too many concurrent connections."}.write(w, r)
}
