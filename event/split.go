package event

import "github.com/eventplatform/eventplatform/internal/rawjson"

// Splitter holds the events of one body. Its zero value is ready; it keeps its memory from one body to the next.
type Splitter struct {
	// Max bounds the events of one body; 0 is no bound.
	Max int

	fields []Field // of event i: fields[i*width : (i+1)*width]
	width  int
	count  int
}

// TooMany reports whether the last Split gave up since the body has more events than Max.
func (s *Splitter) TooMany() bool { return s.Max > 0 && s.count > s.Max }

// Split finds the events of a body: the elements of an array, or the object that the body is. It reports false if the body is neither or its
// structure cannot be followed; rawjson.Check then says what is wrong with it and where, unless there were TooMany. An empty array has no events; an empty object is one.
func (s *Splitter) Split(p *Plan, body []byte) bool {
	s.width, s.count, s.fields = p.Len(), 0, s.fields[:0]
	i := rawjson.SkipSpace(body, 0)
	if i >= len(body) {
		return false
	}
	switch body[i] {
	case '{':
		i = p.Scan(body, i, s.next())
	case '[':
		i = s.array(p, body, i)
	default:
		return false
	}
	return i >= 0 && rawjson.SkipSpace(body, i) == len(body)
}

func (s *Splitter) array(p *Plan, body []byte, i int) int {
	i = rawjson.SkipSpace(body, i+1)
	if i < len(body) && body[i] == ']' {
		return i + 1
	}
	for i < len(body) {
		start, fields := i, s.next()
		if s.TooMany() {
			return -1
		}
		if i = p.Scan(body, i, fields); i <= start {
			return -1
		}
		if i = rawjson.SkipSpace(body, i); i >= len(body) {
			return -1
		}
		switch body[i] {
		case ']':
			return i + 1
		case ',':
			i = rawjson.SkipSpace(body, i+1)
		default:
			return -1
		}
	}
	return -1
}

func (s *Splitter) next() []Field {
	at := s.count * s.width
	s.count++
	for cap(s.fields) < at+s.width {
		s.fields = append(s.fields[:cap(s.fields)], Field{})
	}
	s.fields = s.fields[:at+s.width]
	return s.fields[at:]
}

// Len is the number of events that Split found.
func (s *Splitter) Len() int { return s.count }

// Fields returns the fields of event i, one for each slot of the plan, with offsets in the body. They are valid until the next Split.
func (s *Splitter) Fields(i int) []Field {
	return s.fields[i*s.width : (i+1)*s.width : (i+1)*s.width]
}
