package kafkasse

import (
	"strings"
	"unicode"
)

// dateToken is a piece of a date's text.
type dateToken struct {
	kind   tokenKind
	symbol rune // tokenSymbol
	n      int  // tokenNumber; tokenWord: the month, hours
	length int  // in characters
	word   wordKind
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenNumber
	tokenSymbol // : - + . )
	tokenWord
	tokenSpace
	tokenOther
)

type wordKind uint8

const (
	wordOther wordKind = iota
	wordMonth
	wordHalf // am or pm
	wordZone
	wordT
)

// dateWords are told by their first three letters; only months may go on after them.
var dateWords = map[string]dateToken{
	"jan": {word: wordMonth, n: 1}, "feb": {word: wordMonth, n: 2}, "mar": {word: wordMonth, n: 3}, "apr": {word: wordMonth, n: 4},
	"may": {word: wordMonth, n: 5}, "jun": {word: wordMonth, n: 6}, "jul": {word: wordMonth, n: 7}, "aug": {word: wordMonth, n: 8},
	"sep": {word: wordMonth, n: 9}, "oct": {word: wordMonth, n: 10}, "nov": {word: wordMonth, n: 11}, "dec": {word: wordMonth, n: 12},
	"am": {word: wordHalf}, "pm": {word: wordHalf, n: 12}, "t": {word: wordT},
	"ut": {word: wordZone}, "utc": {word: wordZone}, "z": {word: wordZone}, "gmt": {word: wordZone},
	"est": {word: wordZone, n: -5}, "edt": {word: wordZone, n: -4}, "cst": {word: wordZone, n: -6}, "cdt": {word: wordZone, n: -5},
	"mst": {word: wordZone, n: -7}, "mdt": {word: wordZone, n: -6}, "pst": {word: wordZone, n: -8}, "pdt": {word: wordZone, n: -7},
}

func (t dateToken) isNumber(length int) bool { return t.kind == tokenNumber && t.length == length }
func (t dateToken) isSign() bool             { return t.symbol == '+' || t.symbol == '-' }
func (t dateToken) isZ() bool                { return t.kind == tokenWord && t.word == wordZone && t.length == 1 }

const significant = 9 // digits of a number that count

// milliseconds are the first three digits of a fraction.
func (t dateToken) milliseconds() int {
	n := t.n
	for i := t.length; i < 3; i++ {
		n *= 10
	}
	for i := min(t.length, significant); i > 3; i-- {
		n /= 10
	}
	return n
}

// dateScanner cuts a text into tokens.
type dateScanner struct {
	s    []rune
	peek dateToken
}

// next moves to the next token and returns the one before it.
func (in *dateScanner) next() dateToken {
	t := in.peek
	in.peek = in.scan()
	return t
}

// skip moves over a symbol, if it comes next.
func (in *dateScanner) skip(symbol rune) bool {
	if in.peek.symbol != symbol {
		return false
	}
	in.next()
	return true
}

// while takes characters of a kind.
func (in *dateScanner) while(kind func(rune) bool) []rune {
	n := 0
	for n < len(in.s) && kind(in.s[n]) {
		n++
	}
	taken := in.s[:n]
	in.s = in.s[n:]
	return taken
}

func isDigit(c rune) bool      { return c >= '0' && c <= '9' }
func isDateSpace(c rune) bool  { return unicode.IsSpace(c) && c != 0x85 || c == 0xfeff }
func isDateLetter(c rune) bool { return c >= 'A' && !isDateSpace(c) }

func (in *dateScanner) scan() dateToken {
	if len(in.s) == 0 {
		return dateToken{}
	}
	switch c := in.s[0]; {
	case isDigit(c):
		digits := in.while(isDigit)
		t := dateToken{kind: tokenNumber, length: len(digits)}
		for _, c := range strings.TrimLeft(string(digits), "0") {
			if t.n < 1e8 {
				t.n = 10*t.n + int(c-'0')
			}
		}
		return t
	case strings.ContainsRune(":-+.)", c):
		in.s = in.s[1:]
		return dateToken{kind: tokenSymbol, symbol: c}
	case isDateLetter(c):
		word := in.while(isDateLetter)
		lower := strings.ToLower(string(word[:min(3, len(word))]))
		t := dateWords[lower]
		if len(word) > 3 && t.word != wordMonth {
			t = dateToken{}
		}
		t.kind, t.length = tokenWord, len(word)
		return t
	case isDateSpace(c):
		in.while(isDateSpace)
		return dateToken{kind: tokenSpace}
	case c == '(':
		in.parentheses()
	default:
		in.s = in.s[1:]
	}
	return dateToken{kind: tokenOther}
}

// parentheses skips them with what they hold, also if they are not closed.
func (in *dateScanner) parentheses() {
	depth := 0
	for i, c := range in.s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			in.s = in.s[i+1:]
			return
		}
	}
	in.s = nil
}
