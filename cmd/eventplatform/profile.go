package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/eventplatform/eventplatform/internal/profile"
)

// profileCommand shows where a running service spends its time or memory.
type profileCommand struct {
	URL     string `arg:"" name:"url" help:"The admin address of a service that was started with --debug, such as http://127.0.0.1:9102; also through kubectl port-forward."`
	Kind    string `default:"cpu" enum:"cpu,wall,heap,allocs,goroutine,block,mutex" help:"What to look at: cpu = where processor time goes; wall = what goroutines do, waiting included; heap = who asked for the memory in use; allocs = who asks for memory; goroutine = where they are; block, mutex = where they wait for each other, for locks."`
	Seconds int    `default:"30" help:"How long to look. heap and goroutine show one moment." placeholder:"N"`
	Output  string `short:"o" help:"Where to draw the flame graph (.svg); with the ending .pb.gz the profile itself is kept, for go tool pprof." placeholder:"FILE" type:"path"`
	Top     bool   `help:"Print the functions that take most, as a table."`
}

// Run fetches a profile, and draws it, prints it or both.
func (c *profileCommand) Run(ctx context.Context, t *terminal) error {
	if c.Output == "" && !c.Top {
		return errors.New("say where the picture goes (-o flame.svg), or that you want a table (--top)")
	}
	if c.Seconds < 1 {
		return errors.New("--seconds must be 1 or more")
	}
	fmt.Fprintf(t.Err, "Looking at %s, %s …\n", c.URL, c.Kind)
	p, err := profile.Fetch(ctx, c.URL, profile.Kind(c.Kind), c.Seconds)
	if err != nil {
		return err
	}
	if c.Output != "" {
		if err := c.write(p); err != nil {
			return err
		}
		fmt.Fprintf(t.Err, "%s\n", c.Output)
	}
	if c.Top {
		return p.Top(t.Out)
	}
	return nil
}

func (c *profileCommand) write(p *profile.Fetched) error {
	if strings.HasSuffix(c.Output, ".pb.gz") {
		return os.WriteFile(c.Output, p.Raw, 0o644)
	}
	f, err := os.Create(c.Output)
	if err != nil {
		return err
	}
	return errors.Join(p.Flame(f), f.Close())
}
