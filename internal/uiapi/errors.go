package uiapi

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrorSummary answers GET errors: what was refused in the last minutes.
type ErrorSummary struct {
	// Sources are the error streams that were read; empty if there is none and only this process's refusals are known.
	Sources []string `json:"sources"`
	Minutes int      `json:"minutes"`
	// From is when the first of the periods begins that Counts are about, each Seconds long.
	From    time.Time `json:"from"`
	Seconds int       `json:"seconds"`
	Total   int       `json:"total"`
	// Truncated tells that there are more: only the newest were read.
	Truncated bool  `json:"truncated"`
	Counts    []int `json:"counts"`

	Streams  []Top    `json:"streams"`
	Places   []Top    `json:"places"`
	Keywords []Top    `json:"keywords"`
	Samples  []Sample `json:"samples"`
	// Replaced tells that personal fields of the samples were replaced.
	Replaced bool `json:"replaced"`
}

// Top is one line of a ranking.
type Top struct {
	Name   string `json:"name"`
	Count  int    `json:"count"`
	Counts []int  `json:"counts"` // in each period
}

// Sample is one refused event, the newest of its kind.
type Sample struct {
	Time      time.Time `json:"time"`
	Stream    string    `json:"stream,omitempty"`
	SchemaURI string    `json:"schema_uri,omitempty"`
	Kind      string    `json:"kind,omitempty"`
	Message   string    `json:"message"`
	Place     string    `json:"place,omitempty"`
	Keyword   string    `json:"keyword,omitempty"`
	// Count is how many of this kind there were.
	Count int `json:"count"`
	// Event is the refused event's text; "" if it cannot be shown.
	Event string `json:"event,omitempty"`
}

const (
	mostTop, mostSamples, periods = 20, 30, 24
	// sampleBytes bounds the text of one sample.
	sampleBytes = 16 << 10
	// believed is how long a summary is told again without reading.
	believed = 5 * time.Second
)

// refusal is one refused event as a source tells it.
type refusal struct {
	time      time.Time
	stream    string
	schemaURI string
	kind      string
	message   string
	place     string // JSON pointer, list indexes as "*"; "" for the event as a whole
	keyword   string
	event     string
}

// errorCache keeps the last summaries, with personal fields and without, by minutes.
type errorCache struct {
	mu    sync.Mutex // held while the streams are read: all who ask at once wait for one reading
	known map[string]cachedSummary
}

type cachedSummary struct {
	at time.Time
	*ErrorSummary
}

func (s *Server) summary(r *http.Request, v viewer) (any, error) {
	minutes := 60
	switch asked := r.URL.Query().Get("minutes"); asked {
	case "", "60":
	case "360", "1440", "10080":
		minutes, _ = strconv.Atoi(asked)
	default:
		return nil, badRequest("minutes is 60, 360, 1440 or 10080")
	}
	s.errors.mu.Lock()
	defer s.errors.mu.Unlock()
	key := strconv.Itoa(minutes) + strconv.FormatBool(v.admin)
	if known, ok := s.errors.known[key]; ok && time.Since(known.at) < believed {
		return known.ErrorSummary, nil
	}
	now := time.Now()
	list, sources, truncated, err := s.refusals(r.Context(), now.Add(-time.Duration(minutes)*time.Minute))
	if err != nil {
		return nil, err
	}
	sum := summarise(list, minutes, now, v.admin)
	sum.Sources, sum.Truncated = sources, truncated
	if s.errors.known == nil {
		s.errors.known = map[string]cachedSummary{}
	}
	s.errors.known[key] = cachedSummary{now, sum}
	return sum, nil
}

// summarise counts refusals that happened in the minutes before now.
func summarise(list []refusal, minutes int, now time.Time, admin bool) *ErrorSummary {
	length := time.Duration(minutes) * time.Minute / periods
	from := now.Add(-periods * length)
	sum := &ErrorSummary{
		Minutes: minutes, From: from.UTC(), Seconds: int(length / time.Second), Counts: make([]int, periods), Samples: []Sample{}, Replaced: !admin,
	}
	streams, places, keywords := ranking{}, ranking{}, ranking{}
	kinds := map[string]int{} // index of the sample
	slices.SortStableFunc(list, func(a, b refusal) int { return b.time.Compare(a.time) })
	for _, r := range list {
		at := min(int(r.time.Sub(from)/length), periods-1)
		if at < 0 {
			continue
		}
		sum.Total++
		sum.Counts[at]++
		streams.count(r.stream, at) // "" if it named none
		if r.keyword != "" {
			places.count(cmp.Or(r.place, "/"), at)
		}
		keywords.count(cmp.Or(r.keyword, r.kind, "unknown"), at)
		kind := strings.Join([]string{r.stream, r.kind, r.place, r.keyword}, "\x00")
		if i, known := kinds[kind]; known {
			if i >= 0 {
				sum.Samples[i].Count++
			}
			continue
		}
		if kinds[kind] = -1; len(sum.Samples) < mostSamples {
			kinds[kind] = len(sum.Samples)
			sum.Samples = append(sum.Samples, r.sample(admin))
		}
	}
	sum.Streams, sum.Places, sum.Keywords = streams.top(), places.top(), keywords.top()
	return sum
}

func (r *refusal) sample(admin bool) Sample {
	event := r.event
	if !admin {
		event = string(withoutPersons([]byte(event)))
	}
	if len(event) > sampleBytes {
		event = "" // half an event helps nobody
	}
	return Sample{
		Time: r.time.UTC(), Stream: r.stream, SchemaURI: r.schemaURI, Kind: r.kind, Message: r.message, Place: r.place, Keyword: r.keyword, Count: 1, Event: event,
	}
}

// ranking counts by name. Its size is bounded by the number of refusals that are read.
type ranking map[string]*Top

func (r ranking) count(name string, at int) {
	t := r[name]
	if t == nil {
		t = &Top{Name: name, Counts: make([]int, periods)}
		r[name] = t
	}
	t.Count++
	t.Counts[at]++
}

func (r ranking) top() []Top {
	list := make([]Top, 0, len(r))
	for _, t := range r {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b Top) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Name, b.Name)) })
	return list[:min(len(list), mostTop)]
}
