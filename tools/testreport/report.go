package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// An event is one line of "go test -json" (go doc test2json), with the lines that "go build -json" adds for what does not compile.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string // on a package's fail: the ImportPath under which the build's output came
}

// A test is one top-level test, example or fuzz target of a package, with what its subtests printed.
type test struct {
	name    string
	verdict verdict
	seconds float64
	output  strings.Builder
}

type verdict int

const (
	unfinished verdict = iota // no verdict came: the process died under it
	skipped
	passed
	failed
)

type pkg struct {
	path    string
	tests   map[string]*test
	order   []string
	failed  bool
	seconds float64
	output  strings.Builder // what belongs to no test: panics, os.Exit, what does not compile
}

type report struct {
	packages     map[string]*pkg
	order        []string
	builds       map[string]*strings.Builder
	packageEnded func(*pkg) // may be nil
}

func newReport() *report {
	return &report{packages: map[string]*pkg{}, builds: map[string]*strings.Builder{}}
}

// read takes one run. Lines that are not JSON belong to nobody ("go: downloading …") and are passed over.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) == nil {
			r.take(e)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event) {
	if e.Action == "build-output" {
		if r.builds[e.ImportPath] == nil {
			r.builds[e.ImportPath] = &strings.Builder{}
		}
		r.builds[e.ImportPath].WriteString(e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &pkg{path: e.Package, tests: map[string]*test{}}
		r.packages[e.Package] = p
		r.order = append(r.order, e.Package)
	}
	if e.Test == "" {
		r.takePackage(p, e)
		return
	}
	name, _, isSub := strings.Cut(e.Test, "/")
	t := p.tests[name]
	if t == nil {
		t = &test{name: name}
		p.tests[name] = t
		p.order = append(p.order, name)
	}
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		if !isSub {
			t.verdict = max(t.verdict, map[string]verdict{"pass": passed, "fail": failed, "skip": skipped}[e.Action])
			t.seconds = max(t.seconds, e.Elapsed)
		}
	}
}

func (r *report) takePackage(p *pkg, e event) {
	switch e.Action {
	case "start":
	case "output":
		p.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		p.seconds += e.Elapsed
		p.failed = p.failed || e.Action == "fail"
		if build := r.builds[e.FailedBuild]; e.FailedBuild != "" && build != nil {
			p.output.WriteString(build.String())
		}
		if r.packageEnded != nil {
			r.packageEnded(p)
		}
	}
}

// count says how many tests came to which verdict. A test without a verdict has failed, and so has a package that failed without a failed test.
func (p *pkg) count() (ok, bad, skip int) {
	for _, t := range p.tests {
		switch t.verdict {
		case passed:
			ok++
		case skipped:
			skip++
		default:
			bad++
		}
	}
	if p.failed && bad == 0 {
		bad = 1
	}
	return ok, bad, skip
}
