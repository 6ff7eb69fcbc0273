package canary

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Result is what became of one canary event.
type Result string

const (
	// Produced is what the intake took.
	Produced Result = "produced"
	// Refused is what the intake answered that it does not take.
	Refused Result = "refused"
	// Unreachable is what had no answer, or one that says to come again later.
	Unreachable Result = "unreachable"
	// Impossible is what there was nothing to send for, or nowhere to send it to, such as a schema without examples or a service without a URL.
	Impossible Result = "impossible"
)

// Results are all of them.
var Results = []Result{Produced, Refused, Unreachable, Impossible}

// Outcome is what became of a stream's event in one data centre. An impossible one may have no data centre.
type Outcome struct {
	Event   Event
	Service string
	Target  Target
	Result  Result
	Reason  string // why it was not produced
}

// Report tells of one round.
type Report struct {
	Began    time.Time
	Took     time.Duration
	Streams  int // how many streams there were to send to
	Outcomes []Outcome
}

// Count says how many outcomes have a result.
func (r *Report) Count(result Result) int {
	n := 0
	for i := range r.Outcomes {
		if r.Outcomes[i].Result == result {
			n++
		}
	}
	return n
}

// Failed reports whether anything was not produced.
func (r *Report) Failed() bool { return r.Count(Produced) < len(r.Outcomes) }

// Summary is the round in a line.
func (r *Report) Summary() string {
	parts := []string{fmt.Sprintf("%d streams", r.Streams)}
	for _, result := range Results {
		parts = append(parts, fmt.Sprintf("%d %s", r.Count(result), result))
	}
	return fmt.Sprintf("canary events: %s, in %v", strings.Join(parts, ", "), r.Took.Round(time.Millisecond))
}

// Write writes a line for every event that was not produced, and the summary last.
func (r *Report) Write(w io.Writer) error {
	for i := range r.Outcomes {
		if o := &r.Outcomes[i]; o.Result != Produced {
			if _, err := fmt.Fprintln(w, o.String()); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintln(w, r.Summary())
	return err
}

// String is an outcome in a line.
func (o *Outcome) String() string {
	var b strings.Builder
	b.WriteString(o.Event.Stream)
	if o.Target.Datacenter != "" {
		b.WriteString(" in " + o.Target.Datacenter)
	}
	b.WriteString(": " + string(o.Result))
	if o.Target.URL != "" {
		b.WriteString(" by " + o.Target.URL)
	}
	if o.Reason != "" {
		b.WriteString(": " + o.Reason)
	}
	return b.String()
}
