package check

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Canary checks that canary events come out of every streamer: of each stream, from each data centre.
type Canary struct {
	// Streamers are where the events must come out.
	Streamers []Streamer
	// Streams are the streams that have canary events.
	Streams []string
	// Last are those whose last canary event must have come out; ID and Time are not looked at. Not used with Produce.
	Last []Sent
	// Produce, if set, sends canary events once the streamers are listened to, and returns what was sent and what could not be. These events must come out.
	Produce func(ctx context.Context) (sent []Sent, problems []string)
	// Within is how old the last event may be, or with Produce how long an event may take.
	Within time.Duration
	// Warning is a lower bound of the same; 0 is none.
	Warning   time.Duration
	UserAgent string
	// Header is sent to streamers besides, such as the X-Client-IP that a proxy in front would set.
	Header http.Header
}

// Streamer is where events come out.
type Streamer struct {
	Name string // the data centre
	URL  string
}

// Sent is a canary event that must come out.
type Sent struct {
	Stream     string
	Datacenter string // where it was produced; "" is anywhere
	ID         string // meta.id; "" if it has none
	Time       string // meta.dt
}

const (
	// readingTime bounds how long the last events are looked for.
	readingTime = 30 * time.Second
	// openingTime bounds how long streamers are waited for before events are produced.
	openingTime = 10 * time.Second
)

// Run looks for the events.
func (c Canary) Run(ctx context.Context) Result {
	const name = "CANARY"
	if len(c.Streamers) == 0 || len(c.Streams) == 0 {
		return failed(name, Unknown, "there are %d streams with canary events and %d streamers to look at", len(c.Streams), len(c.Streamers))
	}
	began := time.Now()
	w := &watch{userAgent: c.UserAgent, header: c.Header, since: began}
	limit := c.Within
	if c.Produce == nil {
		w.since, w.until, limit = began.Add(-c.Within), began, readingTime
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := w.start(ctx, c.Streamers, c.Streams)
	defer func() {
		cancel()
		<-ended
	}()
	expected, problems := c.Last, []string(nil)
	if c.Produce != nil {
		w.waitOpen(ctx, openingTime)
		expected, problems = c.Produce(ctx)
	}
	waiting, stop := context.WithTimeout(ctx, limit)
	defer stop()
	w.waitFor(waiting, ended, c.Streamers, expected)
	return c.result(w, name, expected, problems)
}

// result holds what was seen against what was expected.
func (c Canary) result(w *watch, name string, expected []Sent, problems []string) Result {
	r := Result{Name: name, Details: problems}
	missing, notServed, arrived := 0, 0, 0
	var longest time.Duration
	now := time.Now()
	for _, to := range c.Streamers {
		for _, sent := range expected {
			if w.isUnserved(to.Name, sent.Stream) {
				notServed++
				continue
			}
			labels := map[string]string{"stream": sent.Stream, "datacenter": sent.Datacenter, "streamer": to.Name}
			seen, ok := w.find(to.Name, sent)
			if !ok {
				missing++
				r.Details = append(r.Details, c.complaint(w, to, sent))
				r.Series = append(r.Series, Series{"canary_arrived", labels, 0})
				continue
			}
			arrived++
			took := now.Sub(seen.made)
			if c.Produce != nil {
				took = seen.at.Sub(seen.made)
			}
			took = max(took, 0)
			longest = max(longest, took)
			r.Series = append(r.Series, Series{"canary_arrived", labels, 1}, Series{"canary_" + c.measure() + "_seconds", labels, took.Seconds()})
		}
	}
	slices.SortStableFunc(r.Series, func(a, b Series) int { return strings.Compare(a.Name, b.Name) })
	r.Values = []Value{
		seconds(c.measure(), longest, c.Warning, c.Within), {Name: "arrived", Number: float64(arrived)}, {Name: "missing", Number: float64(missing)},
		{Name: "unserved", Number: float64(notServed)}, {Name: "unproduced", Number: float64(len(problems))},
	}
	what := "the last canary events of %d streams came out of %d streamers, the oldest %.1f s ago"
	if c.Produce != nil {
		what = "canary events of %d streams came out of %d streamers, the slowest after %.2f s"
	}
	r.Text = fmt.Sprintf(what, len(c.Streams), len(c.Streamers), longest.Seconds())
	switch {
	case missing > 0:
		r.Status, r.Text = Critical, fmt.Sprintf("%d of %d canary events did not come out within %v", missing, missing+arrived, c.Within)
	case len(problems) > 0:
		r.Status, r.Text = Critical, fmt.Sprintf("%d canary events could not be produced", len(problems))
	case arrived == 0:
		r.Status, r.Text = Critical, "none of the streams that have canary events is served"
		for _, to := range c.Streamers {
			if trouble := w.refusalOf(to.Name); trouble != nil {
				r.Details = append(r.Details, oneLine(fmt.Sprintf("%s (%s): %v", to.Name, to.URL, trouble)))
			}
		}
	case c.Warning > 0 && longest > c.Warning:
		r.Status = Warning
	}
	if notServed > 0 && arrived > 0 {
		r.Text += fmt.Sprintf("; %d are of streams that are not served there", notServed)
	}
	return r
}

// measure is the name of what is measured.
func (c Canary) measure() string {
	if c.Produce != nil {
		return "delay"
	}
	return "age"
}

// complaint says that an event did not come out.
func (c Canary) complaint(w *watch, to Streamer, sent Sent) string {
	var b strings.Builder
	b.WriteString(sent.Stream)
	if sent.Datacenter != "" {
		b.WriteString(" of " + sent.Datacenter)
	}
	fmt.Fprintf(&b, ": no canary event at %s (%s)", to.Name, to.URL)
	if trouble := w.troubleOf(to.Name); trouble != nil {
		fmt.Fprintf(&b, ": %v", trouble)
	}
	return oneLine(b.String())
}
