package filter

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
)

// Error says what is wrong with an expression, in words for who wrote it.
type Error struct {
	// Line and Column are where, in characters, from 1.
	Line, Column int
	// Message is what.
	Message string
	// Nearest is the field that may have been meant, as an expression writes it; "" if none is like it.
	Nearest string
}

// Error has place, message and the nearest field.
func (e *Error) Error() string {
	s := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	if e.Nearest != "" {
		s += "; did you mean " + e.Nearest + "?"
	}
	return s
}

// Offset is the place in bytes from the beginning of the expression that the error is about.
func (e *Error) Offset(expression string) int {
	lines := strings.SplitAfter(expression, "\n")
	if e.Line > len(lines) {
		return len(expression)
	}
	offset := len(strings.Join(lines[:e.Line-1], ""))
	column := 1
	for i := range lines[e.Line-1] {
		if column == e.Column {
			return offset + i
		}
		column++
	}
	return offset + len(lines[e.Line-1])
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '(.*)'$`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '(.*?)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '(.*)'$`)
	operator       = regexp.MustCompile(`^_(\S+)_$`)
)

// explain translates what CEL's parser and checker say of an expression.
func (t *Types) explain(expression string, e *cel.Error) *Error {
	out := &Error{Line: max(1, e.Location.Line()), Column: e.Location.Column() + 1, Message: e.Message}
	at := character(expression, out.Line, out.Column)
	if at == '.' || at == '[' {
		out.Column++ // the name behind it
	}
	if text, ok := strings.CutPrefix(e.Message, "Syntax error: "); ok {
		text, _, _ = strings.Cut(text, " expecting ")
		out.Message = strings.ReplaceAll(text, "'<EOF>'", "the end of the expression")
	}
	if m := undefinedField.FindStringSubmatch(e.Message); m != nil {
		out.Message = fmt.Sprintf("there is no field '%s' in the schemas of these streams, or not with one type in all", m[1])
		out.Nearest = t.nearestAnywhere(m[1])
	}
	if m := undeclared.FindStringSubmatch(e.Message); m != nil {
		out.Message = fmt.Sprintf("'%s' is not known; there are event, topic and timestamp, and CEL's functions", m[1])
		out.Nearest = t.nearest(t.root, "event", m[1])
		if at == '(' {
			out.Column -= utf8.RuneCountInString(m[1])
			out.Nearest = ""
		}
	}
	if m := noOverload.FindStringSubmatch(e.Message); m != nil {
		out.Message = noMatch(m[1], m[2])
	}
	if e.Message == "invalid matches argument" {
		out.Message = "the pattern is no regular expression of RE2's, or too large a one"
	}
	return out
}

// character is the one at a place, 0 if there is none.
func character(expression string, line, column int) rune {
	lines := strings.Split(expression, "\n")
	if line > len(lines) {
		return 0
	}
	for i, c := range []rune(lines[line-1]) {
		if i == column-1 {
			return c
		}
	}
	return 0
}

// noMatch says that a function does not take values of some types.
func noMatch(function, applied string) string {
	if function == known {
		return fmt.Sprintf("this is of type %s; it must be true or false, such as a comparison", strings.Trim(applied, "()"))
	}
	if m := operator.FindStringSubmatch(function); m != nil {
		function = m[1]
	}
	function = strings.TrimPrefix(function, "@")
	return fmt.Sprintf("'%s' cannot be applied to values of the types %s", function, applied)
}

func (t *Types) nearestAnywhere(name string) string {
	best, most := "", max(2, len(name)/3)+1
	for _, s := range t.objects {
		for candidate := range s.members {
			if d := distance(name, candidate); d < most || d == most && best != "" && candidate < best {
				best, most = candidate, d
			}
		}
	}
	return best
}
