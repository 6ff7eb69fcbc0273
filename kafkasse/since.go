package kafkasse

import (
	"math"
	"strconv"
	"strings"
)

// maxTime bounds times, in ms since the epoch: what lies further off is the end.
const maxTime = 1 << 61

// ParseTime reads a time as the since parameter takes it, in ms since the epoch: a number is milliseconds, in every form in which JavaScript reads
// numbers; everything else is a date as JavaScript's Date.parse reads it: ISO 8601, RFC 2822, English. A time without a zone is UTC.
func ParseTime(s string) (ms int64, ok bool) {
	if ms, ok := number(s); ok {
		return ms, true
	}
	return parseDate(s)
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
