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
	return compile(name[1:end], name[end+1:])
}

// CompilePattern reads a regular expression, bare or as /body/flags, as other settings of the Node.js services have them: with look-ahead and
// back-references if need be, in bounded time. matches reports whether it is found in a text.
func CompilePattern(text string) (matches func(text string) bool, err error) {
	p, err := compilePattern(text)
	if !strings.HasPrefix(text, "/") || err != nil {
		p, err = compile(text, "")
	}
	if err != nil {
		return nil, err
	}
	return p.matches, nil
}

func compile(body, flags string) (*pattern, error) {
	p := &pattern{body: body, flags: flags}
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
	if expr, err = translateEscapes(p.body); err != nil {
		return "", "", err
	}
	end := ""
	if strings.Contains(p.flags, "x") {
		end = "\n" // of a comment
	}
	for _, flag := range p.flags {
		switch flag {
		case 'i', 's', 'm', 'U':
			goFlags += string(flag)
		case 'A':
			expr = `\A(?:` + expr + end + `)`
		case 'x':
			// Go has no such flag: an impossible one makes it refuse the pattern, so that the other engine takes it.
			goFlags += "x"
		case 'u', 'D', 'S', 'X', 'n', 'J', ' ', '\n', '\r':
			// Texts are always UTF-8 here and $ is always the very end; the others are advice to PCRE, or no flags at all.
		default:
			return "", "", fmt.Errorf("%q is no flag of a regular expression", flag)
		}
	}
	if goFlags != "" {
		goFlags = "(?" + goFlags + ")"
	}
	return expr, goFlags, nil
}

// escapesOfPCRE are the escapes that mean something else to Go or nothing: outside a class, and inside one ("" is refused).
var escapesOfPCRE = map[byte][2]string{
	'h': {`[\t \x{a0}]`, `\t \x{a0}`},
	'H': {`[^\t \x{a0}]`, ""},
	'v': {`[\n\x0b\f\r\x{85}\x{2028}\x{2029}]`, `\n\x0b\f\r\x{85}\x{2028}\x{2029}`},
	'V': {`[^\n\x0b\f\r\x{85}\x{2028}\x{2029}]`, ""},
	'N': {`[^\n]`, ""},
	'R': {`(?:\r\n|[\n\x0b\f\r\x{85}\x{2028}\x{2029}])`, ""},
	'G': {`\A`, ""},
	'e': {`\x1b`, `\x1b`},
	'K': {`(?:)`, ""}, // where the match begins is nothing that is asked
	'X': {"", ""},
	'g': {"", ""},
}

// translateEscapes writes PCRE's own escapes in the words of Go.
func translateEscapes(body string) (string, error) {
	if !strings.Contains(body, `\`) {
		return body, nil
	}
	var b strings.Builder
	class := -1 // where the class that is open began
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c != '\\' || i+1 == len(body) {
			switch {
			case class < 0 && c == '[':
				class = i
			case class >= 0 && c == '[' && strings.HasPrefix(body[i:], "[:") && strings.Contains(body[i:], ":]"):
				end := i + strings.Index(body[i:], ":]") + 2
				b.WriteString(body[i:end])
				i = end - 1
				continue
			case c == ']' && class >= 0 && i > class+1 && body[class:i] != "[^":
				class = -1
			}
			b.WriteByte(c)
			continue
		}
		if end := strings.Index(body[i:], `\E`); body[i+1] == 'Q' {
			if end < 0 {
				end = len(body) - i
			}
			b.WriteString(regexp.QuoteMeta(body[i+2 : i+end]))
			i = min(i+end+1, len(body))
			continue
		}
		i++
		with, own := escapesOfPCRE[body[i]]
		if !own {
			b.WriteString(body[i-1 : i+1])
			continue
		}
		text := with[0]
		if class >= 0 {
			text = with[1]
		}
		if text == "" {
			return "", fmt.Errorf(`\%c cannot be used here: no engine here has it`, body[i])
		}
		b.WriteString(text)
	}
	return b.String(), nil
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
