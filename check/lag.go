package check

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// lagMetric is how many records a partition's reader has not read yet.
	lagMetric = "eventstreams_partition_lag_records"
	// streamerMetric is one that every streamer has, also when nobody reads.
	streamerMetric = "eventstreams_events_delivered_total"
	// metricsPatience is how long the metrics may take.
	metricsPatience = 10 * time.Second
)

// Lag checks how far a streamer's readers are behind their partitions.
type Lag struct {
	// URL is where the streamer's metrics are; without a path at /metrics.
	URL string
	// Warning and Critical are numbers of records of one partition.
	Warning, Critical float64
	UserAgent         string
}

// Run reads the metrics.
func (c Lag) Run(ctx context.Context) Result {
	const name = "LAG"
	to, err := at(c.URL, "/metrics")
	if err != nil {
		return failed(name, Unknown, "%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, metricsPatience)
	defer cancel()
	got, err := ask(ctx, c.UserAgent, to, "")
	switch {
	case err != nil:
		return failed(name, Critical, "%s: %v", to, err)
	case got.code != http.StatusOK:
		return failed(name, Critical, "%s answers %s", to, got.status)
	}
	r := Result{Name: name}
	var most Series
	streamer := false
	for line := range bytes.Lines(got.body) {
		s, ok := parseSample(string(line))
		streamer = streamer || ok && s.Name == streamerMetric
		if !ok || s.Name != lagMetric {
			continue
		}
		s.Name = "lag_records"
		delete(s.Labels, "service")
		r.Series = append(r.Series, s)
		if most.Labels == nil || s.Value > most.Value {
			most = s
		}
	}
	switch {
	case len(r.Series) == 0 && !streamer:
		return failed(name, Unknown, "%s has no metrics of a streamer; is it the admin address of serve or eventstreams?", to)
	case len(r.Series) == 0:
		r.Text = "no partition is read: nobody asks for any stream"
	default:
		r.Text = fmt.Sprintf("at most %g records behind, in partition %s of %s", most.Value, most.Labels["partition"], most.Labels["topic"])
	}
	switch {
	case c.Critical > 0 && most.Value >= c.Critical:
		r.Status = Critical
	case c.Warning > 0 && most.Value >= c.Warning:
		r.Status = Warning
	}
	r.Values = []Value{{Name: "lag", Number: most.Value, Warning: c.Warning, Critical: c.Critical}, {Name: "partitions", Number: float64(len(r.Series))}}
	return r
}

// parseSample reads a line of Prometheus' text form.
func parseSample(line string) (s Series, ok bool) {
	line = strings.TrimSpace(line)
	end := strings.IndexAny(line, "{ ")
	if end <= 0 || line[0] == '#' {
		return s, false
	}
	s.Name, s.Labels, line = line[:end], map[string]string{}, line[end:]
	if line[0] == '{' {
		line = line[1:]
		for !strings.HasPrefix(line, "}") {
			name, rest, found := strings.Cut(line, `="`)
			if !found {
				return s, false
			}
			value, err := strconv.QuotedPrefix(`"` + rest)
			if err != nil {
				return s, false
			}
			text, err := strconv.Unquote(value)
			if err != nil {
				return s, false
			}
			s.Labels[strings.TrimSpace(name)] = text
			line = strings.TrimLeft(rest[len(value)-1:], ", ")
		}
		line = line[1:]
	}
	number, _, _ := strings.Cut(strings.TrimSpace(line), " ") // a timestamp may follow
	var err error
	s.Value, err = strconv.ParseFloat(number, 64)
	return s, err == nil
}
