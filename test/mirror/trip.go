package mirror

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Plan says how hard a trip is.
type Plan struct {
	// Switches is how often the traveller changes the data centre.
	Switches int
	// Crashes says that data centres and mirror fail without a warning, and that nobody waits for the mirror before moving on. Otherwise the traffic
	// of a data centre is moved away before it goes down, as in maintenance.
	Crashes bool
}

// A traveller meets something at every so manieth switch.
const (
	mirrorFails = 2 // the second, and every third after it
	centreFails = 3
	every       = 3
	stay        = 150 // events at least, before it moves on
)

// trip is one run of a plan.
type trip struct {
	*Stage
	plan      Plan
	ledger    *ledger
	posters   [2]*poster
	residents [2]*consumer
	traveller *consumer
	at        int // where the traveller is
}

// Travel posts events in both data centres, reads them with a resident in each and with a traveller that changes between them while mirror and data
// centres fail. It returns an error unless each of the three had every acknowledged event, once, in order.
func (s *Stage) Travel(ctx context.Context, plan Plan) error {
	t := &trip{Stage: s, plan: plan, ledger: &ledger{}, traveller: newConsumer("the traveller", s.began)}
	for i, d := range s.Centres {
		t.posters[i] = &poster{centre: d, ledger: t.ledger}
		t.residents[i] = newConsumer("the resident of "+d.Name, s.began)
	}
	defer t.leave()
	for i, d := range s.Centres {
		t.residents[i].moveTo(ctx, d)
	}
	t.traveller.moveTo(ctx, s.Centres[0])
	if err := t.firstEvents(ctx); err != nil {
		return err
	}
	stopPosting := t.startPosting(ctx)
	defer stopPosting()
	for n := 1; n <= plan.Switches; n++ {
		if err := t.change(ctx, n); err != nil {
			return errors.Join(fmt.Errorf("at switch %d: %w", n, err), t.verdict())
		}
	}
	stopPosting()
	return t.end(ctx)
}

// leave ends every connection.
func (t *trip) leave() {
	for _, c := range []*consumer{t.traveller, t.residents[0], t.residents[1]} {
		c.leave()
	}
}

// startPosting posts in both data centres until it is stopped.
func (t *trip) startPosting(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, p := range t.posters {
		wg.Go(func() { p.run(ctx) })
	}
	return func() { cancel(); wg.Wait() }
}

// firstEvents shows that what is posted in either data centre is streamed in both.
func (t *trip) firstEvents(ctx context.Context) error {
	for _, p := range t.posters {
		if err := p.post(ctx, 2); err != nil {
			return err
		}
	}
	if err := t.mirrored(ctx); err != nil {
		return err
	}
	t.say("what is posted in either data centre is streamed in both")
	return nil
}

// arrived waits until everything that has been posted in a data centre ("" = in both) has been had by a resident.
func (t *trip) arrived(ctx context.Context, resident int, from string) error {
	return t.residents[resident].await(ctx, t.ledger.from(from))
}

// had waits until the traveller has had some more events.
func (t *trip) had(ctx context.Context, more int) error {
	enough := t.traveller.had() + more
	return await(ctx, fmt.Sprintf("the traveller has %d events more", more), func() bool { return t.traveller.had() >= enough })
}

// change lets the traveller stay for a while and then moves it to the other data centre; what fails in between depends on the number.
func (t *trip) change(ctx context.Context, n int) error {
	if err := t.had(ctx, stay); err != nil {
		return err
	}
	switch n % every {
	case mirrorFails:
		return t.mirrorFails(ctx, n)
	case centreFails % every:
		return t.centreFails(ctx, n)
	}
	t.move(ctx, n)
	return nil
}

// move changes the traveller's data centre.
func (t *trip) move(ctx context.Context, n int) {
	t.at = 1 - t.at
	t.traveller.moveTo(ctx, t.Centres[t.at])
	t.say("switch %d: the traveller is in %s and has had %d events", n, t.Centres[t.at].Name, t.traveller.had())
}

// mirrorFails kills the mirror. Started again, it copies once more what it had copied since it kept its position.
func (t *trip) mirrorFails(ctx context.Context, n int) error {
	t.mirror.Kill()
	t.say("the mirror has been killed")
	if err := t.had(ctx, stay); err != nil {
		return err
	}
	if err := t.mirror.Revive(); err != nil {
		return err
	}
	if t.plan.Crashes {
		t.move(ctx, n)
		return t.mirrored(ctx)
	}
	if err := t.mirrored(ctx); err != nil {
		return err
	}
	t.say("the mirror copies again")
	t.move(ctx, n)
	return nil
}

// mirrored waits until what has been posted up to now is everywhere.
func (t *trip) mirrored(ctx context.Context) error {
	return errors.Join(t.arrived(ctx, 0, ""), t.arrived(ctx, 1, ""))
}

// centreFails takes down the data centre where the traveller is, and brings it back while the traveller is in the other.
func (t *trip) centreFails(ctx context.Context, n int) error {
	down := t.at
	d := t.Centres[down]
	if !t.plan.Crashes {
		t.posters[down].pause(true)
		if err := t.arrived(ctx, 1-down, d.Name); err != nil {
			return err
		}
	}
	d.Down()
	t.say("%s is down", d.Name)
	t.move(ctx, n)
	if err := t.had(ctx, stay); err != nil {
		return err
	}
	if err := d.Up(ctx); err != nil {
		return err
	}
	t.say("%s is up", d.Name)
	t.posters[down].pause(false)
	if err := t.mirrored(ctx); err != nil {
		return err
	}
	t.say("the mirror has caught up")
	return nil
}

// end posts the last events, to every partition, and waits for them: what comes after them would come too late to be anything but a fault.
func (t *trip) end(ctx context.Context) error {
	if err := t.mirrored(ctx); err != nil {
		return errors.Join(err, t.verdict())
	}
	for _, p := range t.posters {
		if err := p.post(ctx, 200); err != nil {
			return err
		}
	}
	err := t.mirrored(ctx)
	if err == nil {
		err = t.traveller.await(ctx, t.ledger.from(""))
	}
	if err := errors.Join(err, t.verdict()); err != nil {
		return err
	}
	t.say("%d events were acknowledged; traveller and residents had every one, once, in order", len(t.ledger.from("")))
	return t.tellCopies(ctx)
}

// verdict is what any of the three has to complain of.
func (t *trip) verdict() (err error) {
	for _, c := range []*consumer{t.traveller, t.residents[0], t.residents[1]} {
		if missing := c.missing(t.ledger.from("")); len(missing) > 0 {
			err = errors.Join(err, fmt.Errorf("%s has not had %d events, from %q to %q", c.name, len(missing), missing[0], missing[len(missing)-1]))
		}
		err = errors.Join(err, c.verdict())
	}
	return err
}

// tellCopies says how many records the mirror wrote more than once, and so could have been had twice.
func (t *trip) tellCopies(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for i, from := range t.Centres {
		to, written := t.Centres[1-i], int64(0)
		for stream := range partitions {
			n, err := to.records(ctx, from.Name+"."+stream)
			if err != nil {
				return err
			}
			written += n
		}
		events := len(t.ledger.from(from.Name))
		t.say("%s: of %d events from %s the mirror wrote %d copies too many", to.Name, events, from.Name, written-int64(events))
	}
	return nil
}
