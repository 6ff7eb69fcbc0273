package jsonschema

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// pattern is a regular expression of ECMA-262 without flags, as the keywords pattern and patternProperties have it. It matches UTF-16 code units.
//
// RE2 does the work where it can say the same, a table where it is small and the text is ASCII. Look-around and back-references are
// left to a backtracking engine, which gives up after matchTimeout: the text then does not match.
type pattern struct {
	table        *dfa
	linear       *regexp.Regexp
	backtracking *regexp2.Regexp
}

// matchTimeout bounds the match of a pattern that RE2 cannot express.
const matchTimeout = 100 * time.Millisecond

// maxPattern is the length in bytes of the longest pattern that is compiled.
const maxPattern = 64 << 10

// maxInstructions is the size of the largest program that a pattern may become for RE2: matching takes as many steps for every byte at worst.
const maxInstructions = 5000

func instructions(expr string) int {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0
	}
	return len(prog.Inst)
}

// pattern compiles a regular expression.
func (c *compiler) pattern(p place, text string) (*pattern, error) {
	if done, ok := c.patterns[text]; ok {
		return done, nil
	}
	if len(text) > maxPattern {
		return nil, p.fail("the pattern is longer than %d bytes", maxPattern)
	}
	re, err := compilePattern(text)
	if err != nil {
		return nil, p.fail("invalid pattern %q: %v", text, err)
	}
	c.patterns[text] = re
	return re, nil
}

func compilePattern(text string) (*pattern, error) {
	t, err := translate(text, true)
	if err != nil {
		return nil, err
	}
	if !t.backtracks {
		if re, err := regexp.Compile(t.String()); err == nil {
			if instructions(t.String()) > maxInstructions {
				return nil, fmt.Errorf("larger than %d instructions when its repetitions are spelled out", maxInstructions)
			}
			return &pattern{linear: re, table: newDFA(t.String())}, nil
		}
	}
	if t, err = translate(text, false); err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(t.String(), regexp2.ECMAScript)
	if err != nil {
		return nil, fmt.Errorf("not supported: %w", err)
	}
	re.MatchTimeout = matchTimeout
	return &pattern{backtracking: re}, nil
}

// timeoutSteps is what a match that was given up counts for.
const timeoutSteps = 1 << 16

// match reports whether the pattern matches somewhere in the text. A match that takes too long takes many of the steps; without steps nothing matches.
func (p *pattern) match(text []byte, steps *int) bool {
	if p.table != nil {
		if matched, ascii := p.table.match(text); ascii {
			return matched
		}
	}
	if p.linear != nil {
		if !beyondBMP(text) {
			return p.linear.Match(text)
		}
		buf := unitBuffers.Get().(*[]byte)
		defer unitBuffers.Put(buf)
		*buf = appendUnits((*buf)[:0], text)
		return p.linear.Match(*buf)
	}
	if *steps < 0 {
		return false
	}
	matched, err := p.backtracking.MatchString(string(appendUnits(nil, text)))
	if err != nil {
		*steps -= timeoutSteps
	}
	return err == nil && matched
}

var unitBuffers = sync.Pool{New: func() any { return new([]byte) }}

// beyondBMP reports whether a text has code points above U+FFFF or halves of surrogate pairs.
func beyondBMP(text []byte) bool {
	for i, c := range text {
		if c >= 0xf0 || c == 0xed && i+1 < len(text) && text[i+1] >= 0xa0 {
			return true
		}
	}
	return false
}

// A UTF-16 surrogate is no code point, so that no engine takes it for one. As no other code points above U+FFFF are left, the surrogates are
// put where those were, in patterns and in texts.
const surrogateShift = 0x100000 - 0xd800

// appendUnits appends the UTF-16 code units of a text in UTF-8, surrogates shifted.
func appendUnits(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n == 1 && i+2 < len(text): // half a pair
			r, n = rune(text[i]&0x0f)<<12|rune(text[i+1]&0x3f)<<6|rune(text[i+2]&0x3f), 3
			dst = utf8.AppendRune(dst, r+surrogateShift)
		case r > 0xffff:
			r -= 0x10000
			dst = utf8.AppendRune(dst, 0xd800+r>>10+surrogateShift)
			dst = utf8.AppendRune(dst, 0xdc00+r&0x3ff+surrogateShift)
		default:
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst
}
