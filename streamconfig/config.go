package streamconfig

// Config is an immutable snapshot of all declared streams. Its methods may be called from any goroutine.
type Config struct {
	streams  []*Stream
	byName   map[string]*Stream
	aliases  map[string]*Stream
	regexes  []*Stream
	defaults *value
	warnings []Fault

	answers answers       // to the action API, by query
	all     func() []byte // the object of all streams, rendered when it is first asked for
}

// Snapshot gives the configuration as it is now. Those that use the configuration take one, so that a reload needs no agreement between them.
type Snapshot = func() *Config

// Lookup returns the declaration of a stream: the one of exactly this name, else the first regex stream in declared order that matches. An exact
// hit allocates nothing.
func (c *Config) Lookup(name string) (*Stream, bool) {
	if s, ok := c.byName[name]; ok {
		return s, true
	}
	for _, s := range c.regexes {
		if s.match.matches(name) {
			return s, true
		}
	}
	return nil, false
}

// Readable is Lookup for readers: a name that is not declared but is an alias of a stream finds that stream.
func (c *Config) Readable(name string) (*Stream, bool) {
	if s, ok := c.byName[name]; ok {
		return s, true
	}
	if s, ok := c.aliases[name]; ok {
		return s, true
	}
	return c.Lookup(name)
}

// Writable is Lookup for producers: aliases are found only where the stream allows to be written by them.
func (c *Config) Writable(name string) (*Stream, bool) {
	if s, ok := c.byName[name]; ok {
		return s, true
	}
	if s, ok := c.aliases[name]; ok && s.AliasesWritable {
		return s, true
	}
	return c.Lookup(name)
}

// Streams returns all declarations in declared order, regex streams included. The slice must not be changed.
func (c *Config) Streams() []*Stream { return c.streams }

// DefaultTopicPrefixes returns the topic_prefixes of the default settings; nil without them.
func (c *Config) DefaultTopicPrefixes() []string {
	prefixes, _ := c.defaults.get("topic_prefixes").strings()
	return prefixes
}

// allStreams is the object of all streams as JSON.
func (c *Config) allStreams() []byte { return c.all() }

// Warnings are what is doubtful in the sources but can be used.
func (c *Config) Warnings() []Fault { return c.warnings }

// Matches reports whether the declaration stands for a stream name: the same name, or a regex stream that matches it.
func (s *Stream) Matches(name string) bool {
	if s.IsRegex {
		return s.match.matches(name)
	}
	return s.Name == name
}
