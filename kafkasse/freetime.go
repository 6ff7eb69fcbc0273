package kafkasse

import (
	"strings"
	"time"
)

// freeTime reads dates as people and mail programs write them: "Tue, 14 Nov 2023 22:13:27 GMT", "Nov 15 2023", "11/15/2023 10:00 PM",
// "Tue Nov 14 2023 22:13:27 GMT+0100 (CET)". Words are told by their first three letters, text in parentheses is left out.
func freeTime(s string) (time.Time, bool) {
	f := free{p: parser{s: s}, month: -1, hour: -1}
	for f.p.s != "" && !f.p.bad {
		f.token()
	}
	if f.p.bad || len(f.numbers) == 0 {
		return time.Time{}, false
	}
	year, month, day, ok := f.date()
	if !ok {
		return time.Time{}, false
	}
	if f.hour < 0 {
		f.hour = 0
	}
	switch {
	case f.half != "" && (f.hour < 1 || f.hour > 12):
		return time.Time{}, false
	case f.half == "am" && f.hour == 12:
		f.hour = 0
	case f.half == "pm" && f.hour < 12:
		f.hour += 12
	}
	return date(year, month, day, f.hour, f.minute, f.second, f.nanos, f.zone)
}

type free struct {
	p       parser
	numbers []int // the date's, in order
	month   int   // by name, -1 if there was none
	hour    int   // -1: no time yet
	half    string
	zoned   bool

	minute, second, nanos, zone int
}

func (f *free) token() {
	c := f.p.s[0]
	switch {
	case c == ' ' || c == ',' || c == '/':
		f.p.s = f.p.s[1:]
	case c == '(':
		_, rest, closed := strings.Cut(f.p.s, ")")
		f.p.s, f.p.bad = rest, !closed
	case c >= '0' && c <= '9':
		f.number()
	case c == '+' || c == '-':
		f.sign()
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		f.word()
	default:
		f.p.bad = true
	}
}

func (f *free) digits() (v, n int) {
	for f.p.s != "" && f.p.s[0] >= '0' && f.p.s[0] <= '9' && n < 7 {
		v, n = v*10+int(f.p.s[0]-'0'), n+1
		f.p.s = f.p.s[1:]
	}
	return v, n
}

func (f *free) number() {
	v, _ := f.digits()
	if !f.p.take(':') {
		f.numbers = append(f.numbers, v)
		f.p.bad = f.p.bad || len(f.numbers) > 3
		return
	}
	var n int
	f.p.bad = f.hour >= 0
	f.hour = v
	f.minute, n = f.digits()
	f.p.bad = f.p.bad || n == 0
	if f.p.take(':') {
		f.second, n = f.digits()
		f.p.bad = f.p.bad || n == 0
		if f.p.take('.') {
			f.nanos = f.p.fraction()
		}
	}
}

// sign is a zone after a time, and a separator within a date.
func (f *free) sign() {
	if f.hour < 0 && !f.zoned {
		f.p.bad = !f.p.take('-')
		return
	}
	f.zone = f.p.zone()
	f.zoned = true
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// zones are the names that RFC 2822 has, in hours east of Greenwich.
var zones = map[string]int{"utc": 0, "gmt": 0, "ut": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}

func (f *free) word() {
	n := 0
	for n < len(f.p.s) && (f.p.s[n]|0x20 >= 'a' && f.p.s[n]|0x20 <= 'z') {
		n++
	}
	word := strings.ToLower(f.p.s[:n])
	f.p.s = strings.TrimPrefix(f.p.s[n:], ".")
	if hours, ok := zones[word]; ok {
		f.zone, f.zoned = 60*hours, true
		return
	}
	if word == "am" || word == "pm" {
		f.half = word
		return
	}
	for i, m := range months {
		if strings.HasPrefix(word, m) {
			f.month = i + 1
			return
		}
	}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		if strings.HasPrefix(word, day) {
			return
		}
	}
	f.p.bad = f.p.bad || word != "t" || len(f.numbers) == 0
}

// date tells year, month and day of the numbers apart.
func (f *free) date() (year, month, day int, ok bool) {
	n := f.numbers
	switch {
	case f.month > 0 && len(n) == 1:
		return 2001, f.month, n[0], true // as JavaScript has it
	case f.month > 0 && len(n) == 2 && n[0] > 31:
		return n[0], f.month, n[1], true
	case f.month > 0 && len(n) == 2:
		return fullYear(n[1]), f.month, n[0], true
	case f.month > 0 || len(n) < 2:
		return 0, 0, 0, false
	case len(n) == 2:
		return 2001, n[0], n[1], true
	case n[0] > 31:
		return n[0], n[1], n[2], true
	}
	return fullYear(n[2]), n[0], n[1], true
}

func fullYear(y int) int {
	switch {
	case y < 50:
		return 2000 + y
	case y < 100:
		return 1900 + y
	}
	return y
}
