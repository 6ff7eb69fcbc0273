package lint

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Severity is how bad a finding is.
type Severity string

const (
	// Error is what cannot work, or what breaks somebody.
	Error Severity = "error"
	// Warning is what is probably not meant.
	Warning Severity = "warning"
)

// Finding is one thing that a check found.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Subject  string   `json:"subject,omitempty"` // a stream's name or a schema's URI
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"` // from 1; 0 is unknown
	Message  string   `json:"message"`
	Remedy   string   `json:"remedy,omitempty"`
}

// Change is one thing that a new configuration does to those who use the old one.
type Change struct {
	Kind    string `json:"kind"` // added, removed, renamed, changed
	Stream  string `json:"stream"`
	Was     string `json:"was,omitempty"` // the old name of a renamed stream
	Message string `json:"message"`
	// Consumers are the clients under the stream's "consumers" that are not switched off.
	Consumers []string `json:"consumers,omitempty"`
	Breaking  bool     `json:"breaking"`
}

// Report is what a check found.
type Report struct {
	Findings []Finding `json:"findings"`
	Changes  []Change  `json:"changes,omitempty"`
}

// Errors is the number of errors: findings, and changes that break somebody.
func (r *Report) Errors() int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == Error {
			n++
		}
	}
	for _, c := range r.Changes {
		if c.Breaking {
			n++
		}
	}
	return n
}

// ExitCode is 1 if there are errors, else 0.
func (r *Report) ExitCode() int {
	if r.Errors() > 0 {
		return 1
	}
	return 0
}

// WriteText writes the report for people: a line for each finding and change, and one that counts them.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.File != "" {
			b.WriteString(f.File)
			if f.Line > 0 {
				fmt.Fprintf(&b, ":%d", f.Line)
			}
			b.WriteString(": ")
		}
		fmt.Fprintf(&b, "%s: ", f.Severity)
		if f.Subject != "" {
			b.WriteString(f.Subject + ": ")
		}
		b.WriteString(f.Message)
		if f.Remedy != "" {
			b.WriteString("; " + f.Remedy)
		}
		fmt.Fprintf(&b, " [%s]\n", f.Rule)
	}
	for _, c := range r.Changes {
		mark := ""
		if c.Breaking {
			mark = " (breaking)"
		}
		fmt.Fprintf(&b, "%s%s: %s: %s", c.Kind, mark, c.Stream, c.Message)
		if len(c.Consumers) > 0 {
			b.WriteString("; consumed by " + strings.Join(c.Consumers, ", "))
		}
		b.WriteByte('\n')
	}
	errors := r.Errors()
	fmt.Fprintf(&b, "%d errors, %d warnings", errors, r.warnings())
	if r.Changes != nil {
		fmt.Fprintf(&b, ", %d changes", len(r.Changes))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) warnings() int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == Warning {
			n++
		}
	}
	return n
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	return e.Encode(r)
}
