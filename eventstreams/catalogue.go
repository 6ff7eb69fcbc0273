package eventstreams

import (
	"encoding/json"
	"slices"

	"github.com/eventplatform/eventplatform/streamconfig"
)

// catalogue is what can be asked for, by name: streams and their aliases. It belongs to one snapshot of the declarations, and to settings.
type catalogue struct {
	of    *streamconfig.Config
	with  *inUse
	named map[string]*entry
	names []string // sorted
}

// entry is one name.
type entry struct {
	name    string
	aliasOf string   // the stream's own name, if name is another
	topics  []string // what clients get
	allowed []string // what ids may name besides

	description, schemaTitle, schemaURI string
	schema                              json.RawMessage
	deprecated                          *streamconfig.Deprecation // nil unless the stream is going to be removed
}

// current is the catalogue of the declarations as they are now.
func (s *Server) current() *catalogue {
	config, settings := s.cfg.Streams(), s.inUse.Load()
	if c := s.catalogue.Load(); c != nil && c.of == config && c.with == settings {
		return c
	}
	c := newCatalogue(config, settings)
	s.catalogue.Store(c)
	return c
}

func newCatalogue(config *streamconfig.Config, settings *inUse) *catalogue {
	c := &catalogue{of: config, with: settings, named: map[string]*entry{}}
	aliases := map[string]*entry{}
	add := func(name string, st *streamconfig.Stream) {
		if len(settings.AllowedStreams) > 0 && !slices.Contains(settings.AllowedStreams, name) {
			return
		}
		e, others, ok := newEntry(name, st, settings)
		if !ok {
			return
		}
		c.named[name] = e
		for _, alias := range others {
			a := *e
			a.name, a.aliasOf = alias, name
			aliases[alias] = &a
		}
	}
	if config != nil {
		for _, st := range config.Streams() {
			if !st.IsRegex {
				add(st.Name, st)
			}
		}
	}
	for name := range settings.StreamDefaults {
		if c.named[name] == nil && name != "" && name[0] != '/' {
			add(name, nil)
		}
	}
	for alias, e := range aliases {
		if c.named[alias] == nil { // a stream's own name comes first
			c.named[alias] = e
		}
	}
	for name := range c.named {
		c.names = append(c.names, name)
	}
	slices.Sort(c.names)
	return c
}

// newEntry reads a stream's settings: the override, else the declaration's, else the default. It is false for a stream without topics.
func newEntry(name string, st *streamconfig.Stream, settings *inUse) (e *entry, aliases []string, ok bool) {
	override, def := members(settings.StreamOverrides[name]), members(settings.StreamDefaults[name])
	text := func(key, declared string) (v string) {
		if json.Unmarshal(override[key], &v) == nil && v != "" {
			return v
		}
		if declared != "" {
			return declared
		}
		_ = json.Unmarshal(def[key], &v) // what is no text stays empty
		return v
	}
	list := func(key string, declared []string) (v []string) {
		if json.Unmarshal(override[key], &v) == nil && v != nil {
			return v
		}
		if declared != nil {
			return declared
		}
		_ = json.Unmarshal(def[key], &v) // what is no list of texts stays nil
		return v
	}
	e = &entry{name: name}
	if st == nil {
		st = &streamconfig.Stream{}
	}
	declared := members(st.Settings)
	own := func(key string) (v string) {
		_ = json.Unmarshal(declared[key], &v) // likewise
		return v
	}
	e.topics = list("topics", st.Topics)
	if e.topics == nil {
		return nil, nil, false
	}
	ownList := func(key string) (v []string) {
		_ = json.Unmarshal(declared[key], &v) // likewise
		return v
	}
	e.allowed = list("topics_allowed", ownList("topics_allowed"))
	e.deprecated = st.Deprecated
	e.description = text("description", st.Description)
	e.schemaTitle = text("schema_title", st.SchemaTitle)
	e.schemaURI = text("$schema", own("$schema"))
	for _, from := range []map[string]json.RawMessage{override, declared, def} {
		if e.schema = from["schema"]; e.schema != nil {
			break
		}
	}
	return e, append(list("stream_aliases", ownList("stream_aliases")), st.Aliases...), true
}

// members are the members of a JSON object; nil if it is none.
func members(raw json.RawMessage) (m map[string]json.RawMessage) {
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// find returns the entries of names, or those names that are not served.
func (c *catalogue) find(names []string) (found []*entry, unknown []string) {
	for _, name := range names {
		if e := c.named[name]; e != nil {
			found = append(found, e)
		} else {
			unknown = append(unknown, name)
		}
	}
	return found, unknown
}
