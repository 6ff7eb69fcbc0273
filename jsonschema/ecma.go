package jsonschema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// translator rewrites a regular expression of ECMA-262 (annex B, no flags) for an engine of ours. Everything that engines read differently is
// spelled out: classes become ranges, ^ and $ the text's ends, literals are escaped.
type translator struct {
	src        []rune
	i          int
	out        strings.Builder
	linear     bool // for RE2, else for regexp2
	backtracks bool // there is look-around or a back-reference
	groups     int  // capturing groups in all
	names      map[string]int
	depth      int
}

// maxGroups bounds the nesting of groups.
const maxGroups = 250

func translate(text string, linear bool) (*translator, error) {
	t := &translator{linear: linear, names: map[string]int{}}
	for _, r := range string(appendUnits(nil, []byte(text))) {
		t.src = append(t.src, r)
	}
	t.countGroups()
	if err := t.alternatives(); err != nil {
		return nil, err
	}
	if t.i < len(t.src) {
		return nil, errors.New("unmatched )")
	}
	return t, nil
}

func (t *translator) String() string { return t.out.String() }

func (t *translator) at(s string) bool {
	for k, r := range []rune(s) {
		if t.i+k >= len(t.src) || t.src[t.i+k] != r {
			return false
		}
	}
	return true
}

// countGroups finds the capturing groups, which back-references may name before they come.
func (t *translator) countGroups() {
	inClass := false
	for i := 0; i < len(t.src); i++ {
		switch c := t.src[i]; {
		case c == '\\':
			i++
		case inClass:
			inClass = c != ']'
		case c == '[':
			inClass = true
		case c == '(':
			t.i = i
			if !t.at("(?") {
				t.groups++
			} else if t.at("(?<") && !t.at("(?<=") && !t.at("(?<!") {
				t.groups++
				end := slices.Index(t.src[i:], '>')
				if end > 3 {
					t.names[string(t.src[i+3:i+end])] = t.groups
				}
			}
		}
	}
	t.i = 0
}

func (t *translator) alternatives() error {
	if t.depth++; t.depth > maxGroups {
		return fmt.Errorf("groups nested deeper than %d", maxGroups)
	}
	defer func() { t.depth-- }()
	for t.i < len(t.src) && t.src[t.i] != ')' {
		if t.src[t.i] == '|' {
			t.out.WriteByte('|')
			t.i++
			continue
		}
		if err := t.term(); err != nil {
			return err
		}
	}
	return nil
}

// term rewrites an assertion or an atom with its quantifier.
func (t *translator) term() error {
	switch c := t.src[t.i]; {
	case c == '^':
		t.i++
		t.write(`\A`, `(?<![\s\S])`)
		return t.noQuantifier()
	case c == '$':
		t.i++
		t.write(`\z`, `(?![\s\S])`)
		return t.noQuantifier()
	case t.at(`\b`):
		t.i += 2
		t.write(`\b`, `(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))`)
		return t.noQuantifier()
	case t.at(`\B`):
		t.i += 2
		t.write(`\B`, `(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))`)
		return t.noQuantifier()
	case t.at("(?="), t.at("(?!"):
		t.backtracks = true
		return t.group(3, true)
	case t.at("(?<="), t.at("(?<!"):
		t.backtracks = true
		return t.group(4, false)
	case t.at("(?:"):
		return t.group(3, true)
	case t.at("(?<"):
		end := slices.Index(t.src[t.i:], '>')
		if end < 4 || !identifierName(t.src[t.i+3:t.i+end]) {
			return errors.New("invalid name of a group")
		}
		return t.group(end+1, true)
	case t.at("(?"):
		return errors.New("invalid group")
	case c == '(':
		return t.group(1, true)
	case c == '*' || c == '+' || c == '?':
		return errors.New("nothing to repeat")
	case c == '{':
		if _, _, _, ok := t.braces(); ok {
			return errors.New("nothing to repeat")
		}
	case c == '[':
		set, err := t.class()
		if err != nil {
			return err
		}
		t.set(set)
		return t.quantifier()
	case c == '.':
		t.i++
		t.set(complement(ranges{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}))
		return t.quantifier()
	case c == '\\':
		return t.atomEscape()
	}
	t.literal(t.src[t.i])
	t.i++
	return t.quantifier()
}

// identifierName reports whether a group can have the name.
func identifierName(name []rune) bool {
	for i, r := range name {
		if r != '$' && r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)) {
			return false
		}
	}
	return true
}

func (t *translator) write(linear, backtracking string) {
	if t.linear {
		t.out.WriteString(linear)
	} else {
		t.out.WriteString(backtracking)
	}
}

func (t *translator) noQuantifier() error {
	if t.i < len(t.src) {
		switch t.src[t.i] {
		case '*', '+', '?':
			return errors.New("nothing to repeat")
		case '{':
			if _, _, _, ok := t.braces(); ok {
				return errors.New("nothing to repeat")
			}
		}
	}
	return nil
}

// group rewrites a group whose opening takes so many characters.
func (t *translator) group(opening int, quantifiable bool) error {
	open := string(t.src[t.i : t.i+opening])
	capturing := open == "(" || strings.HasPrefix(open, "(?<") && strings.HasSuffix(open, ">")
	wrapped := false
	switch {
	case capturing && t.linear:
		open = "(?:"
	case capturing:
		open = "("
	case open != "(?:":
		// Engines differ about repeating an assertion.
		wrapped = true
		t.out.WriteString("(?:")
	}
	t.out.WriteString(open)
	t.i += opening
	if err := t.alternatives(); err != nil {
		return err
	}
	if t.i >= len(t.src) {
		return errors.New("unterminated group")
	}
	t.i++
	t.out.WriteByte(')')
	if wrapped {
		t.out.WriteByte(')')
	}
	if quantifiable {
		return t.quantifier()
	}
	return t.noQuantifier()
}

// braces reads {n}, {n,} or {n,m} without moving.
func (t *translator) braces() (low, high string, length int, ok bool) {
	i := t.i + 1
	digits := func() string {
		start := i
		for i < len(t.src) && t.src[i] >= '0' && t.src[i] <= '9' {
			i++
		}
		return string(t.src[start:i])
	}
	if low = digits(); low == "" {
		return "", "", 0, false
	}
	high = low
	if i < len(t.src) && t.src[i] == ',' {
		i++
		high = digits()
	}
	if i >= len(t.src) || t.src[i] != '}' {
		return "", "", 0, false
	}
	return low, high, i + 1 - t.i, true
}

func (t *translator) quantifier() error {
	if t.i >= len(t.src) {
		return nil
	}
	switch c := t.src[t.i]; c {
	case '*', '+', '?':
		t.out.WriteRune(c)
		t.i++
	case '{':
		low, high, length, ok := t.braces()
		if !ok {
			return nil
		}
		n, m := clampCount(low), clampCount(high)
		if high != "" && n > m {
			return errors.New("numbers out of order in a quantifier")
		}
		switch {
		case high == "":
			fmt.Fprintf(&t.out, "{%d,}", n)
		default:
			fmt.Fprintf(&t.out, "{%d,%d}", n, m)
		}
		t.i += length
	default:
		return nil
	}
	if t.i < len(t.src) && t.src[t.i] == '?' {
		t.out.WriteByte('?')
		t.i++
	}
	return t.noQuantifier()
}

func clampCount(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil || n > 1<<31-1 {
		return 1<<31 - 1
	}
	return n
}
