package streamconfig

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong in a source.
type Fault struct {
	Pos     Position
	Pointer string // RFC 6901, in the document
	Message string // what is wrong
	Remedy  string // what to do; may be empty
}

// String is "file:line:column: pointer: message; remedy".
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Pos.String())
	if f.Pointer != "" {
		b.WriteString(": " + f.Pointer)
	}
	b.WriteString(": " + f.Message)
	if f.Remedy != "" {
		b.WriteString("; " + f.Remedy)
	}
	return b.String()
}

// LoadError lists everything that is wrong in the sources, in their order. No configuration comes of them.
type LoadError struct{ Faults []Fault }

func (e *LoadError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// String is "file:line:column" as editors and compilers write it; what is unknown is left out.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

func duplicate(pointer, key string, first, second *value) Fault {
	return Fault{
		Pos: second.position(), Pointer: pointer,
		Message: fmt.Sprintf("%q is given twice, first at %s", key, first.position()),
		Remedy:  "remove one of them",
	}
}
