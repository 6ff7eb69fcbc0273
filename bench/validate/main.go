// Command validate measures what validating costs: our validator on bytes beside fastjson's bare parse of the same bytes and beside the validator of
// santhosh-tekuri on values that are already parsed, whose parsing is shown apart. All in one run, in turns, on the examples of the most
// different schemas of a repository.
//
//	go run ./bench/validate [-schemas DIR] [-n 50] [-time 100ms]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	dir := flag.String("schemas", "", "schema repository (default: EVENTPLATFORM_SHARED or ../shared)")
	n := flag.Int("n", 50, "number of schemas")
	span := flag.Duration("time", 100*time.Millisecond, "how long each contestant runs, in turns")
	each := flag.Bool("each", true, "measure each schema by itself too")
	flag.Parse()
	if err := run(repository(*dir), *n, *span, *each); err != nil {
		fmt.Fprintln(os.Stderr, "validate:", err)
		os.Exit(1)
	}
}

// repository finds the schemas.
func repository(dir string) string {
	if dir != "" {
		return dir
	}
	shared := os.Getenv("EVENTPLATFORM_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	return filepath.Join(shared, "data", "schemas", "primary")
}

func run(dir string, n int, span time.Duration, each bool) error {
	subjects, err := choose(dir, n)
	if err != nil {
		return err
	}
	fmt.Printf("%d schemas, %d examples\n\n", len(subjects), len(events(subjects)))
	fmt.Printf("%-52s %6s %9s %7s %6s %9s %6s %10s %10s\n", "schema", "bytes", "ours ns", "allocs", "MB/s", "fastjson", "ratio", "santhosh", "+ parse")
	if each {
		for _, s := range subjects {
			report(s.name, measure([]subject{s}, span))
		}
		fmt.Println()
	}
	report("all together", measure(subjects, span*5))
	return nil
}

// report prints one line. The times are for one event.
func report(name string, r result) {
	santhosh := "-"
	if r.santhosh > 0 {
		santhosh = fmt.Sprintf("%.0f", r.santhosh)
	}
	fmt.Printf("%-52s %6.0f %9.0f %7.1f %6.0f %9.0f %6.2f %10s %10.0f\n", name, r.bytes, r.ours, r.allocs, r.bytes/r.ours*1000, r.fastjson, r.ours/r.fastjson, santhosh, r.parse)
}
