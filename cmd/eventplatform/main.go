// Eventplatform takes in events over HTTP, keeps them in Kafka and streams them to whoever wants them.
//
//	eventplatform serve         everything in one process, on an embedded broker or on Apache Kafka
//	eventplatform eventgate     an intake alone, from the configuration file of the Node.js service
//	eventplatform eventstreams  a streamer alone, likewise
//	eventplatform streamconfig  a stream configuration service alone
//	eventplatform produce       posts events from files or the standard input, one a line
//	eventplatform consume       writes the events of streams to the standard output, one a line
//	eventplatform canary        keeps test events going through every stream
//	eventplatform check         looks at a running platform from outside, for Nagios and Prometheus
//	eventplatform profile       draws where a running service spends its time or memory
//	eventplatform clients       shows who is connected to a streamer, and cuts them
//	eventplatform validate      checks events against their schemas
//	eventplatform lint          checks stream configuration and schema repositories
//	eventplatform version       says which version this is
//
// Every flag can also be given as an environment variable: --data-dir as EVENTPLATFORM_DATA_DIR.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line; help is written from it.
type commands struct {
	Serve        serveCommand        `cmd:"" help:"Run the whole platform in one process."`
	Eventgate    eventgateCommand    `cmd:"" help:"Run an intake alone, from a service-runner file."`
	Eventstreams eventstreamsCommand `cmd:"" help:"Run a streamer alone, from a service-runner file."`
	Streamconfig streamconfigCommand `cmd:"" help:"Run a stream configuration service alone."`
	Produce      produceCommand      `cmd:"" help:"Post events to an intake, one a line from files or the standard input."`
	Consume      consumeCommand      `cmd:"" help:"Write the events of streams to the standard output, one a line."`
	Canary       canaryCommand       `cmd:"" help:"Send canary events, which show that streams work, to every stream and data centre."`
	Check        checkCommand        `cmd:"" help:"Look at a running platform from outside, with the exit codes of a Nagios plugin."`
	Profile      profileCommand      `cmd:"" help:"Draw where a running service spends its time or memory, from its admin port."`
	Clients      clientsCommand      `cmd:"" help:"Show who is connected to a streamer, from its admin port."`
	Validate     validateCommand     `cmd:"" help:"Check events against their schemas."`
	Lint         lintCommand         `cmd:"" help:"Check stream configuration and schema repositories, for code review."`
	Version      versionCommand      `cmd:"" help:"Print the version."`
}

// terminal is what a command may talk to.
type terminal struct {
	In       io.Reader
	Out, Err io.Writer
}

// errFailed ends a command with exit code 1 when it has said everything there is to say itself.
var errFailed = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// run parses the arguments, runs the command and returns the exit code: 0, 1 for what went wrong, 2 for a command line that makes no sense.
func run(ctx context.Context, args []string, t *terminal) int {
	exit := -1 // set when --help ends the program
	parser, err := kong.New(&commands{},
		kong.Name("eventplatform"),
		kong.Description("Takes in events over HTTP, keeps them in Kafka and streams them to whoever wants them."),
		kong.DefaultEnvars("EVENTPLATFORM"),
		kong.UsageOnError(),
		kong.Writers(t.Out, t.Err),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t),
	)
	if err != nil {
		panic(err) // the commands' own tags are wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintf(t.Err, "eventplatform: %v\nRun \"eventplatform --help\" for the commands and flags.\n", err)
		if args[0] == "check" {
			return int(unknown)
		}
		return 2
	}
	var code exitError
	switch err := command.Run(); {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, errFailed):
		return 1
	default:
		fmt.Fprintf(t.Err, "eventplatform: %v\n", err)
		return 1
	}
}
