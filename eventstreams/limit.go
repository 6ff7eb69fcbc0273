package eventstreams

import "sync"

// limiter counts open streams by client address, as a proxy tells it.
type limiter struct {
	most int // 0 = no limit

	mu   sync.Mutex
	open map[string]int
}

// enter counts a stream of an address, unless it has as many as it may. What entered must leave.
func (l *limiter) enter(address string) bool {
	if l.most == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[address] >= l.most {
		return false
	}
	if l.open == nil {
		l.open = map[string]int{}
	}
	l.open[address]++
	return true
}

func (l *limiter) leave(address string) {
	if l.most == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[address]--; l.open[address] <= 0 {
		delete(l.open, address)
	}
}
