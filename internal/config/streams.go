package config

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// fields are the settings of a client of stream configuration.
func (s *Streams) fields() fields {
	return fields{
		"stream_config_uri": text(&s.Client.URI),
		"stream_config_uri_options": inside(fields{
			"headers": headers(&s.Client.Header),
			"method":  nothing("stream configuration is fetched with GET"),
			"timeout": nothing("every fetch is bounded"),
		}),
		"stream_config_object_path": objectPath(&s.Client.ObjectPath),
		"stream_config_retries":     retries(&s.Client.Retries),
		"stream_config_ttl":         seconds(&s.Client.TTL),
		// Ours: the last good answer is kept in this file, for a start while the service is away.
		"stream_config_cache_path": text(&s.Client.CacheFile),
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
func objectPath(dst *string) reader {
	return func(r *reading, path string, n *node) {
		var steps []string
		texts(&steps)(r, path, n)
		*dst = strings.Join(steps, ".")
	}
}

// retries reads how often a fetch is tried again; none is -1, because 0 stands for the client's default.
func retries(dst *int) reader {
	return func(r *reading, path string, n *node) {
		whole(dst, 0, 100)(r, path, n)
		if *dst == 0 {
			*dst = -1
		}
	}
}

// streamSettings reads an object of streams, each an object of settings, as JSON.
func streamSettings(dst *map[string]json.RawMessage) reader {
	return func(r *reading, path string, n *node) {
		if n.kind != kindObject {
			r.fault(n.line, path, "is %s: it must be an object, a stream's name to its settings", n.kind)
			return
		}
		*dst = make(map[string]json.RawMessage, len(n.keys))
		for i, name := range n.keys {
			if n.items[i].kind != kindObject {
				r.fault(n.at[i], join(path, name), "is %s: it must be an object of settings", n.items[i].kind)
				continue
			}
			(*dst)[name] = n.items[i].appendJSON(nil)
		}
	}
}

// settle decides what is left open: where the streams come from, and whether unknown ones are looked up at once.
func (r *reading) settle(s *Streams, dynamic *bool) {
	s.Sources = r.over.Streams
	s.Client.Dynamic = s.Client.TTL > 0
	if dynamic != nil {
		s.Client.Dynamic = *dynamic
	}
}

// given says whether there is any place that streams come from.
func (s *Streams) given() bool { return len(s.Sources) > 0 || s.Client.URI != "" }

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
