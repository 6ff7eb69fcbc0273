package kafkasse

import (
	"slices"
	"time"
)

// parseDate reads a date as JavaScript's Date.parse does (V8's parser, which is what the clients of the reference have been using), in ms since the epoch: as
// ISO 8601 if it is that, else by rules that make sense of most of what people and mail programs write. A time without a zone is UTC.
func parseDate(s string) (ms int64, ok bool) {
	d := jsDate{in: dateScanner{s: []rune(s)}, month: none, half: none, sign: none, zoneHour: none, zoneMinute: none}
	d.in.next()
	first, ok := d.iso()
	if !ok {
		return 0, false
	}
	if first.kind != tokenEnd && !d.legacy(first) {
		return 0, false
	}
	return d.ms()
}

const none = -1 << 31

type jsDate struct {
	in     dateScanner
	number bool // one has been read

	day   []int
	month int // by name
	isISO bool

	time []int
	half int // what am or pm adds

	sign, zoneHour, zoneMinute int
}

func between(n, low, high int) bool { return n >= low && n <= high }

func (d *jsDate) addDay(n int) bool {
	d.day = append(d.day, n)
	return len(d.day) <= 3
}

func (d *jsDate) addTime(n int) bool {
	d.time = append(d.time, n)
	return len(d.time) <= 4
}

func (d *jsDate) endTime(n int) {
	for d.time = append(d.time, n); len(d.time) < 4; {
		d.time = append(d.time, 0)
	}
}

func (d *jsDate) setZone(hours int) {
	d.sign, d.zoneHour, d.zoneMinute = 1, hours, 0
	if hours < 0 {
		d.sign, d.zoneHour = -1, -hours
	}
}

// iso reads ISO 8601 as ECMAScript defines it. It returns the end, or the token with which the other rules go on; false if neither will do.
func (d *jsDate) iso() (token dateToken, ok bool) {
	in := &d.in
	switch {
	case in.peek.isSign():
		sign := in.next()
		if !in.peek.isNumber(6) || sign.symbol == '-' && in.peek.n == 0 {
			return sign, true
		}
		year := in.next().n
		if sign.symbol == '-' {
			year = -year
		}
		d.addDay(year)
	case in.peek.isNumber(4):
		d.addDay(in.next().n)
	default:
		return in.next(), true
	}
	if in.skip('-') {
		if !in.peek.isNumber(2) || !between(in.peek.n, 1, 12) {
			return in.next(), true
		}
		d.addDay(in.next().n)
		if in.skip('-') {
			if !in.peek.isNumber(2) || !between(in.peek.n, 1, 31) {
				return in.next(), true
			}
			d.addDay(in.next().n)
		}
	}
	switch {
	case in.peek.kind == tokenWord && in.peek.word == wordT:
		in.next()
		if !d.isoTime() {
			return token, false
		}
	case in.peek.kind != tokenEnd:
		return in.next(), true
	default:
		d.setZone(0)
	}
	d.isISO = true
	return in.next(), true
}

// isoTime reads what follows the T, to the end.
func (d *jsDate) isoTime() bool {
	in := &d.in
	most := 24
	for i, limit := range []int{24, 59, 59} {
		if i > 0 && !in.skip(':') {
			if i == 1 {
				return false
			}
			break
		}
		if most == 0 {
			limit = 0
		}
		if !in.peek.isNumber(2) || in.peek.n > limit {
			return false
		}
		if i == 0 && in.peek.n == 24 { // midnight: the rest is zero
			most = 0
		}
		d.addTime(in.next().n)
	}
	if len(d.time) == 3 && in.skip('.') {
		if in.peek.kind != tokenNumber || most == 0 && in.peek.n > 0 {
			return false
		}
		d.addTime(in.next().milliseconds())
	}
	switch {
	case in.peek.isZ():
		in.next()
		d.setZone(0)
	case in.peek.isSign():
		if !d.isoZone() {
			return false
		}
	}
	return in.peek.kind == tokenEnd
}

func (d *jsDate) isoZone() bool {
	in := &d.in
	d.setSign(in.next())
	if in.peek.isNumber(4) {
		n := in.next().n
		d.zoneHour, d.zoneMinute = n/100, n%100
		return d.zoneHour < 24 && d.zoneMinute < 60
	}
	if !in.peek.isNumber(2) || in.peek.n > 23 {
		return false
	}
	d.zoneHour = in.next().n
	if !in.skip(':') || !in.peek.isNumber(2) || in.peek.n > 59 {
		return false
	}
	d.zoneMinute = in.next().n
	return true
}

func (d *jsDate) setSign(t dateToken) {
	if d.sign = 1; t.symbol == '-' {
		d.sign = -1
	}
}

// legacy reads everything else, from a token on.
func (d *jsDate) legacy(t dateToken) bool {
	d.number = len(d.day) > 0
	for ; t.kind != tokenEnd; t = d.in.next() {
		ok := true
		switch {
		case t.kind == tokenNumber:
			d.number = true
			ok = d.legacyNumber(t)
		case t.kind == tokenWord:
			ok = d.legacyWord(t)
		case t.isSign() && (d.zoneHour == 0 && d.zoneMinute == 0 || len(d.time) > 0):
			ok = d.legacyZone(t)
		case t.isSign() || t.symbol == ')':
			ok = !d.number
		}
		if !ok {
			return false
		}
	}
	return true
}

func (d *jsDate) legacyNumber(t dateToken) bool {
	in := &d.in
	expected := false // as the next part of a time that has begun
	if k := len(d.time); k >= 1 && k <= 3 {
		expected = t.n <= [...]int{59, 59, 999}[k-1]
	}
	switch {
	case in.skip(':'):
		if in.skip(':') {
			if len(d.time) > 0 {
				return false
			}
			d.addTime(t.n)
			d.addTime(0)
			return true
		}
		if !d.addTime(t.n) {
			return false
		}
		in.skip('.')
	case in.skip('.') && expected:
		d.addTime(t.n)
		if in.peek.kind != tokenNumber {
			return false
		}
		d.endTime(in.next().milliseconds())
	case d.zoneHour != none && d.zoneMinute == none && t.n <= 59:
		d.zoneMinute = t.n
	case expected:
		d.endTime(t.n)
		return in.peek.kind == tokenEnd || in.peek.kind == tokenSpace || in.peek.isZ() || in.peek.isSign()
	default:
		if !d.addDay(t.n) {
			return false
		}
		in.skip('-')
	}
	return true
}

func (d *jsDate) legacyWord(t dateToken) bool {
	switch {
	case t.word == wordHalf && len(d.time) > 0:
		d.half = t.n
	case t.word == wordMonth:
		d.month = t.n
		d.in.skip('-')
	case t.word == wordZone && d.number:
		d.setZone(t.n)
	default: // any word may stand before the first number, if it does not touch it
		return !d.number && d.in.peek.kind != tokenNumber
	}
	return true
}

// legacyZone reads the hours and minutes after a sign.
func (d *jsDate) legacyZone(sign dateToken) bool {
	in := &d.in
	d.setSign(sign)
	n, length := 0, 0
	if in.peek.kind == tokenNumber {
		n, length = in.peek.n, in.peek.length
		in.next()
	}
	d.number = true
	switch {
	case in.peek.symbol == ':':
		d.zoneHour, d.zoneMinute = n, none
	case length == 1 || length == 2:
		d.zoneHour, d.zoneMinute = n, 0
	case length == 3 || length == 4:
		d.zoneHour, d.zoneMinute = n/100, n%100
	default:
		return false
	}
	return true
}

// maxDate is the last millisecond that a JavaScript Date can be.
const maxDate = 8_640_000_000_000_000

// ms is the date that has been read.
func (d *jsDate) ms() (int64, bool) {
	if len(d.day) == 0 {
		return 0, false
	}
	c := append(slices.Clip(d.day), 1, 1)[:3]
	year, month, day := c[2], c[0], c[1]
	isDay := between(c[0], 1, 31)
	switch {
	case d.month == none && (d.isISO || !isDay):
		year, month, day = c[0], c[1], c[2]
	case d.month == none:
	case len(d.day) > 0 && !isDay:
		year, month, day = c[0], d.month, c[1]
	default:
		year, month, day = c[1], d.month, c[0]
	}
	switch {
	case d.isISO:
	case between(year, 0, 49):
		year += 2000
	case between(year, 50, 99):
		year += 1900
	}
	t := append(slices.Clip(d.time), 0, 0, 0, 0)[:4]
	hour := t[0]
	if d.half != none {
		if hour > 12 {
			return 0, false
		}
		hour = hour%12 + d.half
	}
	if !between(month, 1, 12) || !between(day, 1, 31) || t[1] > 59 || t[2] > 59 || t[3] > 999 || hour > 24 || hour == 24 && t[1]+t[2]+t[3] > 0 {
		return 0, false
	}
	zone := 0
	if d.sign != none {
		zone = d.sign * (max(d.zoneHour, 0)*60 + max(d.zoneMinute, 0))
	}
	ms := time.Date(year, time.Month(month), day, hour, t[1]-zone, t[2], t[3]*1e6, time.UTC).UnixMilli()
	return ms, between(year, -300_000, 300_000) && ms >= -maxDate && ms <= maxDate
}
