package jsonschema

import "encoding/binary"

// date checks a full-date (RFC 3339); ajv's fast form knows neither months nor days.
func date(text []byte) acceptance {
	if len(text) != 10 {
		return nobody
	}
	return dateAt(text)
}

// dateAt checks the date that the text begins with; the text has ten bytes at least.
func dateAt(text []byte) acceptance {
	_ = text[9]
	if !isDigit(text[0]) || !isDigit(text[1]) || !isDigit(text[2]) || !isDigit(text[3]) || text[4] != '-' || text[5]-'0' > 1 || !isDigit(text[6]) ||
		text[7] != '-' || text[8]-'0' > 3 || !isDigit(text[9]) {
		return nobody
	}
	month, day := two(text[5:]), two(text[8:])
	if month == 0 || month > 12 || day == 0 || day > 28 && day > daysIn(two(text)*100+two(text[2:]), month) {
		return fast
	}
	return both
}

func two(text []byte) int { return int(text[0]-'0')*10 + int(text[1]-'0') }

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// clock checks a full-time (RFC 3339); ajv's fast form does not ask for a zone and knows hours only up to 29.
func clock(text []byte) acceptance { return clockAt(text, false) }

// dateTime checks a date-time (RFC 3339); ajv's fast form takes any white space for the T.
func dateTime(text []byte) acceptance {
	if isUsualTime(text) {
		return both
	}
	if len(text) < 17 {
		return nobody
	}
	who := dateAt(text)
	if who == nobody {
		return nobody
	}
	n := 1
	if text[10]|0x20 != 't' {
		if n = spaceAt(text, 10); n == 0 {
			return nobody
		}
		who &= fast
	}
	return who & clockAt(text[10+n:], true)
}

// isUsualTime recognises the form in which nearly all times come: 2020-02-20T20:02:20Z, perhaps with a fraction, on a day that every month has.
func isUsualTime(text []byte) bool {
	if len(text) < 20 || text[len(text)-1] != 'Z' {
		return false
	}
	if !matches(text, dateTemplate) || !matches(text[8:], dayTemplate) || !matches(text[11:], timeTemplate) {
		return false
	}
	month, day := two(text[5:]), two(text[8:])
	if month == 0 || month > 12 || day == 0 || day > 28 || two(text[11:]) > 23 || text[14] > '5' || text[17] > '5' {
		return false
	}
	if len(text) == 20 {
		return true
	}
	fraction := text[20 : len(text)-1]
	if text[19] != '.' || len(fraction) == 0 {
		return false
	}
	for _, c := range fraction {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// template is eight bytes to compare with: where it has a 0 any digit will do.
type template struct{ word, slack uint64 }

var dateTemplate, dayTemplate, timeTemplate = newTemplate("0000-00-"), newTemplate("00T00:00"), newTemplate("00:00:00")

func newTemplate(form string) template {
	t := template{word: binary.LittleEndian.Uint64([]byte(form))}
	for i := range 8 {
		// What is added to the difference of two bytes so that the high bit tells whether it is too large.
		slack := uint64(0x7f)
		if form[i] == '0' {
			slack = 0x7f - 9
		}
		t.slack |= slack << (8 * i)
	}
	return t
}

// matches reports whether the text begins as the template says.
func matches(text []byte, t template) bool {
	difference := binary.LittleEndian.Uint64(text) ^ t.word // of a digit and '0': its value, or more than 9 for any other byte
	return (difference|(difference&^highBits+t.slack))&highBits == 0
}

const highBits = 0x8080808080808080

// clockAt checks the time of day; without zone only the fast form accepts it, if it may be missing.
func clockAt(text []byte, zone bool) acceptance {
	if len(text) < 8 || text[0]-'0' > 2 || !isDigit(text[1]) || text[2] != ':' || !isDigit(text[3]) || !isDigit(text[4]) || text[5] != ':' ||
		!isDigit(text[6]) || !isDigit(text[7]) {
		return nobody
	}
	hour, minute, second := two(text), two(text[3:]), two(text[6:])
	rest := text[8:]
	if minute > 59 || second > 60 {
		return nobody
	}
	if len(rest) > 0 && rest[0] == '.' {
		n := 1
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		if n == 1 {
			return nobody
		}
		rest = rest[n:]
	}
	who, offset := zoneAt(rest, zone)
	if hour > 23 {
		who &= fast
	}
	if second == 60 {
		// A leap second is the last one of a day in UTC; for ajv, of a day anywhere.
		if hour != 23 || minute != 59 {
			who &^= fast
		}
		if utc := hour*60 + minute - offset; (utc+2*24*60)%(24*60) != 23*60+59 {
			who &^= strict
		}
	}
	return who
}

// zoneAt checks a time zone and returns its offset in minutes.
func zoneAt(text []byte, needed bool) (who acceptance, offset int) {
	switch {
	case len(text) == 0:
		return fast.only(!needed), 0
	case len(text) == 1:
		return both.only(text[0]|0x20 == 'z'), 0
	case len(text) < 3 || text[0] != '+' && text[0] != '-' || !isDigit(text[1]) || !isDigit(text[2]):
		return nobody, 0
	}
	who = both
	hours, minutes := two(text[1:]), 0
	rest := text[3:]
	if len(rest) != 3 || rest[0] != ':' {
		who = fast // +hh and +hhmm
	} else {
		rest = rest[1:]
	}
	if len(rest) > 0 {
		if len(rest) != 2 || !isDigit(rest[0]) || !isDigit(rest[1]) {
			return nobody, 0
		}
		minutes = two(rest)
	}
	if hours > 23 || minutes > 59 {
		who &= fast
	}
	offset = hours*60 + minutes
	if text[0] == '-' {
		offset = -offset
	}
	return who, offset
}
