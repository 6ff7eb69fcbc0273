package embedded

import (
	"errors"
	"net"
	"strings"
	"sync"
)

// listener hands guarded connections to the broker, and gives its address as clients should use it.
type listener struct {
	net.Listener
	broker *Broker
	addr   advertised
}

// advertised is the address that the broker tells its clients.
type advertised string

func (advertised) Network() string  { return "tcp" }
func (a advertised) String() string { return string(a) }

func (l *listener) Addr() net.Addr { return l.addr }

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &guard{Conn: c, broker: l.broker}, nil
}

// once is the broker's listen function; it has one node, and so asks once.
func (l *listener) once(string, string) (net.Listener, error) { return l, nil }

// listen opens the port. The host is also what clients are told to connect to, so that it must be an address that means this machine to them.
func (b *Broker) listen(addr string) (*listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &ListenError{Addr: addr, cause: errors.New("it is not host:port"), Remedy: "give for example 127.0.0.1:9092"}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return nil, &ListenError{Addr: addr, cause: errors.New("Kafka clients are told to connect to this address, and it means every one"),
			Remedy: "give the name or address that they reach this machine by"}
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, &ListenError{Addr: addr, cause: listenCause(err), Remedy: "give another address, or end what uses this one"}
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return &listener{Listener: ln, broker: b, addr: advertised(net.JoinHostPort(strings.ToLower(host), port))}, nil
}

func listenCause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// gate is open unless a test shuts it.
type gate struct {
	mu     sync.Mutex
	opened chan struct{} // nil = open
	ended  bool
}

func (g *gate) shut() (open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opened == nil && !g.ended {
		g.opened = make(chan struct{})
	}
	return g.open
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opened != nil {
		close(g.opened)
		g.opened = nil
	}
}

func (g *gate) end() {
	g.open()
	g.mu.Lock()
	g.ended = true
	g.mu.Unlock()
}

func (g *gate) wait() {
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	if opened != nil {
		<-opened
	}
}
