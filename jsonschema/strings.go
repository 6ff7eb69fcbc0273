package jsonschema

import (
	"math"
	"strconv"
)

// stringRules are the keywords maxLength, minLength, pattern and format.
type stringRules struct {
	// usualTime is up to which length (in bytes) a time in the usual form keeps to all rules; 0 if there are others than date-time and maxLength.
	usualTime int
	// maxLength and minLength are in code points, -1 without the keyword.
	maxLength, minLength int
	// lengthOnly tells that there is no other rule than maxLength, which short strings keep to whatever they hold.
	lengthOnly bool
	accepting  acceptance // which form of the format counts
	format     format
	pattern    *pattern

	patternText, formatName string
}

// strings compiles the group.
func (c *compiler) strings(n *node, p place, _ bool) error {
	r := &stringRules{}
	var err error
	if r.maxLength, err = count(p, "maxLength"); err != nil {
		return err
	}
	if r.minLength, err = count(p, "minLength"); err != nil {
		return err
	}
	if v := p.v.get("pattern"); v != nil {
		if r.pattern, err = c.pattern(p.child(v, "pattern"), v.text); err != nil {
			return err
		}
		r.patternText = v.text
	}
	if v := p.v.get("format"); v != nil {
		f, known := formatsByName[v.text]
		if v.kind != kindString || !known && c.o.UnknownFormats == UnknownFormatsFail {
			return p.child(v, "format").fail("unknown format %q", v.text)
		}
		r.formatName = v.text
		r.format, r.accepting = f, fast
		if c.o.Formats == FormatsStrict {
			r.accepting = strict
		}
	}
	if r.maxLength >= 0 || r.minLength > 0 || r.pattern != nil || r.format != nil {
		n.str = r
		if r.formatName == "date-time" && r.pattern == nil && r.minLength <= 20 {
			if r.usualTime = r.maxLength; r.maxLength < 0 {
				r.usualTime = math.MaxInt
			}
		}
		r.lengthOnly = r.maxLength >= 0 && r.minLength <= 0 && r.pattern == nil && r.format == nil
	}
	return nil
}

// length returns the number of code points of a text; half a surrogate pair counts as one.
func length(text []byte) int {
	n := 0
	for _, c := range text {
		if c&0xc0 != 0x80 {
			n++
		}
	}
	return n
}

// admits reports whether the rules admit a text (without quotes and escapes, ascii if it is). The machine takes note if only the fast form of the format does.
func (r *stringRules) admits(m *machine, text []byte, ascii bool) bool {
	if r.maxLength >= 0 && len(text) > r.maxLength && (ascii || length(text) > r.maxLength) {
		return false
	}
	if r.minLength > 0 && (len(text) < r.minLength || !ascii && length(text) < r.minLength) {
		return false
	}
	if r.format != nil {
		who := r.format(text)
		if who&r.accepting == 0 {
			return false
		}
		if who != both && r.accepting == fast {
			m.lax = true
		}
	}
	return r.pattern == nil || r.pattern.match(text, &m.steps)
}

func (x *explainer) explainString(r *stringRules, v *value, at *path, sp *schemaPath) {
	text := []byte(v.text)
	n := length(text)
	if r.maxLength >= 0 && n > r.maxLength {
		x.report("maxLength", at, sp.with("/maxLength"), params(nil).int("limit", r.maxLength), "should NOT be longer than "+strconv.Itoa(r.maxLength)+" characters")
	}
	if r.minLength > 0 && n < r.minLength {
		x.report("minLength", at, sp.with("/minLength"), params(nil).int("limit", r.minLength), "should NOT be shorter than "+strconv.Itoa(r.minLength)+" characters")
	}
	if r.pattern != nil && !r.pattern.match(text, &x.steps) {
		x.report("pattern", at, sp.with("/pattern"), params(nil).text("pattern", r.patternText), `should match pattern "`+r.patternText+`"`)
	}
	if r.format != nil && r.format(text)&r.accepting == 0 {
		x.report("format", at, sp.with("/format"), params(nil).text("format", r.formatName), `should match format "`+r.formatName+`"`)
	}
}
