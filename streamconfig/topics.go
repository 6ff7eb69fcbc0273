package streamconfig

import "strings"

// setTopics computes what the answer's "topics" are.
func (s *Stream) setTopics() {
	declared, _ := s.settings.get("topics").strings()
	if declared != nil && !(s.IsRegex && len(declared) == 1 && strings.HasPrefix(declared[0], "/")) {
		s.Topics, s.fixedTopics = declared, true
		s.topicsValue = s.settings.get("topics")
		return
	}
	// A regex stream whose only topic is a regular expression is one that another configuration service has computed topics for: the topics of
	// a concrete name come from the prefixes as well.
	switch {
	case declared != nil:
		s.Topics = declared
	default:
		s.Topics = prefixed(s.TopicPrefixes, s.Name)
	}
	s.topicsValue = stringList(s.Topics)
	if s.unnamed && s.TopicPrefixes == nil {
		// The reference answers the index itself, a number.
		s.topicsValue.items[0].kind = kindNumber
	}
}

// prefixed is the name after each prefix; without prefixes (nil, not empty) the name alone. Of a name that is a regular expression it is one, with all
// prefixes in it.
func prefixed(prefixes []string, name string) []string {
	if prefixes == nil {
		return []string{name}
	}
	if strings.HasPrefix(name, "/") {
		if _, err := compilePattern(name); err == nil {
			return []string{topicsPattern(name, prefixes)}
		}
	}
	topics := make([]string, len(prefixes))
	for i, prefix := range prefixes {
		topics[i] = prefix + name
	}
	return topics
}

// TopicsFor returns the topics of a concrete stream name that this declaration was found for: its Topics, or for a regex stream without declared
// topics the prefixes with the name.
func (s *Stream) TopicsFor(name string) []string {
	if s.topicsAreOwn(name) {
		return s.Topics
	}
	return prefixed(s.TopicPrefixes, name)
}

// topicsAreOwn reports whether the topics of a name are the declaration's own. An empty name stands for the declaration, as in the reference.
func (s *Stream) topicsAreOwn(name string) bool {
	return !s.IsRegex || s.fixedTopics || name == s.Name || name == ""
}

// appendSettings writes all settings with the given topics in the place of the setting, or at the end.
func (s *Stream) appendSettings(b []byte, topics *value) []byte {
	b = append(b, '{')
	written := false
	for i, key := range s.settings.keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, key)
		b = append(b, ':')
		item := s.settings.items[i]
		if key == "topics" {
			item, written = topics, true
		}
		b = item.appendJSON(b)
	}
	if !written {
		b = append(b, `,"topics":`...)
		b = topics.appendJSON(b)
	}
	return append(b, '}')
}

// AppendSettings appends the settings as JSON that a query for this name answers: Settings, of a regex stream with the topics of the concrete name.
func (s *Stream) AppendSettings(b []byte, name string) []byte {
	if s.topicsAreOwn(name) {
		return append(b, s.Settings...)
	}
	return s.appendSettings(b, stringList(s.TopicsFor(name)))
}

// Setting returns a setting of the merged settings by its path, as JSON; false if it is missing or null.
func (s *Stream) Setting(path ...string) ([]byte, bool) {
	v := s.settings.at(path...)
	if v.isNull() {
		return nil, false
	}
	return v.appendJSON(nil), true
}

// HasSettings reports whether anything is set for the stream, of its own or by default.
func (s *Stream) HasSettings() bool {
	for _, key := range s.settings.keys {
		if key != "stream" { // which every stream has
			return true
		}
	}
	return false
}
