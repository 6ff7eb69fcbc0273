package kafkasse

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxTime bounds times, in ms since the epoch: what lies further off is the end.
const maxTime = 1 << 61

// ParseTime reads a time as the since parameter takes it, in ms since the epoch: a number is milliseconds, in every form in which JavaScript reads
// numbers; else an ISO 8601 or RFC 2822 date or an English one as JavaScript's Date.parse reads them. A time without a zone is UTC.
func ParseTime(s string) (ms int64, ok bool) {
	if ms, ok := number(s); ok {
		return ms, true
	}
	if t, ok := isoTime(s); ok {
		return t.UnixMilli(), true
	}
	if t, ok := freeTime(s); ok {
		return t.UnixMilli(), true
	}
	return 0, false
}

// number reads what JavaScript's Number() makes of a text. White space alone is 0.
func number(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	if len(s) > 2 && s[0] == '0' {
		if base := map[byte]int{'x': 16, 'X': 16, 'o': 8, 'O': 8, 'b': 2, 'B': 2}[s[1]]; base != 0 {
			if n, err := strconv.ParseUint(s[2:], base, 64); err == nil {
				return int64(min(n, maxTime)), true
			}
			return 0, false
		}
	}
	switch s {
	case "Infinity", "+Infinity":
		return maxTime, true
	case "-Infinity":
		return -maxTime, true
	}
	for i := range len(s) { // ParseFloat reads more than JavaScript does
		if c := s[i]; (c < '0' || c > '9') && !strings.ContainsRune("+-.eE", rune(c)) {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return int64(min(max(f, -maxTime), maxTime)), true
}

// isoTime reads ISO 8601 as ECMAScript defines it: the year has four digits, or six and a sign; month and day may be left out, and so may seconds
// and their fraction. T and Z may be in lower case, T may be a space.
func isoTime(s string) (time.Time, bool) {
	p := parser{s: s}
	sign, long := 1, false
	if p.take('+') {
		long = true
	} else if p.take('-') {
		sign, long = -1, true
	}
	digits := 4
	if long {
		digits = 6
	}
	year, month, day := sign*p.digits(digits), 1, 1
	if p.take('-') {
		if month = p.digits(2); p.take('-') {
			day = p.digits(2)
		}
	}
	var hour, minute, second, nanos, zone int
	if p.take('T') || p.take('t') || (strings.Contains(p.s, ":") && p.take(' ')) {
		hour = p.digits(2)
		p.need(':')
		minute = p.digits(2)
		if p.take(':') {
			second = p.digits(2)
			if p.take('.') {
				nanos = p.fraction()
			}
		}
		zone = p.zone()
	}
	if p.bad || p.s != "" || year == 0 && sign < 0 {
		return time.Time{}, false
	}
	return date(year, month, day, hour, minute, second, nanos, zone)
}

// date makes a time if its parts are in range. The day may be one that the month does not have, as long as it is at most 31; hour 24 is midnight.
func date(year, month, day, hour, minute, second, nanos, zone int) (time.Time, bool) {
	if month < 1 || month > 12 || day < 1 || day > 31 || minute > 59 || second > 59 || hour > 24 || (hour == 24 && minute+second+nanos > 0) {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute-zone, second, nanos, time.UTC), true
}

// parser reads a text from its beginning; bad is set when something is not as it should be.
type parser struct {
	s   string
	bad bool
}

func (p *parser) take(c byte) bool {
	if p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

func (p *parser) need(c byte) {
	if !p.take(c) {
		p.bad = true
	}
}

// digits reads exactly n digits.
func (p *parser) digits(n int) (v int) {
	for range n {
		if p.s == "" || p.s[0] < '0' || p.s[0] > '9' {
			p.bad = true
			return 0
		}
		v = v*10 + int(p.s[0]-'0')
		p.s = p.s[1:]
	}
	return v
}

// fraction reads the digits of a fraction of a second, as nanoseconds.
func (p *parser) fraction() (nanos int) {
	scale := 100_000_000
	n := 0
	for p.s != "" && p.s[0] >= '0' && p.s[0] <= '9' {
		nanos += int(p.s[0]-'0') * scale
		scale /= 10
		n++
		p.s = p.s[1:]
	}
	p.bad = p.bad || n == 0
	return nanos
}

// zone reads Z or ±hh:mm or ±hhmm, in minutes east of Greenwich. Nothing is UTC.
func (p *parser) zone() (minutes int) {
	sign := 1
	switch {
	case p.take('Z'), p.take('z'), p.s == "":
		return 0
	case p.take('-'):
		sign = -1
	case !p.take('+'):
		p.bad = true
		return 0
	}
	minutes = 60 * p.digits(2)
	p.take(':')
	minutes += p.digits(2)
	return sign * minutes
}
