package config

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eventplatform/eventplatform/streamconfig"
)

// text reads a text.
func text(dst *string) reader {
	return func(r *reading, path string, n *node) {
		if !n.isText() {
			r.fault(n.line, path, "is %s: it must be a text", n.kind)
			return
		}
		*dst = n.text
	}
}

// texts reads a list of texts, or one alone.
func texts(dst *[]string) reader {
	return func(r *reading, path string, n *node) {
		if n.isText() {
			*dst = []string{n.text}
			return
		}
		if n.kind != kindList {
			r.fault(n.line, path, "is %s: it must be a list of texts", n.kind)
			return
		}
		list := make([]string, 0, len(n.items))
		for i, item := range n.items {
			if !item.isText() {
				r.fault(item.line, path+"["+strconv.Itoa(i)+"]", "is %s: it must be a text", item.kind)
				continue
			}
			list = append(list, item.text)
		}
		*dst = list
	}
}

// whole reads a whole number within bounds.
func whole(dst *int, low, high int) reader {
	return func(r *reading, path string, n *node) {
		i, err := strconv.Atoi(n.text)
		if !n.isText() || err != nil || i < low || i > high {
			r.fault(n.line, path, "is %s: it must be a whole number from %d to %d", n.describe(), low, high)
			return
		}
		*dst = i
	}
}

// truth reads true or false.
func truth(dst *bool) reader {
	return func(r *reading, path string, n *node) {
		if n.text != "true" && n.text != "false" || !n.isText() {
			r.fault(n.line, path, "is %s: it must be true or false", n.describe())
			return
		}
		*dst = n.text == "true"
	}
}

// share reads a number from 0 to 1.
func share(dst **float64) reader {
	return func(r *reading, path string, n *node) {
		f, err := strconv.ParseFloat(n.text, 64)
		if !n.isText() || err != nil || !(f >= 0 && f <= 1) {
			r.fault(n.line, path, "is %s: it must be a share from 0 to 1", n.describe())
			return
		}
		*dst = &f
	}
}

// choice reads one of a few words.
func choice[T ~string](dst *T, known ...T) reader {
	return func(r *reading, path string, n *node) {
		if !n.isText() || !slices.Contains(known, T(n.text)) {
			words := make([]string, len(known))
			for i, k := range known {
				words[i] = string(k)
			}
			r.fault(n.line, path, "is %s: it must be one of %s", n.describe(), strings.Join(words, ", "))
			return
		}
		*dst = T(n.text)
	}
}

// seconds reads a time in seconds.
func seconds(dst *time.Duration) reader {
	return func(r *reading, path string, n *node) {
		f, err := strconv.ParseFloat(n.text, 64)
		if !n.isText() || err != nil || !(f >= 0 && f <= 1e9) {
			r.fault(n.line, path, "is %s: it must be a number of seconds, 0 or more", n.describe())
			return
		}
		*dst = time.Duration(math.Round(f * float64(time.Second)))
	}
}

var sizePattern = regexp.MustCompile(`^(?i)\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|tb)?\s*$`)

// size reads a number of bytes, with a unit as the Node.js services take it: 1kb is 1,024.
func size(dst *int64) reader {
	return func(r *reading, path string, n *node) {
		parts := sizePattern.FindStringSubmatch(n.text)
		if !n.isText() || parts == nil {
			r.fault(n.line, path, "is %s: it must be a number of bytes, with b, kb, mb or gb if wanted, for example 10mb", n.describe())
			return
		}
		f, err := strconv.ParseFloat(parts[1], 64)
		f *= map[string]float64{"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}[strings.ToLower(parts[2])]
		if err != nil || f < 1 || f > 1<<32 {
			r.fault(n.line, path, "is %s: it must be from 1 byte to 4gb", n.describe())
			return
		}
		*dst = int64(f)
	}
}

// textOrFalse reads a text, or false, which stands for off.
func textOrFalse(dst *string, off string) reader {
	return func(r *reading, path string, n *node) {
		switch {
		case n.kind == kindBool && n.text == "false":
			*dst = off
		case n.kind == kindText:
			*dst = n.text
		default:
			r.fault(n.line, path, "is %s: it must be a text, or false", n.describe())
		}
	}
}

// nothing accepts a setting that has no meaning here.
func nothing(reason string) reader {
	return func(r *reading, path string, n *node) { r.ignore(n.line, path, "%s", reason) }
}

// keep keeps the node for later.
func keep(dst **node) reader {
	return func(_ *reading, _ string, n *node) { *dst = n }
}

// inside reads an object's members.
func inside(known fields) reader {
	return func(r *reading, path string, n *node) { r.object(path, n, known) }
}

// patterns reads a list of regular expressions.
func patterns(dst *[]func(text string) bool) reader {
	return func(r *reading, path string, n *node) {
		var list []string
		texts(&list)(r, path, n)
		for i, source := range list {
			p, err := streamconfig.CompilePattern(source)
			if err != nil {
				r.fault(n.line, path, "the pattern %q cannot be used: %v", list[i], err)
				continue
			}
			*dst = append(*dst, p)
		}
	}
}
