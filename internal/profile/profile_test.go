package profile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

const gate = "github.com/eventplatform/eventplatform/eventgate.(*Gate).Handle"

// made is a profile of these stacks, outermost first, with their values.
func made(kind Kind, unit string, stacks map[string]int64) *Fetched {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "x", Unit: unit}}}
	functions := map[string]*profile.Location{}
	for stack, v := range stacks {
		sample := &profile.Sample{Value: []int64{v}}
		for name := range strings.SplitSeq(stack, ";") {
			if functions[name] == nil {
				f := &profile.Function{ID: uint64(len(functions) + 1), Name: name}
				functions[name] = &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f}}}
			}
			sample.Location = append([]*profile.Location{functions[name]}, sample.Location...)
		}
		p.Sample = append(p.Sample, sample)
	}
	return &Fetched{Kind: kind, From: "http://127.0.0.1:9102", profile: p, unit: unit}
}

func sampleStacks() *Fetched {
	return made(CPU, "nanoseconds", map[string]int64{
		"main.main;" + gate:                                                       600e6,
		"main.main;" + gate + ";runtime.mallocgc":                                 200e6,
		"main.main;net/http.(*conn).serve;" + gate:                                100e6,
		"main.main;a.recursive[go.shape.int];a.recursive[go.shape.int];b<script>": 100e6,
	})
}

var box = regexp.MustCompile(`<title>([^<]*)</title><rect x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)"`)

// The boxes of a picture are as wide as their shares, lie within what called them, and say what they are; the picture is XML without scripts.
func TestFlame(t *testing.T) {
	var out bytes.Buffer
	if err := sampleStacks().Flame(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	type rect struct{ x, y, width float64 }
	boxes := map[string]rect{}
	for _, m := range box.FindAllStringSubmatch(text, -1) {
		name, _, _ := strings.Cut(m[1], "\n")
		number := func(s string) float64 { f, _ := strconv.ParseFloat(s, 64); return f }
		r := rect{number(m[2]), number(m[3]), number(m[4])}
		if name == gate && boxes[name].width > r.width {
			continue // it is there twice: the wider one
		}
		boxes[name] = r
	}
	all, handle, malloc := boxes["all"], boxes[gate], boxes["runtime.mallocgc"]
	if all.width != width-2*margin {
		t.Errorf("the whole is %v wide", all.width)
	}
	near := func(a, b float64) bool { return a-b < 0.02 && b-a < 0.02 }
	if !near(handle.width, all.width*0.8) || !near(malloc.width, all.width*0.2) {
		t.Errorf("80 %% are %v wide and 20 %% are %v wide of %v", handle.width, malloc.width, all.width)
	}
	if malloc.y >= handle.y || malloc.x < handle.x || malloc.x+malloc.width > handle.x+handle.width+0.02 {
		t.Errorf("what is called (%v) is not above its caller (%v)", malloc, handle)
	}
	for _, piece := range []string{"600ms by itself", "800ms, 80.00 %", "eventgate.(*Gate).Handle</text>", "Processor time of http://127.0.0.1:9102", `width="100%"`} {
		if !strings.Contains(text, piece) {
			t.Errorf("the picture does not have %q", piece)
		}
	}
	if strings.Contains(text, "<script") {
		t.Error("the picture has a script")
	}
	decoder := xml.NewDecoder(&out)
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

// The same profile makes the same picture.
func TestFlameIsTheSameAgain(t *testing.T) {
	var first bytes.Buffer
	if err := sampleStacks().Flame(&first); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		var again bytes.Buffer
		if err := sampleStacks().Flame(&again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), again.Bytes()) {
			t.Fatal("another picture")
		}
	}
}

// A picture of nothing says so; one of a million functions is bounded by what can be seen.
func TestFlameOfNothingAndOfMuch(t *testing.T) {
	var out bytes.Buffer
	if err := made(Mutex, "nanoseconds", nil).Flame(&out); err != nil || !strings.Contains(out.String(), "Nothing was seen") {
		t.Errorf("%v %s", err, &out)
	}
	stacks := map[string]int64{}
	for i := range 20_000 {
		stacks[fmt.Sprintf("main.main;f%d", i)] = 1
	}
	out.Reset()
	if err := made(Goroutine, "count", stacks).Flame(&out); err != nil || out.Len() > 10_000 {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

func TestTop(t *testing.T) {
	var out bytes.Buffer
	if err := sampleStacks().Top(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range [][]string{
		{"1s in all"}, {"SELF"},
		{"700ms", "70.0", "900ms", "90.0", "eventgate.(*Gate).Handle"}, // also where it was called from elsewhere
		{"200ms", "20.0", "runtime.mallocgc"},
		{"100ms", "10.0", "b<script>"},
		{"0s", "1s", "100.0", "main.main"},
		{"0s", "100ms", "10.0", "a.recursive"}, // once, although it calls itself
	} {
		for _, word := range want {
			if i >= len(lines) || !strings.Contains(lines[i], word) {
				t.Errorf("line %d does not have %s:\n%s", i, word, &out)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string][2]string{
		gate:               {"eventgate.(*Gate).Handle", "Handle"},
		"runtime.mallocgc": {"runtime.mallocgc", "mallocgc"},
		"a/b.series[go.shape.struct { x/y.z int }].get":        {"b.series.get", "series.get"},
		"github.com/twmb/franz-go/pkg/kgo.(*Client).run.func1": {"kgo.(*Client).run.func1", "run.func1"},
		"all": {"all", "all"},
	} {
		if got := short(name); got != want[0] || bare(got) != want[1] {
			t.Errorf("%s is %q, then %q; want %q", name, got, bare(got), want)
		}
	}
}

// Every kind comes from a running process and can be shown.
func TestEveryKindIsServed(t *testing.T) {
	server := httptest.NewServer(Handler())
	t.Cleanup(server.Close)
	for _, kind := range Kinds {
		if kind == CPU {
			continue // only one can be made at a time, and the test program may be making one
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p, err := Fetch(t.Context(), strings.TrimPrefix(server.URL, "http://")+"/metrics", kind, 1)
			if err != nil {
				t.Fatal(err)
			}
			var flame, top bytes.Buffer
			if err := errors.Join(p.Flame(&flame), p.Top(&top)); err != nil {
				t.Fatal(err)
			}
			if _, err := profile.ParseData(p.Raw); err != nil {
				t.Error(err)
			}
			if kind == Goroutine && !strings.Contains(flame.String(), "testing.tRunner") {
				t.Errorf("this test's goroutine is not in %s", &top)
			}
		})
	}
}

func TestWhatCannotBeFetched(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/heap", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "profiles are served in debug mode only", http.StatusNotFound)
	})
	mux.HandleFunc("/debug/pprof/goroutine", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	mux.Handle("/", Handler())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, test := range []struct {
		address string
		kind    Kind
		says    string
	}{
		{server.URL, Heap, "debug mode"},
		{server.URL, Goroutine, "no profile"},
		{server.URL, "colour", `"colour"`},
		{"http://", Heap, "no address"},
		{"127.0.0.1:1", Heap, "does not answer"},
		{server.URL, Wall, "from 1 to 600"},
	} {
		_, err := Fetch(t.Context(), test.address, test.kind, 601)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %s: %v", test.address, test.kind, err)
		}
	}
}
