// Command charts renders and checks Helm charts without a cluster, for the tests in test/charts:
//
//	charts render < request.json   each release's objects, and all that is wrong with them (render.go says what is in a request)
//	charts lint CHART...           Helm's own linter
//	charts vendor CHARTS           puts copies of the shared charts, and the shared definitions of values, where charts need them
//
// It never talks to a cluster or to a registry.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "charts:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "render":
		var asked request
		if err := json.NewDecoder(in).Decode(&asked); err != nil {
			return fmt.Errorf("the request is no JSON: %w", err)
		}
		answered, err := asked.answer()
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(answered)
	case len(args) > 1 && args[0] == "lint":
		return lintAll(args[1:], out)
	case len(args) == 2 && args[0] == "vendor":
		return vendor(args[1])
	default:
		return fmt.Errorf("say one of: render, lint CHART..., vendor CHARTS")
	}
}
