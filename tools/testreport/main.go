// Command testreport reads what "go test -json" prints and says it to a person.
//
//	go test -json ./... | testreport live       one line for each package as it ends, and the output of what failed
//	testreport summary FILE...                   what the recorded runs come to, together
//
// A test that ran in several runs (with and without the race detector, say) counts once: failed if it failed in any, skipped if it was skipped in all.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "live":
		r := newReport()
		r.packageEnded = func(p *pkg) { printPackage(out, p) }
		return r.read(in)
	case len(args) > 1 && args[0] == "summary":
		r := newReport()
		for _, name := range args[1:] {
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			err = r.read(f)
			_ = f.Close()
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		printSummary(out, r)
		return nil
	default:
		return fmt.Errorf("usage: testreport live | testreport summary FILE")
	}
}
