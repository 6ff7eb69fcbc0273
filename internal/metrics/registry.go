package metrics

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Family is what is known of all series of one name, whether there are any yet or not. docs/metrics.md is made of families.
type Family struct {
	Name string
	// Type is counter, gauge or histogram.
	Type string
	Help string
	// Labels are sorted.
	Labels []string
}

// registry registers with constant labels, and remembers every family.
type registry struct {
	prometheus.Registerer
	labels   []string // the constant ones
	families *[]Family
}

// with returns a registry that adds a label.
func (r registry) with(label, value string) registry {
	return registry{prometheus.WrapRegistererWith(prometheus.Labels{label: value}, r.Registerer), append(slices.Clip(r.labels), label), r.families}
}

// Register registers, and remembers the collector's families.
func (r registry) Register(c prometheus.Collector) error {
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		c.Describe(descs)
	}()
	for desc := range descs {
		if f, ok := r.family(desc, c); ok {
			*r.families = append(*r.families, f)
		}
	}
	return r.Registerer.Register(c)
}

// MustRegister registers all; it panics at two of the same name.
func (r registry) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		if err := r.Register(c); err != nil {
			panic(err)
		}
	}
}

// described is how a description writes itself, which is the only way to learn what is in it. Should that change, families are missing, which a test sees.
var described = regexp.MustCompile(`^Desc\{fqName: ("(?:[^"\\]|\\.)*"), help: ("(?:[^"\\]|\\.)*"), .*constLabels: \{(.*)\}, variableLabels: \{([^}]*)\}`)

func (r registry) family(desc *prometheus.Desc, c prometheus.Collector) (f Family, ok bool) {
	parts := described.FindStringSubmatch(desc.String())
	if parts == nil {
		return f, false
	}
	f = Family{Labels: slices.Clone(r.labels)}
	f.Name, _ = strconv.Unquote(parts[1])
	f.Help, _ = strconv.Unquote(parts[2])
	f.Type = typeOf(f.Name, c)
	for label := range strings.SplitSeq(parts[3], ",") { // name="value"
		if name, _, ok := strings.Cut(label, "="); ok {
			f.Labels = append(f.Labels, name)
		}
	}
	if parts[4] != "" {
		f.Labels = append(f.Labels, strings.Split(parts[4], ",")...)
	}
	slices.Sort(f.Labels)
	return f, true
}

// typeOf is a collector's type. For those that ask a function its name tells.
func typeOf(name string, c prometheus.Collector) string {
	switch c.(type) {
	case *prometheus.HistogramVec, prometheus.Histogram:
		return "histogram"
	}
	if strings.HasSuffix(name, "_total") {
		return "counter"
	}
	return "gauge"
}

// Families lists what there is, by name; one that is registered for several producers once.
func (m *Metrics) Families() []Family {
	list := slices.Clone(*m.register.families)
	slices.SortFunc(list, func(a, b Family) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(list, func(a, b Family) bool { return a.Name == b.Name })
}
