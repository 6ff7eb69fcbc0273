package uiapi

import (
	"net/http"
	"slices"
	"time"

	"github.com/eventplatform/eventplatform/streamconfig"
)

// Catalogue answers GET streams.
type Catalogue struct {
	// Sampled tells that rates and times are known; while they are not, asking again a moment later helps.
	Sampled bool     `json:"sampled"`
	Streams []Stream `json:"streams"`
}

// Stream is a stream that can be followed.
type Stream struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	SchemaTitle string `json:"schema_title,omitempty"`
	// SchemaVersion is the newest version of the schema; "" while it is not known.
	SchemaVersion string   `json:"schema_version,omitempty"`
	Topics        []string `json:"topics"`
	Service       string   `json:"service,omitempty"`
	Canary        bool     `json:"canary"`
	Aliases       []string `json:"aliases,omitempty"`
	// Deprecated is set if the stream is going to be removed.
	Deprecated *Deprecated `json:"deprecated,omitempty"`
	// Minutes is how many events came in each of the last minutes, oldest first; the last one is not over yet. Nil while it is not known.
	Minutes []int64 `json:"minutes,omitempty"`
	// PerSecond is how many events a second came lately.
	PerSecond float64 `json:"per_second"`
	// Last is when the last event happened; nil if there is none, or it is not known.
	Last *time.Time `json:"last,omitempty"`
}

// Deprecated says what is known of a stream's end; any of it may be empty.
type Deprecated struct {
	Sunset    string `json:"sunset,omitempty"`
	Successor string `json:"successor,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

func (s *Server) catalogue(*http.Request, viewer) (any, error) {
	activities, versions, sampled := s.rates.look()
	answer := Catalogue{Sampled: sampled, Streams: []Stream{}}
	for _, st := range s.followed() {
		one := Stream{
			Name: st.Name, Description: st.Description, SchemaTitle: st.SchemaTitle, SchemaVersion: versions[st.SchemaTitle], Topics: st.Topics,
			Service: st.DestinationEventService, Canary: st.CanaryEventsEnabled, Aliases: st.Aliases,
		}
		if d := st.Deprecated; d != nil {
			one.Deprecated = &Deprecated{Sunset: d.Sunset, Successor: d.Successor, Reason: d.Reason}
		}
		if a, ok := activities[st.Name]; ok {
			one.Minutes, one.PerSecond = a.minutes, a.perSecond
			if a.last > 0 {
				last := time.UnixMilli(a.last).UTC()
				one.Last = &last
			}
		}
		answer.Streams = append(answer.Streams, one)
	}
	return answer, nil
}

// followed are the declarations of streams that can be followed here: patterns are none.
func (s *Server) followed() []*streamconfig.Stream {
	var list []*streamconfig.Stream
	for _, st := range s.cfg.Streams().Streams() {
		if !st.IsRegex && len(st.Topics) > 0 && (len(s.cfg.Allowed) == 0 || slices.Contains(s.cfg.Allowed, st.Name)) {
			list = append(list, st)
		}
	}
	return list
}

// find returns a stream that can be followed, also by an old name of it.
func (s *Server) find(name string) (*streamconfig.Stream, error) {
	st, ok := s.cfg.Streams().Readable(name)
	if ok && (st.IsRegex || slices.Contains(s.followed(), st)) {
		return st, nil
	}
	return nil, notFound("There is no stream " + quoted(name) + " here.")
}
