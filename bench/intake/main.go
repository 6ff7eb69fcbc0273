// Intake measures how many events a second of the server's processor time accepts, beside limit programs of the same shape in the same run, how long a
// POST takes at full and at half load, and what memory it takes:
//
//	fasthttp  the limit of the intake that runs alone: reads the body, produces its events to a broker in another process (acks=all, idempotent), unread,
//	          and answers with the same headers
//	intake    eventplatform eventgate -c FILE: finds schema and stream, fills fields in, validates, produces to the same broker
//	nethttp   the limit of serve: the same on net/http, with the broker in its own process
//	serve     eventplatform serve
//
// Servers, broker and load generator are separate processes; every subject gets and sends the same bytes over the same number of connections. Figures are
// medians over rounds in which a subject and its limit take turns of a quarter of a second, so that a machine whose speed drifts drifts for both. Ratios mean
// something on every machine; with -quick only that the program works.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

// options say how long and how often is measured.
type options struct {
	duration    time.Duration
	rounds      int
	connections int
	events      int // that the memory is looked at after
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "intake:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	flag.DurationVar(&o.duration, "duration", 4*time.Second, "how long each measurement lasts")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each subject is measured")
	flag.IntVar(&o.connections, "connections", 16, "connections that post at the same time")
	flag.IntVar(&o.events, "events", 1_000_000, "events after which the intake's memory is looked at")
	quick := flag.Bool("quick", false, "half a second and one round of each, 50,000 events: to see that it works")
	rate := flag.Float64("rate", 0, "for the load generator: events a second, 0 = as many as are taken")
	flag.Parse()
	if *quick {
		o.duration, o.rounds, o.events = 500*time.Millisecond, 1, 50_000
	}
	switch flag.Arg(0) { // the parts, started by the measuring process
	case "broker":
		return serveBroker(flag.Arg(1), flag.Arg(2))
	case "nethttp":
		return serveNetHTTP(flag.Arg(1), flag.Arg(2), flag.Arg(3))
	case "fasthttp":
		return serveFastHTTP(flag.Arg(1), flag.Arg(2))
	case "load":
		return generate(flag.Arg(1), flag.Arg(2), o, *rate)
	case "refuse":
		return generateRefused(flag.Arg(1), o)
	}
	return compare(o)
}
