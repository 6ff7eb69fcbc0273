// Two-dcs runs two data centres on this machine and takes a consumer through their failures; see deploy/mirror/two-dcs.sh.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/eventplatform/eventplatform/test/mirror"
	"github.com/eventplatform/eventplatform/test/realkafka"
)

// unavailable is the exit code where this machine has no Kafka, which is no fault of the platform.
const unavailable = 77

func main() {
	short := flag.Bool("short", false, "switch 3 times instead of 20, and fail gently")
	keep := flag.Bool("keep", false, "only start everything, and keep it running until Ctrl-C")
	work := flag.String("work", "", "folder with the built eventplatform, for data and logs; it is deleted in the end")
	repository := flag.String("repository", ".", "the project's folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *short, *keep, *work, *repository)
	stop()
	var missing *realkafka.MissingError
	switch {
	case errors.As(err, &missing):
		fmt.Fprintln(os.Stderr, "two-dcs: no Apache Kafka:", err)
		os.Exit(unavailable)
	case err != nil:
		fmt.Fprintln(os.Stderr, "two-dcs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, short, keep bool, work, repository string) error {
	if work == "" {
		return errors.New("-work is missing: run deploy/mirror/two-dcs.sh")
	}
	defer os.RemoveAll(work)
	stage, err := mirror.Start(ctx, mirror.Options{
		Work: work, Program: filepath.Join(work, "eventplatform"), Out: os.Stdout,
		Deploy:  filepath.Join(repository, "deploy", "mirror"),
		Schemas: filepath.Join(repository, "cmd", "eventplatform", "builtin", "schemas"),
	})
	defer stage.Stop()
	switch {
	case err != nil:
	case keep:
		stage.Greet()
		<-ctx.Done()
		return nil
	case short:
		err = stage.Travel(ctx, mirror.Plan{Switches: 3})
	default:
		err = stage.Travel(ctx, mirror.Plan{Switches: 20, Crashes: true})
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, stage.Logs())
	}
	return err
}
