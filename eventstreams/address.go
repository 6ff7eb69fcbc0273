package eventstreams

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// client is the address of whoever asks, "" if only a proxy could know it and does not say.
func (u *inUse) client(r *http.Request) string {
	told := r.Header.Get("X-Client-Ip")
	if u.TrustedProxies == nil {
		return told
	}
	if !u.trusts(r.RemoteAddr) {
		return host(r.RemoteAddr)
	}
	if told != "" {
		return told
	}
	list := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for _, address := range slices.Backward(list) {
		if address = host(strings.TrimSpace(address)); address != "" && !u.trusts(address) {
			return address
		}
	}
	return ""
}

func (u *inUse) trusts(address string) bool {
	a, ok := parseAddress(address)
	return ok && slices.ContainsFunc(u.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// parseAddress reads an address with or without a port.
func parseAddress(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(host(strings.TrimSpace(text)))
	return a.Unmap().WithZone(""), err == nil
}
