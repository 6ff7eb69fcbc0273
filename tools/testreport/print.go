package main

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// module is cut from the names of packages: they are all ours.
const module = "github.com/eventplatform/eventplatform/"

func short(path string) string { return strings.TrimPrefix(path, module) }

func printPackage(out io.Writer, p *pkg) {
	ok, bad, skip := p.count()
	if ok+bad+skip == 0 {
		return // it has no tests
	}
	word := "ok"
	if p.failed {
		word = "FAIL"
	}
	fmt.Fprintf(out, "%-4s %7.1fs  %-28s %s\n", word, p.seconds, short(p.path), counted(ok, bad, skip))
	if !p.failed {
		return
	}
	for _, name := range p.order {
		if t := p.tests[name]; t.verdict == failed || t.verdict == unfinished {
			fmt.Fprint(out, indent(tidy(t.output.String())))
		}
	}
	fmt.Fprint(out, indent(tidy(p.output.String())))
}

func counted(ok, bad, skip int) string {
	text := fmt.Sprintf("%d passed", ok)
	if bad > 0 {
		text += fmt.Sprintf(", %d failed", bad)
	}
	if skip > 0 {
		text += fmt.Sprintf(", %d skipped", skip)
	}
	return text
}

var noise = regexp.MustCompile(`(?m)^(=== .*|PASS|FAIL(\t.*)?|ok  \t.*|exit status \d+)\n`)

// tidy drops the lines that only say what the report says anyway.
func tidy(output string) string { return noise.ReplaceAllString(output, "") }

// enough lines to see what is wrong; a test that ran into its time limit prints every goroutine.
const enough = 120

// and enough of a line that holds a whole answer or event.
var tooLong = regexp.MustCompile(`(?m)^(.{400}).+$`)

func indent(text string) string {
	if text == "" {
		return ""
	}
	if lines := strings.SplitAfter(text, "\n"); len(lines) > enough {
		text = strings.Join(lines[:enough], "") + fmt.Sprintf("… and %d lines more\n", len(lines)-enough)
	}
	return "     " + tooLong.ReplaceAllString(strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n     "), "$1…") + "\n"
}

const slowest = 10

func printSummary(out io.Writer, r *report) {
	type timed struct {
		name    string
		seconds float64
	}
	var slow []timed
	var broken, passedOver []string
	var ok, bad, skip int
	for _, path := range r.order {
		p := r.packages[path]
		o, b, s := p.count()
		ok, bad, skip = ok+o, bad+b, skip+s
		if b > 0 {
			broken = append(broken, short(path))
		}
		for _, name := range p.order {
			t := p.tests[name]
			slow = append(slow, timed{short(path) + " " + name, t.seconds})
			if t.verdict == skipped {
				passedOver = append(passedOver, short(path)+" "+name+": "+reason(t.output.String()))
			}
		}
	}
	slices.SortStableFunc(slow, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	slow = slow[:min(slowest, len(slow))]
	slow = slices.DeleteFunc(slow, func(t timed) bool { return t.seconds < 0.5 })

	if len(passedOver) > 0 {
		fmt.Fprintf(out, "Skipped tests:\n")
		for _, line := range passedOver {
			fmt.Fprintf(out, "  %s\n", line)
		}
	}
	if len(slow) > 0 {
		fmt.Fprintf(out, "Slowest tests:\n")
		for _, t := range slow {
			fmt.Fprintf(out, "  %6.1fs  %s\n", t.seconds, t.name)
		}
	}
	if len(broken) > 0 {
		fmt.Fprintf(out, "Failed packages:\n  %s\n", strings.Join(broken, "\n  "))
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", ok, bad, skip)
}

var place = regexp.MustCompile(`^\s+\S+\.go:\d+: `)

// reason is the last thing that a skipped test said.
func reason(output string) string {
	said := "no reason given"
	for line := range strings.Lines(output) {
		if place.MatchString(line) {
			said = strings.TrimSpace(place.ReplaceAllString(line, ""))
		}
	}
	return said
}
