package uiapi

import (
	"context"
	"net/http"
)

// Filters checks filters; *eventstreams.Server does through an adapter.
type Filters interface {
	// CheckFilter tells what is wrong with a filter for streams, for a person, and where it begins, counted in bytes; at is -1 if that is not known.
	// problem is "" for a filter that can be used.
	CheckFilter(ctx context.Context, streams []string, filter string) (problem string, at int)
}

// mostFilter bounds a filter's length.
const mostFilter = 8 << 10

// FilterCheck answers GET filter.
type FilterCheck struct {
	OK      bool   `json:"ok"`
	Message string `json:"message,omitempty"`
	// Place is where the filter is wrong; nil if that is not known.
	Place *Place `json:"place,omitempty"`
}

func (s *Server) filter(r *http.Request, _ viewer) (any, error) {
	filter := r.URL.Query().Get("filter")
	if len(filter) > mostFilter {
		return FilterCheck{Message: "The filter is too long."}, nil
	}
	problem, at := s.cfg.Filters.CheckFilter(r.Context(), names(r), filter)
	check := FilterCheck{OK: problem == "", Message: problem}
	if !check.OK && at >= 0 {
		check.Place = placeOf([]byte(filter), at, wordEnd(filter, at))
	}
	return check, nil
}

// wordEnd is where the word ends that begins at an offset: what is marked as wrong.
func wordEnd(text string, at int) int {
	end := at
	for end < len(text) && (text[end] == '_' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	return max(end, at+1)
}
