package config

import (
	"net/http"
	"strconv"
	"strings"
)

// streamFields are the settings of a client of stream configuration.
func (s *Streams) fields() fields {
	return fields{
		"stream_config_uri": text(&s.URI),
		"stream_config_uri_options": inside(fields{
			"headers": headers(&s.Header),
			"method":  nothing("stream configuration is fetched with GET"),
			"timeout": nothing("every fetch is bounded"),
		}),
		"stream_config_object_path": objectPath(&s.ObjectPath),
		"stream_config_retries":     whole(&s.Retries, 0, 100),
		"stream_config_ttl":         seconds(&s.TTL),
	}
}

// headers reads names and values of HTTP headers.
func headers(dst *http.Header) reader {
	return func(r *reading, path string, n *node) {
		if n.kind != kindObject {
			r.fault(n.line, path, "is %s: it must be an object of names and values", n.kind)
			return
		}
		h := http.Header{}
		for i, name := range n.keys {
			if !n.items[i].isText() {
				r.fault(n.at[i], join(path, name), "is %s: it must be a text", n.items[i].kind)
				continue
			}
			h.Set(name, n.items[i].text)
		}
		*dst = h
	}
}

// objectPath reads the way to an object: a dotted text, or a list of steps.
func objectPath(dst *[]string) reader {
	return func(r *reading, path string, n *node) {
		var steps []string
		texts(&steps)(r, path, n)
		if n.isText() {
			steps = strings.Split(n.text, ".")
		}
		*dst = steps
	}
}

// streamSettings reads an object of streams, each an object of settings, as JSON.
func streamSettings(dst *[]byte) reader {
	return func(r *reading, path string, n *node) {
		if n.kind != kindObject {
			r.fault(n.line, path, "is %s: it must be an object, a stream's name to its settings", n.kind)
			return
		}
		for i, name := range n.keys {
			if n.items[i].kind != kindObject {
				r.fault(n.at[i], join(path, name), "is %s: it must be an object of settings", n.items[i].kind)
			}
		}
		*dst = n.appendJSON(nil)
	}
}

// settle decides what is left open: where the streams come from and whether they are looked up at once.
func (r *reading) settle(s *Streams, dynamic *bool) {
	if len(r.over.Streams) > 0 {
		s.Sources, s.URI = r.over.Streams, ""
	}
	s.Dynamic = s.TTL > 0 && s.URI != ""
	if dynamic != nil {
		s.Dynamic = *dynamic
	}
}

// pages reads lists of page titles by domain.
func pages(dst *map[string][]string) reader {
	return func(r *reading, path string, n *node) {
		if n.kind != kindObject {
			r.fault(n.line, path, "is %s: it must be an object, a domain to its list of titles", n.kind)
			return
		}
		out := make(map[string][]string, len(n.keys))
		for i, domain := range n.keys {
			if n.items[i].isNull() {
				continue
			}
			var titles []string
			texts(&titles)(r, join(path, strconv.Quote(domain)), n.items[i])
			out[domain] = titles
		}
		*dst = out
	}
}
