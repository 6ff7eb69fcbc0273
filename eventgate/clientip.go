package eventgate

import (
	"net/netip"
	"slices"
	"strings"
)

// clientIP is the address of whoever sent the request, as far as the peer may be believed.
func (r *run) clientIP() string {
	peer := r.req.RemoteIP
	if r.req.Header == nil {
		return peer
	}
	if r.gate.cfg.TrustedProxies != nil {
		return r.believedIP(peer)
	}
	// As the Node.js service, which believes everyone and everything.
	if ip := r.req.Header.Get("X-Client-Ip"); ip != "" {
		return ip
	}
	if list := r.req.Header.Get("X-Forwarded-For"); list != "" {
		first, _, _ := strings.Cut(list, ",")
		return strings.TrimSpace(first)
	}
	return peer
}

// believedIP goes from the peer towards the sender as far as there are trusted proxies: what was written before the last of those anyone may have written.
func (r *run) believedIP(peer string) string {
	if !r.gate.trusts(peer) {
		return peer
	}
	if ip, err := netip.ParseAddr(strings.TrimSpace(r.req.Header.Get("X-Client-Ip"))); err == nil {
		return ip.String()
	}
	client := peer
	for _, told := range slices.Backward(strings.Split(r.req.Header.Get("X-Forwarded-For"), ",")) {
		ip, err := forwarded(strings.TrimSpace(told))
		if err != nil {
			return client
		}
		if client = ip.String(); !r.gate.trusts(client) {
			return client
		}
	}
	return client
}

// forwarded reads an address of X-Forwarded-For, which some proxies write with its port.
func forwarded(text string) (netip.Addr, error) {
	if pair, err := netip.ParseAddrPort(text); err == nil {
		return pair.Addr().Unmap(), nil
	}
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return ip.Unmap(), err
}

// trusts reports whether an address is one of a trusted proxy.
func (g *Gate) trusts(address string) bool {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, p := range g.cfg.TrustedProxies {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
