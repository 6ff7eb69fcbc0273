package streamconfig

// Entry is one stream of an answer.
type Entry struct {
	Name   string // as asked for; the declared name if all were
	Stream *Stream
}

// Select returns the streams of the given names, in their order, each once; an old name gives the stream that has it as an alias, names that no
// declaration stands for are left out. Nil names ask for all declarations, in declared order; an empty list for none. Of these those are answered that meet the constraints.
func (c *Config) Select(names []string, constraints *Constraints) []Entry {
	if names == nil {
		entries := make([]Entry, 0, len(c.streams))
		for _, s := range c.streams {
			if s.MeetsConstraints(constraints) {
				entries = append(entries, Entry{s.Name, s})
			}
		}
		return entries
	}
	entries := make([]Entry, 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		if s, ok := c.Readable(name); ok && s.MeetsConstraints(constraints) {
			entries = append(entries, Entry{name, s})
		}
	}
	return entries
}

// AppendEntries appends an answer's object of streams: each name with its settings.
func AppendEntries(b []byte, entries []Entry) []byte {
	b = append(b, '{')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, e.Name)
		b = append(b, ':')
		b = e.Stream.AppendSettings(b, e.Name)
	}
	return append(b, '}')
}
