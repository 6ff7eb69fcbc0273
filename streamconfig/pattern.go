package streamconfig

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// matchTimeout bounds the time that one backtracking pattern may take for one name. Real patterns take microseconds.
const matchTimeout = 20 * time.Millisecond

// pattern is a regular expression of a stream's name: /body/flags, as PHP reads it. Patterns that Go's regexp can express run in linear time;
// only the others (look-ahead, back-references) are left to a backtracking engine, with a bound on its time.
type pattern struct {
	body, flags string
	linear      *regexp.Regexp
	backtrack   *regexp2.Regexp
}

// compilePattern reads a name that begins with "/".
func compilePattern(name string) (*pattern, error) {
	end := closingSlash(name)
	if end < 0 {
		return nil, errors.New(`it has no closing "/"`)
	}
	p := &pattern{body: name[1:end], flags: name[end+1:]}
	expr, goFlags, err := p.translate()
	if err != nil {
		return nil, err
	}
	p.linear, err = regexp.Compile(goFlags + expr)
	if err == nil {
		return p, nil
	}
	options := regexp2.RegexOptions(regexp2.RE2)
	for _, flag := range p.flags {
		switch flag {
		case 'i':
			options |= regexp2.IgnoreCase
		case 'm':
			options |= regexp2.Multiline
		case 's':
			options |= regexp2.Singleline
		case 'x':
			options |= regexp2.IgnorePatternWhitespace
		}
	}
	backtrack, err2 := regexp2.Compile(expr, options)
	if err2 != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	p.linear = nil
	backtrack.MatchTimeout = matchTimeout
	p.backtrack = backtrack
	return p, nil
}

// closingSlash is the index of the first slash after the opening one that is not escaped; -1 if there is none.
func closingSlash(name string) int {
	for i := 1; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case '/':
			return i
		}
	}
	return -1
}

// translate turns PCRE's body and flags into what Go reads.
func (p *pattern) translate() (expr, goFlags string, err error) {
	expr = p.body
	for _, flag := range p.flags {
		switch flag {
		case 'i', 's', 'm', 'U':
			goFlags += string(flag)
		case 'A':
			expr = `^(?:` + expr + `)`
		case 'x':
			// Go has no such flag: an impossible one makes it refuse the pattern, so that the other engine takes it.
			goFlags += "x"
		case 'u', 'D', 'S', 'X', 'n':
			// Texts are always UTF-8 here and $ is always the very end; the others are advice to PCRE.
		default:
			return "", "", fmt.Errorf("%q is no flag of a regular expression", flag)
		}
	}
	if goFlags != "" {
		goFlags = "(?" + goFlags + ")"
	}
	return expr, goFlags, nil
}

// matches reports whether the pattern is found in a name. A pattern that takes too long does not match.
func (p *pattern) matches(name string) bool {
	if p.linear != nil {
		return p.linear.MatchString(name)
	}
	ok, err := p.backtrack.MatchString(name)
	return err == nil && ok
}

// topicsPattern is the regular expression of the topics of a regex stream: the prefixes as a group behind a leading ^. As in the reference, whose
// answer clients compare, flags end up inside the slashes.
func topicsPattern(name string, prefixes []string) string {
	body, anchor := strings.Trim(name, "/"), ""
	if strings.HasPrefix(body, "^") {
		body, anchor = body[1:], "^"
	}
	quoted := make([]string, len(prefixes))
	for i, prefix := range prefixes {
		quoted[i] = quotePattern(prefix)
	}
	return "/" + anchor + "(" + strings.Join(quoted, "|") + ")" + body + "/"
}

// quotePattern escapes what PHP's preg_quote escapes.
func quotePattern(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`.\+*?[^]$(){}=!<>|:-#`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
