package check

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Status is how it stands; its number is the exit code of a Nagios plugin.
type Status int

// The statuses. Unknown is that of a check that could not be made, for example since it was asked for wrongly.
const (
	OK Status = iota
	Warning
	Critical
	Unknown
)

// String is the word of Nagios.
func (s Status) String() string {
	return [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[min(max(s, OK), Unknown)]
}

// Result is what a check has found.
type Result struct {
	Name   string // of the check, in capitals: STREAM
	Status Status
	Text   string // what was found, in a line
	// Values are what was measured: performance data.
	Values []Value
	// Series are measurements by stream and such, for Prometheus and JSON only.
	Series []Series
	// Details are further lines: what is wrong one by one.
	Details []string
}

// Value is one measurement and the thresholds it was held against; a threshold of 0 is none.
type Value struct {
	Name              string
	Number            float64
	Unit              string // "s" for seconds, "" for a count
	Warning, Critical float64
}

// Series is one measurement with labels.
type Series struct {
	Name   string
	Labels map[string]string
	Value  float64
}

// maxDetails bounds the further lines.
const maxDetails = 100

// seconds is a measured time with its thresholds.
func seconds(name string, d, warning, critical time.Duration) Value {
	return Value{Name: name, Number: d.Seconds(), Unit: "s", Warning: warning.Seconds(), Critical: critical.Seconds()}
}

// failed is a result without measurements.
func failed(name string, status Status, format string, a ...any) Result {
	return Result{Name: name, Status: status, Text: oneLine(fmt.Sprintf(format, a...))}
}

// oneLine makes a text fit for the line: no line breaks, and no bar, behind which Nagios looks for performance data.
func oneLine(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "/")
}

// Line is the first line of a Nagios plugin's output.
func (r *Result) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s - %s", r.Name, r.Status, oneLine(r.Text))
	for i, v := range r.Values {
		if i == 0 {
			b.WriteString(" |")
		}
		fmt.Fprintf(&b, " %s=%s%s;%s;%s;0", v.Name, v.text(v.Number), v.Unit, v.threshold(v.Warning), v.threshold(v.Critical))
	}
	return b.String()
}

func (v *Value) text(n float64) string {
	if v.Unit == "s" {
		return strconv.FormatFloat(n, 'f', 3, 64)
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func (v *Value) threshold(n float64) string {
	if n == 0 {
		return ""
	}
	return v.text(n)
}

// WriteText writes the line and the details.
func (r *Result) WriteText(w io.Writer) error {
	lines := append([]string{r.Line()}, r.Details[:min(len(r.Details), maxDetails)]...)
	if more := len(r.Details) - maxDetails; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// WriteJSON writes one object.
func (r *Result) WriteJSON(w io.Writer) error {
	type series struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
		Value  float64           `json:"value"`
	}
	answer := struct {
		Check   string             `json:"check"`
		Status  string             `json:"status"`
		Code    int                `json:"code"`
		Text    string             `json:"text"`
		Values  map[string]float64 `json:"values,omitempty"`
		Series  []series           `json:"series,omitempty"`
		Details []string           `json:"details,omitempty"`
	}{strings.ToLower(r.Name), r.Status.String(), int(r.Status), r.Text, map[string]float64{}, nil, r.Details}
	for i := range r.Values {
		answer.Values[metricName(&r.Values[i])] = r.Values[i].Number
	}
	for _, s := range r.Series {
		answer.Series = append(answer.Series, series(s))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(answer)
}

func metricName(v *Value) string {
	if v.Unit == "s" {
		return v.Name + "_seconds"
	}
	return v.Name
}

// WriteMetrics writes the result in Prometheus' text form, with names as its blackbox exporter has them. A warning is a success.
func (r *Result) WriteMetrics(w io.Writer, took time.Duration) error {
	var b strings.Builder
	gauge := func(name, help string) { fmt.Fprintf(&b, "# HELP probe_%s %s\n# TYPE probe_%[1]s gauge\n", name, help) }
	success := 0
	if r.Status <= Warning {
		success = 1
	}
	gauge("success", "Whether the check was good: 1, also with a warning, or 0.")
	fmt.Fprintf(&b, "probe_success %d\n", success)
	gauge("status", "The check's exit code: 0 OK, 1 warning, 2 critical, 3 unknown.")
	fmt.Fprintf(&b, "probe_status %d\n", r.Status)
	gauge("duration_seconds", "How long the check took.")
	fmt.Fprintf(&b, "probe_duration_seconds %g\n", took.Seconds())
	for i := range r.Values {
		name := metricName(&r.Values[i])
		gauge(name, "A measurement of the check.")
		fmt.Fprintf(&b, "probe_%s %g\n", name, r.Values[i].Number)
	}
	last := ""
	for _, s := range r.Series {
		if s.Name != last {
			gauge(s.Name, "A measurement of the check.")
			last = s.Name
		}
		var labels []string
		for _, name := range slices.Sorted(maps.Keys(s.Labels)) {
			labels = append(labels, name+`="`+labelEscapes.Replace(s.Labels[name])+`"`)
		}
		fmt.Fprintf(&b, "probe_%s{%s} %g\n", s.Name, strings.Join(labels, ","), s.Value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
