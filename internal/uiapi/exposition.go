package uiapi

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Family is one metric with its series.
type Family struct {
	Name string `json:"name"`
	Help string `json:"help,omitempty"`
	Type string `json:"type,omitempty"`
	// Sum is the sum of the series, for counters and gauges.
	Sum    float64  `json:"sum"`
	Series []Series `json:"series"`
}

// Series is one value of a metric.
type Series struct {
	Labels map[string]string `json:"labels,omitempty"`
	Value  float64           `json:"value"`
}

// mostSeries bounds the series of one metric that are told: the greatest.
const mostSeries = 100

// parseMetrics reads Prometheus's text format. Of histograms and summaries only sums and counts are told; what is no number in JSON is left out.
func parseMetrics(text string) []Family {
	byName, order := map[string]*Family{}, []string{}
	family := func(name string) *Family {
		if byName[name] == nil {
			byName[name] = &Family{Name: name, Series: []Series{}}
			order = append(order, name)
		}
		return byName[name]
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(rest, " ")
			family(name).Help = strings.NewReplacer(`\\`, `\`, `\n`, " ").Replace(help)
			continue
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			family(name).Type = kind
			continue
		}
		name, labels, value, ok := parseSample(line)
		if !ok || strings.HasSuffix(name, "_bucket") || labels["quantile"] != "" {
			continue
		}
		delete(labels, "service") // it is this one
		f := family(name)
		f.Series = append(f.Series, Series{labels, value})
		f.Sum += value
	}
	list := make([]Family, 0, len(order))
	for _, name := range order {
		f := byName[name]
		if len(f.Series) == 0 {
			continue
		}
		slices.SortStableFunc(f.Series, func(a, b Series) int { return int(min(max(b.Value-a.Value, -1), 1)) })
		f.Series = f.Series[:min(len(f.Series), mostSeries)]
		list = append(list, *f)
	}
	return list
}

// parseSample reads a line such as name{label="value"} 12.
func parseSample(line string) (name string, labels map[string]string, value float64, ok bool) {
	if line == "" || line[0] == '#' {
		return "", nil, 0, false
	}
	end := strings.IndexAny(line, "{ ")
	if end < 0 {
		return "", nil, 0, false
	}
	name, rest := line[:end], line[end:]
	labels = map[string]string{}
	if rest[0] == '{' {
		rest = rest[1:]
		for !strings.HasPrefix(rest, "}") {
			label, after, found := strings.Cut(rest, `="`)
			if !found {
				return "", nil, 0, false
			}
			closing := quoteEnd(after)
			if closing < 0 {
				return "", nil, 0, false
			}
			labels[strings.TrimLeft(label, ", ")] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(after[:closing])
			rest = strings.TrimLeft(after[closing+1:], ", ")
		}
		rest = rest[1:]
	}
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	value, err := strconv.ParseFloat(number, 64)
	return name, labels, value, err == nil && !math.IsNaN(value) && !math.IsInf(value, 0)
}

// quoteEnd is where a label's value ends.
func quoteEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
