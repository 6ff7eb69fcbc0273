package streamconfig

import (
	"math"
	"strconv"
	"strings"
)

// phpText is a scalar as PHP casts it to a string, which is how constraints compare: true is "1", false and null are "", a fraction has at most 14
// digits, large and tiny ones have an exponent like 1.0E-7.
func phpText(v *value) string {
	switch v.kind {
	case kindString:
		return v.text
	case kindNumber:
		return phpNumber(v.text)
	case kindBool:
		if v.text == "true" {
			return "1"
		}
	}
	return ""
}

func phpNumber(literal string) string {
	if !strings.ContainsAny(literal, ".eE") {
		if n, err := strconv.ParseInt(literal, 10, 64); err == nil && literal != "-0" {
			return strconv.FormatInt(n, 10)
		}
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil && math.IsInf(f, 0) {
		if f < 0 {
			return "-INF"
		}
		return "INF"
	}
	const precision = 14
	digits := strconv.FormatFloat(f, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(digits, "e")
	exp, _ := strconv.Atoi(exponent)
	if exp >= -4 && exp < precision {
		fixed := strconv.FormatFloat(f, 'f', max(precision-1-exp, 0), 64)
		if strings.Contains(fixed, ".") {
			fixed = strings.TrimRight(strings.TrimRight(fixed, "0"), ".")
		}
		return fixed
	}
	mantissa = strings.TrimRight(mantissa, "0")
	if strings.HasSuffix(mantissa, ".") {
		mantissa += "0"
	}
	sign := "+"
	if exp < 0 {
		sign, exp = "-", -exp
	}
	return mantissa + "E" + sign + strconv.Itoa(exp)
}
