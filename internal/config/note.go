package config

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Note is one thing that is to be said of a configuration file.
type Note struct {
	File string
	Line int    // counts from 1; 0 is the file as a whole
	Key  string // dotted path of the setting in the file, "" for the file as a whole
	Text string // what is so, and what to do
}

// String is "file:line: key: text", as editors and compilers write it.
func (n Note) String() string {
	var b strings.Builder
	b.WriteString(n.File)
	if n.Line > 0 {
		fmt.Fprintf(&b, ":%d", n.Line)
	}
	b.WriteString(": ")
	if n.Key != "" {
		b.WriteString(n.Key + ": ")
	}
	b.WriteString(n.Text)
	return b.String()
}

// Report is everything there is to say of a configuration file.
type Report struct {
	// Faults stop the start.
	Faults []Note
	// Warnings do not, but somebody should look at them.
	Warnings []Note
	// Ignored are settings that have no meaning here, with the reason.
	Ignored []Note
}

// Err is nil if there are no faults, else an error that lists all of them.
func (r *Report) Err() error {
	if len(r.Faults) == 0 {
		return nil
	}
	return &FaultsError{Faults: r.Faults}
}

// Print writes the report for people, one note a line.
func (r *Report) Print(w io.Writer) error {
	var b strings.Builder
	part := func(title string, notes []Note) {
		if len(notes) == 0 {
			return
		}
		fmt.Fprintf(&b, "%s:\n", title)
		for _, n := range notes {
			fmt.Fprintf(&b, "  %s\n", n)
		}
	}
	part("wrong", r.Faults)
	part("look at these", r.Warnings)
	part("without meaning here", r.Ignored)
	_, err := io.WriteString(w, b.String())
	return err
}

// sort puts the notes into the file's order.
func (r *Report) sort() {
	for _, notes := range [][]Note{r.Faults, r.Warnings, r.Ignored} {
		slices.SortStableFunc(notes, func(a, b Note) int { return a.Line - b.Line })
	}
}

// FaultsError lists everything that is wrong in a configuration file.
type FaultsError struct{ Faults []Note }

// Error has one fault a line.
func (e *FaultsError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
