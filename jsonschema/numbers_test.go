package jsonschema

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	runChecks(t, Options{}, []check{
		{`{"maximum":9007199254740991}`, `9007199254740991`, ""},
		{`{"maximum":9007199254740991}`, `9007199254740991.1`, "'' should be <= 9007199254740991"},
		{`{"maximum":9007199254740991}`, `9007199254740992`, "'' should be <= 9007199254740991"},
		{`{"minimum":-1}`, `-1.0000000000000000000001`, "'' should be >= -1"},
		{`{"minimum":0}`, `-0`, ""},
		{`{"maximum":1e3}`, `1000.0`, ""},
		{`{"maximum":1e3}`, `1e4`, "'' should be <= 1000"},
		{`{"maximum":0.1}`, `1e-1`, ""},
		{`{"exclusiveMaximum":2}`, `2`, "'' should be < 2"},
		{`{"exclusiveMaximum":2}`, `1.9999999999999999999`, ""},
		{`{"exclusiveMinimum":2}`, `2.0`, "'' should be > 2"},
		{`{"exclusiveMinimum":2}`, `3`, ""},
		{`{"maximum":2,"exclusiveMaximum":3}`, `2.5`, "'' should be <= 2"},
		{`{"maximum":3,"exclusiveMaximum":3}`, `3`, "'' should be < 3"},
		{`{"multipleOf":2}`, `7`, "'' should be multiple of 2"},
		{`{"multipleOf":0.1}`, `0.3`, ""},
		{`{"multipleOf":0.01}`, `19.99`, ""},
		{`{"multipleOf":0.01}`, `19.995`, "'' should be multiple of 0.01"},
		{`{"multipleOf":2}`, `1e1000000000`, ""},
		{`{"multipleOf":3}`, `1e1000000000`, "'' should be multiple of 3"},
		{`{"multipleOf":3}`, `1e-1000000000`, "'' should be multiple of 3"},
		{`{"multipleOf":1e-7}`, `0.00000012`, "'' should be multiple of 1e-7"},
		{`{"multipleOf":2}`, `0`, ""},
		{`{"maximum":1,"minimum":5,"multipleOf":2}`, `3`, "'' should be <= 1, '' should be >= 5, '' should be multiple of 2"},
		{`{"maximum":1}`, `"5"`, ""},
		{`{"maximum":18446744073709551615}`, `18446744073709551616`, "'' should be <= 18446744073709552000"},
		{`{"maximum":1}`, `123456789012345678901234567890`, "'' should be <= 1"},
	})
	runChecks(t, Options{Draft: Draft4}, []check{
		{`{"maximum":2,"exclusiveMaximum":true}`, `2`, "'' should be < 2"},
		{`{"maximum":2,"exclusiveMaximum":false}`, `2`, ""},
		{`{"minimum":2,"exclusiveMinimum":true}`, `2.5`, ""},
	})
}

func TestJSNumber(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "1.0": "1", "-0": "0", "1e21": "1e+21", "123456789012345678901": "123456789012345680000", "1e-7": "1e-7", "0.000001": "0.000001",
		"1.5E-10": "1.5e-10", "1e400": "null", "1e-400": "0", "9007199254740993": "9007199254740992", "-1.25e100": "-1.25e+100", "100": "100",
	} {
		if got := jsNumber(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestNumbersAreExact compares with big.Rat.
func TestNumbersAreExact(t *testing.T) {
	text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?([eE][-+]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		m, n := parseNumber([]byte(a)), parseNumber([]byte(b))
		if got, want := compareNumbers(m, n), x.Cmp(y); got != want {
			t.Fatalf("%s and %s: %d, want %d", a, b, got, want)
		}
		if got := m.isInteger(); got != x.IsInt() {
			t.Fatalf("%s is an integer: %v", a, got)
		}
		if y.Sign() > 0 {
			if got, want := multipleOf(m, n), new(big.Rat).Quo(x, y).IsInt(); got != want {
				t.Fatalf("%s is a multiple of %s: %v", a, b, got)
			}
		}
		if end, small := smallNumber([]byte(a), 0); end > 0 && (end != len(a) || new(big.Rat).SetInt64(small).Cmp(x) != 0 || strings.ContainsAny(a, ".eE")) {
			t.Fatalf("%s is %d", a, small)
		}
	})
}
