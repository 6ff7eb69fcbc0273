package jsonschema

import (
	"bytes"
	"math"
)

// numberRules are the keywords maximum, exclusiveMaximum, minimum, exclusiveMinimum and multipleOf.
type numberRules struct {
	// isSmall tells that low, high and step say all about integers of at most 18 digits.
	isSmall         bool
	low, high, step int64

	maximum, minimum *bound
	multipleOf       *divisor
}

// bound is a limit as ajv checks it: of maximum and exclusiveMaximum the stricter one.
type bound struct {
	value     number
	exclusive bool
	keyword   string // the keyword to report
	text      string // the limit as it is reported

	// small is the limit as an integer, if it is a small one.
	small   int64
	isSmall bool
}

// divisor is the value of multipleOf.
type divisor struct {
	value   number
	text    string
	small   int64
	isSmall bool
}

// numbers compiles the group.
func (c *compiler) numbers(n *node, p place, _ bool) error {
	var r numberRules
	var err error
	if r.maximum, err = compileBound(p, "maximum", "exclusiveMaximum", 1); err != nil {
		return err
	}
	if r.minimum, err = compileBound(p, "minimum", "exclusiveMinimum", -1); err != nil {
		return err
	}
	if v := p.v.get("multipleOf"); v != nil {
		if v.kind != kindNumber {
			return p.child(v, "multipleOf").fail("multipleOf is not a number")
		}
		d := &divisor{value: parseNumber([]byte(v.text)), text: jsNumber(v.text)}
		if d.value.neg || d.value.count == 0 {
			return p.child(v, "multipleOf").fail("multipleOf is not positive")
		}
		if d.value.exp > 1000 || d.value.exp < -1000 {
			return p.child(v, "multipleOf").fail("multipleOf is beyond what a double can be")
		}
		d.small, d.isSmall = smallInteger([]byte(v.text))
		r.multipleOf = d
	}
	if r != (numberRules{}) {
		r.small()
		n.num = &r
	}
	return nil
}

// small works out the rules for small integers.
func (r *numberRules) small() {
	r.isSmall, r.low, r.high, r.step = true, math.MinInt64, math.MaxInt64, 1
	if b := r.minimum; b != nil {
		if r.isSmall = b.isSmall; b.exclusive {
			b.small++
		}
		r.low = b.small
	}
	if b := r.maximum; b != nil {
		r.isSmall = r.isSmall && b.isSmall
		if b.exclusive {
			b.small--
		}
		r.high = b.small
	}
	if d := r.multipleOf; d != nil {
		r.isSmall = r.isSmall && d.isSmall
		r.step = max(d.small, 1)
	}
}

// admitsSmall reports whether the rules admit a small integer.
func (r *numberRules) admitsSmall(n int64) bool {
	return n >= r.low && n <= r.high && (r.step == 1 || n%r.step == 0)
}

// surelyAdmits reports whether a number like 12.5 keeps to the bounds because the integers next to it do.
func (r *numberRules) surelyAdmits(text []byte) bool {
	neg := text[0] == '-'
	if neg {
		text = text[1:]
	}
	point := bytes.IndexByte(text, '.')
	if point < 0 || point > 15 || bytes.IndexByte(text, 'e') >= 0 || bytes.IndexByte(text, 'E') >= 0 {
		return false
	}
	var n int64
	for _, c := range text[:point] {
		n = n*10 + int64(c-'0')
	}
	if neg {
		return r.multipleOf == nil && -n-1 >= r.low && -n <= r.high
	}
	return r.multipleOf == nil && n >= r.low && n+1 <= r.high
}

// smallNumber reads the integer at b[i], which may be any byte. If it is one of at most 18 digits, without fraction and exponent, it returns its
// value and the index after it, else 0.
func smallNumber(b []byte, i int) (end int, n int64) {
	neg := b[i] == '-'
	if neg {
		i++
	}
	start := i
	for i < len(b) && b[i]-'0' < 10 {
		n = n*10 + int64(b[i]-'0')
		i++
	}
	if count := i - start; count == 0 || count > 18 || count > 1 && b[start] == '0' {
		return 0, 0
	}
	if i < len(b) && (b[i] == '.' || b[i]|0x20 == 'e') {
		return 0, 0
	}
	if neg {
		n = -n
	}
	return i, n
}

// compileBound compiles a limit and its exclusive form; side is 1 for an upper limit, -1 for a lower one.
func compileBound(p place, keyword, exclusive string, side int) (*bound, error) {
	limit, excl := p.v.get(keyword), p.v.get(exclusive)
	if limit != nil && limit.kind != kindNumber {
		return nil, p.child(limit, keyword).fail("%s is not a number", keyword)
	}
	b := &bound{keyword: keyword}
	switch {
	case excl == nil:
	case excl.kind == kindTrue: // draft-04
		b.exclusive = true
	case excl.kind == kindFalse:
	case excl.kind != kindNumber:
		return nil, p.child(excl, exclusive).fail("%s is neither a number nor a boolean", exclusive)
	case limit == nil || side*compareNumbers(parseNumber([]byte(excl.text)), parseNumber([]byte(limit.text))) <= 0:
		b.exclusive = true
		limit = excl
	}
	if limit == nil {
		return nil, nil
	}
	if b.exclusive {
		b.keyword = exclusive
	}
	b.value, b.text = parseNumber([]byte(limit.text)), jsNumber(limit.text)
	b.small, b.isSmall = smallInteger([]byte(limit.text))
	return b, nil
}

// admits reports whether a number keeps to the bound; side is 1 for an upper one, -1 for a lower one.
func (b *bound) admits(n number, side int) bool {
	c := side * compareNumbers(n, b.value)
	return c < 0 || c == 0 && !b.exclusive
}

func (d *divisor) admits(n number) bool { return multipleOf(n, d.value) }

// admits reports whether the rules admit a number's text.
func (r *numberRules) admits(text []byte) bool {
	n := parseNumber(text)
	return (r.maximum == nil || r.maximum.admits(n, 1)) && (r.minimum == nil || r.minimum.admits(n, -1)) && (r.multipleOf == nil || r.multipleOf.admits(n))
}

func (x *explainer) explainNumber(r *numberRules, v *value, at *path, sp *schemaPath) {
	n := parseNumber([]byte(v.text))
	if b := r.maximum; b != nil && !b.admits(n, 1) {
		x.explainBound(b, "<", at, sp)
	}
	if b := r.minimum; b != nil && !b.admits(n, -1) {
		x.explainBound(b, ">", at, sp)
	}
	if d := r.multipleOf; d != nil && !d.admits(n) {
		x.report("multipleOf", at, sp.with("/multipleOf"), params(nil).raw("multipleOf", []byte(d.text)), "should be multiple of "+d.text)
	}
}

func (x *explainer) explainBound(b *bound, comparison string, at *path, sp *schemaPath) {
	exclusive := "true"
	if !b.exclusive {
		comparison += "="
		exclusive = "false"
	}
	p := params(nil).text("comparison", comparison).raw("limit", []byte(b.text)).raw("exclusive", []byte(exclusive))
	x.report(b.keyword, at, sp.with("/"+b.keyword), p, "should be "+comparison+" "+b.text)
}
