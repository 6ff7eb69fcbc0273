package jsonschema

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// number is a JSON number's exact value: 0.d1d2d3… × 10^exp, where the digits are those of the text without the zeros around them. It refers to the text.
type number struct {
	neg    bool
	digits []byte // from the first digit that is not zero to the last one, perhaps with the decimal point among them; empty for zero
	count  int    // of the digits, without the point
	exp    int64  // saturated: texts are shorter than 2^40 bytes, exponents beyond ±2^60 mean no more than that
}

const maxExponent = 1 << 60

// parseNumber reads a checked JSON number.
func parseNumber(text []byte) number {
	var n number
	i := 0
	if text[0] == '-' {
		n.neg = true
		i++
	}
	end := i
	for end < len(text) && text[end]|0x20 != 'e' {
		end++
	}
	point := end // where the decimal point is or would be
	for j := i; j < end; j++ {
		if text[j] == '.' {
			point = j
		}
	}
	first, last := i, end
	for first < last && (text[first] == '0' || text[first] == '.') {
		first++
	}
	for last > first && (text[last-1] == '0' || text[last-1] == '.') {
		last--
	}
	if first == last {
		return number{}
	}
	n.digits = text[first:last]
	n.count = last - first
	if first < point && point < last {
		n.count--
	}
	if first < point {
		n.exp = int64(point - first)
	} else {
		n.exp = -int64(first - point - 1)
	}
	if end < len(text) {
		n.exp += exponent(text[end+1:])
	}
	return n
}

func exponent(text []byte) int64 {
	neg := text[0] == '-'
	if neg || text[0] == '+' {
		text = text[1:]
	}
	var e int64
	for _, c := range text {
		if e = e*10 + int64(c-'0'); e > maxExponent {
			e = maxExponent
			break
		}
	}
	if neg {
		return -e
	}
	return e
}

// isInteger reports whether the number has no fractional part.
func (n number) isInteger() bool { return n.count == 0 || n.exp >= int64(n.count) }

// compareNumbers returns -1, 0 or 1 as a is less than, equal to or greater than b.
func compareNumbers(a, b number) int {
	switch {
	case a.count == 0 && b.count == 0:
		return 0
	case a.count == 0:
		return sign(!b.neg)
	case b.count == 0:
		return sign(a.neg)
	case a.neg != b.neg:
		return sign(a.neg)
	}
	c := cmp.Compare(a.exp, b.exp)
	if c == 0 {
		c = compareDigits(a.digits, b.digits)
	}
	if a.neg {
		return -c
	}
	return c
}

func sign(negative bool) int {
	if negative {
		return -1
	}
	return 1
}

func compareDigits(a, b []byte) int {
	i, j := 0, 0
	for {
		if i < len(a) && a[i] == '.' {
			i++
		}
		if j < len(b) && b[j] == '.' {
			j++
		}
		switch {
		case i == len(a) && j == len(b):
			return 0
		case i == len(a):
			return -1
		case j == len(b):
			return 1
		case a[i] != b[j]:
			return cmp.Compare(a[i], b[j])
		}
		i++
		j++
	}
}

// integer returns the digits as an integer, so that the number is integer × 10^scale.
func (n number) integer() (i *big.Int, scale int64) {
	i = new(big.Int)
	if n.count == 0 {
		return i, 0
	}
	i.SetString(strings.ReplaceAll(string(n.digits), ".", ""), 10)
	return i, n.exp - int64(n.count)
}

// maxMultipleDigits is how many digits a number may have to be looked at for multipleOf.
const maxMultipleDigits = 100_000

// multipleOf reports whether n is an integer multiple of m, which is positive. What it does is bounded by the texts' lengths, not by the exponents.
func multipleOf(n, m number) bool {
	switch {
	case n.count == 0:
		return true
	case n.count > maxMultipleDigits:
		return false
	}
	a, scaleA := n.integer()
	b, scaleB := m.integer()
	scale := scaleA - scaleB // is a × 10^scale / b an integer?
	if scale >= 0 {
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(scale), b)
		return a.Mul(a, power).Mod(a, b).Sign() == 0
	}
	if -scale > int64(n.count) {
		return false // a ends in a digit that is not zero, and has not so many digits
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(-scale), nil)
	return a.Mod(a, b.Mul(b, power)).Sign() == 0
}

// smallInteger returns the value of a number's text that is an integer of at most 18 digits without fraction and exponent.
func smallInteger(text []byte) (int64, bool) {
	i := 0
	if text[0] == '-' {
		i++
	}
	if len(text)-i > 18 {
		return 0, false
	}
	var n int64
	for _, c := range text[i:] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if text[0] == '-' {
		return -n, true
	}
	return n, true
}

// jsNumber returns a number as JavaScript writes the double nearest to it (ECMA-262, Number::toString); null for one beyond doubles, as
// JSON.stringify has it.
func jsNumber(text string) string {
	f, _ := strconv.ParseFloat(text, 64) // out of range: ±Inf
	if math.IsInf(f, 0) {
		return "null"
	}
	if f == 0 {
		return "0"
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	if exp[1] == '0' {
		exp = exp[:1] + exp[2:]
	}
	return mantissa + "e" + exp
}
