package eventgate

import (
	"strconv"
	"strings"
)

// prefers returns which of the media types an Accept header likes best, -1 if it takes none: the one with the highest weight, of equal ones the one
// that is named most precisely, then the one that is named first. Without a header it is the first.
func prefers(header string, types ...string) int {
	if header == "" {
		return 0
	}
	best := preference{}
	which := -1
	for i, t := range types {
		if p := preferenceFor(header, t); p.weight > 0 && (which < 0 || p.before(best)) {
			which, best = i, p
		}
	}
	return which
}

// preference is what a header says of one media type.
type preference struct {
	weight    float64
	precision int // 3: the type, 2: type/*, 1: */subtype, 0: */*
	place     int
}

// overrides reports whether it says more of the same name than another does: what is more precise, of that the higher weight, of those the later.
func (p preference) overrides(q preference) bool {
	switch {
	case p.precision != q.precision:
		return p.precision > q.precision
	case p.weight != q.weight:
		return p.weight > q.weight
	}
	return p.place > q.place
}

func (p preference) before(q preference) bool {
	switch {
	case p.weight != q.weight:
		return p.weight > q.weight
	case p.precision != q.precision:
		return p.precision > q.precision
	}
	return p.place < q.place
}

// preferenceFor finds the range of a header that names a type most precisely.
func preferenceFor(header, mediaType string) preference {
	kind, subtype, _ := strings.Cut(mediaType, "/")
	best := preference{precision: -1}
	place := 0
	for item := range strings.SplitSeq(strings.ToLower(header), ",") {
		name, params, _ := strings.Cut(item, ";")
		p := preference{weight: weight(params), precision: -1, place: place}
		place++
		if narrowed(params) {
			continue
		}
		switch strings.TrimSpace(name) {
		case mediaType:
			p.precision = 3
		case kind + "/*":
			p.precision = 2
		case "*/" + subtype:
			p.precision = 1
		case "*/*":
			p.precision = 0
		}
		if p.precision >= 0 && p.overrides(best) {
			best = p
		}
	}
	return best
}

// narrowed reports whether a range asks for a type with parameters of its own, such as level=1, which ours do not have.
func narrowed(params string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(params), "=")
	return first != "" && strings.TrimSpace(first) != "q"
}

// weight reads "q=0.5" among the parameters of an item; 1 without it.
func weight(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		if text, ok := strings.CutPrefix(strings.ReplaceAll(param, " ", ""), "q="); ok {
			q, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}
