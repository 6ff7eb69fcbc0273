package config

import (
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/eventplatform/eventplatform/eventstreams"
)

// denied reads which clients are not served.
func denied(dst *[]eventstreams.Denial) reader {
	one := func(make func(text string) eventstreams.Denial) reader {
		return func(r *reading, path string, n *node) {
			var list []string
			texts(&list)(r, path, n)
			for _, text := range list {
				d := make(text)
				if err := d.Validate(); err != nil {
					r.fault(n.line, path, "%v", err)
					continue
				}
				*dst = append(*dst, d)
			}
		}
	}
	return inside(fields{
		"addresses":   one(func(text string) eventstreams.Denial { return eventstreams.Denial{Address: text} }),
		"user_agents": one(func(text string) eventstreams.Denial { return eventstreams.Denial{UserAgent: text} }),
	})
}

// deniedFile reads the file that names further clients, in the form of denied_clients.
func (r *reading) deniedFile(c *EventStreams, n *node, path string) {
	if c.DeniedFile == "" {
		return
	}
	if _, err := os.Stat(c.DeniedFile); err != nil && r.over.Checking {
		r.warn(n.line, path, "%s is not on this machine", c.DeniedFile)
		return
	}
	list := &reading{file: c.DeniedFile, over: r.over}
	if root := list.document(); root != nil {
		denied(&c.Streamer.Denied)(list, "", root)
	}
	r.report.Faults = append(r.report.Faults, list.report.Faults...)
	r.report.Warnings = append(r.report.Warnings, list.report.Warnings...)
}

// networks reads addresses and networks.
func networks(dst *[]netip.Prefix) reader {
	return func(r *reading, path string, n *node) {
		var list []string
		texts(&list)(r, path, n)
		*dst = []netip.Prefix{} // none is not the same as no word about them
		for _, text := range list {
			prefix, err := netip.ParsePrefix(text)
			if address, e := netip.ParseAddr(text); err != nil && e == nil {
				prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
			}
			if err != nil {
				r.fault(n.line, path, "%q is no address or network: write 10.0.0.0/8 or 10.1.2.3", text)
				continue
			}
			*dst = append(*dst, prefix)
		}
	}
}

// overload reads how clients are answered for whom there is no room.
func overload(asStream *bool) reader {
	return func(r *reading, path string, n *node) {
		switch n.text {
		case "status":
			*asStream = false
		case "eventsource":
			*asStream = true
		default:
			r.fault(n.line, path, `is %s: it must be "status" (429 and 503 with Retry-After) or "eventsource" (event streams that end at once and say when to come again)`, n.describe())
		}
	}
}

// somePages reads what of the page is for everyone.
func somePages(dst *[]string) reader {
	known := []string{"errors", "health", "send"}
	return func(r *reading, path string, n *node) {
		texts(dst)(r, path, n)
		for _, name := range *dst {
			if !slices.Contains(known, name) {
				r.fault(n.line, path, "has %q: it may have %s", name, strings.Join(known, ", "))
			}
		}
	}
}
