package eventstreams

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/kafkasse"
)

// Denial says of some clients that they are not served. It has an address or a pattern.
type Denial struct {
	// Address is an IP address or a network, such as 192.0.2.7 or 2001:db8::/32.
	Address string `json:"address,omitempty"`
	// UserAgent is a regular expression (RE2) that matches a part of what clients call themselves.
	UserAgent string `json:"user_agent,omitempty"`
}

// denied is a Denial as it is asked about.
type denied struct {
	Denial
	prefix netip.Prefix
	agent  *regexp.Regexp // nil: the address counts
	until  time.Time      // zero: for ever
}

// Validate says what is wrong with a denial.
func (d Denial) Validate() error {
	_, err := d.compile()
	return err
}

func (d Denial) compile() (out denied, err error) {
	out.Denial = d
	switch {
	case (d.Address == "") == (d.UserAgent == ""):
		return out, errors.New("give an address or a user agent to be denied, and not both")
	case d.UserAgent != "":
		if out.agent, err = regexp.Compile(d.UserAgent); err != nil {
			return out, fmt.Errorf("the user agent %q is no regular expression: %w", d.UserAgent, err)
		}
		return out, nil
	}
	if out.prefix, err = netip.ParsePrefix(d.Address); err == nil {
		out.prefix = out.prefix.Masked()
		return out, nil
	}
	a, ok := parseAddress(d.Address)
	if !ok {
		return out, fmt.Errorf("%q is no address or network: write 192.0.2.7 or 192.0.2.0/24", d.Address)
	}
	out.prefix = netip.PrefixFrom(a, a.BitLen())
	return out, nil
}

// meets says whether a client is one of them. address is invalid if it is not known.
func (d *denied) meets(address netip.Addr, agent string) bool {
	if d.agent != nil {
		return d.agent.MatchString(agent)
	}
	return address.IsValid() && d.prefix.Contains(address)
}

// maxDenied bounds what operators can add.
const maxDenied = 10_000

var errTooManyDenied = fmt.Errorf("%d denials are in force, which is the most: put networks in the place of addresses, or write them into the configuration", maxDenied)

// denials are those that operators added. They end by themselves, and with the process.
type denials struct {
	mu   sync.Mutex
	list []denied
}

// add puts a denial in force until a time, in the place of an equal one.
func (l *denials) add(d denied) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	l.list = slices.DeleteFunc(l.list, func(old denied) bool { return old.Denial == d.Denial })
	if len(l.list) >= maxDenied {
		return errTooManyDenied
	}
	l.list = append(l.list, d)
	return nil
}

// remove ends a denial and says whether it was there.
func (l *denials) remove(d Denial) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.list)
	l.list = slices.DeleteFunc(l.list, func(old denied) bool { return old.Denial == d })
	return len(l.list) < before
}

// inForce are those that have not ended. They must not be changed.
func (l *denials) inForce() []denied {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	return slices.Clone(l.list)
}

// expire takes out what has ended. The caller holds mu.
func (l *denials) expire() {
	now := time.Now()
	l.list = slices.DeleteFunc(l.list, func(d denied) bool { return !now.Before(d.until) })
}

// denies says whether a client is not served: by an address as a proxy or the connection tells it, or by its user agent.
func (s *Server) denies(agent string, addresses ...string) bool {
	configured, added := s.inUse.Load().denied, s.denials.inForce()
	for _, address := range addresses {
		a, _ := parseAddress(address)
		meets := func(d denied) bool { return d.meets(a, agent) }
		if slices.ContainsFunc(configured, meets) || slices.ContainsFunc(added, meets) {
			return true
		}
	}
	return false
}

// refuse answers a client that is denied, and says whether it was. Where the connection comes from counts too: anybody can say to be somebody else.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, address string) bool {
	if !s.denies(r.UserAgent(), address, r.RemoteAddr) {
		return false
	}
	problem{status: http.StatusForbidden, kind: "forbidden", title: "Forbidden",
		detail: "This client is not served here. If that seems wrong, ask the operators of this service."}.write(w, r)
	return true
}

// cutDenied ends the streams of clients that are denied, and returns how many.
func (s *Server) cutDenied() int {
	if len(s.inUse.Load().denied) == 0 && len(s.denials.inForce()) == 0 {
		return 0
	}
	return s.streams.Cut(func(c kafkasse.ClientInfo) bool { return s.denies(c.UserAgent, c.Address) })
}
