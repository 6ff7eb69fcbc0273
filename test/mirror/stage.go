package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/test/realkafka"
)

// The streams of deploy/mirror/streams.yaml, and how many partitions their topics have here.
var partitions = map[string]int32{"trip.log": 1, "trip.keyed": 3}

// pasts are how many records of each partition were there and have been deleted, in the one and the other data centre, before the mirror began.
var pasts = [2]int{300, 170}

// Options say where everything is.
type Options struct {
	// Work is the folder for what is written: data and logs.
	Work string
	// Program is the built eventplatform.
	Program string
	// Deploy is the folder deploy/mirror, with the configuration.
	Deploy string
	// Schemas is a schema repository with the streams' schema.
	Schemas string
	// Out is told what happens.
	Out io.Writer
}

// Stage is the two data centres and the mirror between them.
type Stage struct {
	Centres [2]*DataCentre

	options Options
	began   time.Time
	mirror  *realkafka.MirrorMaker
}

// Start starts everything and returns when all programs are there; the mirror takes some seconds more before it copies. Stop must be called in any
// case. The error is a *realkafka.MissingError if this machine has no Kafka.
func Start(ctx context.Context, o Options) (*Stage, error) {
	s := &Stage{options: o, began: time.Now(), Centres: [2]*DataCentre{{Name: "eqiad"}, {Name: "codfw"}}}
	for _, d := range s.Centres {
		if err := os.MkdirAll(filepath.Join(o.Work, d.Name), 0o755); err != nil {
			return s, err
		}
	}
	s.say("starting two Kafka clusters")
	if err := together(
		func() error { return s.Centres[0].startCluster(ctx, o, pasts[0]) },
		func() error { return s.Centres[1].startCluster(ctx, o, pasts[1]) },
	); err != nil {
		return s, err
	}
	s.say("starting MirrorMaker, two intakes and two streamers")
	properties, err := s.properties()
	if err != nil {
		return s, err
	}
	if s.mirror, err = realkafka.RunMirrorMaker(filepath.Join(o.Work, "mirror"), properties); err != nil {
		return s, err
	}
	for _, d := range s.Centres {
		if err := d.describeServices(o); err != nil {
			return s, err
		}
	}
	return s, together(
		func() error { return s.Centres[0].startServices(ctx) },
		func() error { return s.Centres[1].startServices(ctx) },
	)
}

// properties are those of deploy/mirror, and after them what is different here: of two lines for a key the later one counts.
func (s *Stage) properties() (string, error) {
	text, err := os.ReadFile(filepath.Join(s.options.Deploy, "mm2.properties"))
	if err != nil {
		return "", err
	}
	here := []string{"", "# Here: one broker each, nobody waits long for a topic, and copies come soon enough to be known for copies on a slow machine.",
		"refresh.topics.interval.seconds = 2", "tasks.max = 1", "replication.factor = 1"}
	for _, topic := range []string{"config.storage", "offset.storage", "status.storage", "offset-syncs.topic", "heartbeats.topic", "checkpoints.topic"} {
		here = append(here, topic+".replication.factor = 1")
	}
	for _, storage := range []string{"offset.storage", "status.storage"} {
		here = append(here, storage+".partitions = 1")
	}
	for _, d := range s.Centres {
		here = append(here, d.Name+".bootstrap.servers = "+d.cluster.Addrs()[0], d.Name+".offset.flush.interval.ms = 3000")
	}
	return string(text) + strings.Join(here, "\n") + "\n", nil
}

// Stop ends everything at once.
func (s *Stage) Stop() {
	if s.mirror != nil {
		s.mirror.Stop()
	}
	for _, d := range s.Centres {
		d.stop()
	}
}

// Logs are the last lines of every program.
func (s *Stage) Logs() string {
	var text strings.Builder
	for _, d := range s.Centres {
		text.WriteString(d.logs())
	}
	if s.mirror != nil {
		text.WriteString(s.mirror.Logs())
	}
	return text.String()
}

// Greet says where everything is.
func (s *Stage) Greet() {
	for _, d := range s.Centres {
		s.say("%s: Kafka at %s", d.Name, d.cluster.Addrs()[0])
		s.say("  curl -H 'Content-Type: application/json' -d '{\"$schema\":\"/test/event/1.0.0\",\"meta\":{\"stream\":\"trip.log\"},\"test\":\"from %s\"}' %s", d.Name, d.Intake())
		s.say("  curl -N %s/v2/stream/trip.log", d.Streamer())
	}
	s.say("data and logs are in %s until Ctrl-C", s.options.Work)
}

// say tells what happens, with the seconds since the start.
func (s *Stage) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.options.Out, "%6.1fs  %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// together runs functions at the same time and returns what went wrong in any.
func together(run ...func() error) error {
	errs := make([]error, len(run))
	var wg sync.WaitGroup
	for i, f := range run {
		wg.Go(func() { errs[i] = f() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// patience is how long anything may take before it counts as failed. It is reached only when something is wrong.
const patience = 2 * time.Minute

// await waits until something holds.
func await(ctx context.Context, what string, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain until %s: %w", what, context.Cause(ctx))
		}
	}
	return nil
}
