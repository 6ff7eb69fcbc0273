package main

import (
	"testing"

	"github.com/alecthomas/kong"
)

// A variable of the environment has one meaning: where one is set for a service, a command beside it must not take it for something else, nor fail over it.
func TestVariablesHaveOneMeaning(t *testing.T) {
	parser, err := kong.New(&commands{}, kong.DefaultEnvars("EVENTPLATFORM"))
	if err != nil {
		t.Fatal(err)
	}
	kinds, commands := map[string]string{}, map[string]string{}
	var walk func(*kong.Node)
	walk = func(n *kong.Node) {
		for _, flag := range n.Flags {
			for _, variable := range flag.Envs {
				kind := flag.Target.Type().String()
				if was := kinds[variable]; was != "" && was != kind {
					t.Errorf("%s is a %s for %s and a %s for %s", variable, was, commands[variable], kind, n.FullPath())
				}
				kinds[variable], commands[variable] = kind, n.FullPath()
			}
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(parser.Model.Node)
	if len(kinds) == 0 {
		t.Error("no flag has a variable")
	}
	for _, variable := range []string{"EVENTPLATFORM_WARNING", "EVENTPLATFORM_CRITICAL", "EVENTPLATFORM_WITHIN", "EVENTPLATFORM_CUT", "EVENTPLATFORM_DENY"} {
		if kinds[variable] != "" {
			t.Errorf("%s is read by %s: what is asked of one check, or done to a client, is no setting", variable, commands[variable])
		}
	}
}
