package eventstreams

import "sync"

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
