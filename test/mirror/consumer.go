package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams/client"
)

// consumer has the events of both streams from both data centres, over one connection at a time. It may be moved from one data centre's streamer to
// the other's; all it takes along is the id of the last event.
type consumer struct {
	name  string
	since time.Time

	cancel context.CancelFunc // ends the connection in use
	ended  chan struct{}      // closed when it has ended

	mu     sync.Mutex
	id     string
	seen   map[string]bool
	last   map[string]int // of each data centre's unpartitioned stream, the number of the last event
	faults []string
}

func newConsumer(name string, since time.Time) *consumer {
	return &consumer{name: name, since: since, seen: map[string]bool{}, last: map[string]int{}}
}

// moveTo leaves where it is, in the middle of whatever comes, and goes on at the data centre's streamer.
func (c *consumer) moveTo(ctx context.Context, d *DataCentre) {
	c.leave()
	ctx, c.cancel = context.WithCancel(ctx)
	ended := make(chan struct{})
	c.ended = ended
	config := client.Config{
		URL: d.Streamer(), Streams: []string{"trip.log", "trip.keyed"}, LastEventID: c.id, UserAgent: c.name,
		Query:   url.Values{"since": {strconv.FormatInt(c.since.UnixMilli(), 10)}},
		Longest: time.Second,
		OnGap:   c.gap,
	}
	go func() {
		defer close(ended)
		if err := client.Consume(ctx, config, c.take); !errors.Is(err, context.Canceled) {
			c.fault("was refused by %s: %v", d.Name, err)
		}
	}()
}

// gap is told of events that the server does not have. The first connection asks for a time before the topics' past was deleted; none from then on may
// miss anything.
func (c *consumer) gap(gap []byte) {
	var g struct{ From *int64 }
	if err := json.Unmarshal(gap, &g); err != nil || g.From != nil {
		c.fault("was told of a gap: %s", gap)
	}
}

// leave ends the connection and waits for its end.
func (c *consumer) leave() {
	if c.cancel != nil {
		c.cancel()
		<-c.ended
	}
}

func (c *consumer) take(e client.Event) error {
	var event struct{ Test string }
	if err := json.Unmarshal(e.Data, &event); err != nil {
		c.fault("got no event: %v: %.200s", err, e.Data)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id = e.ID
	if c.seen[event.Test] {
		c.faults = append(c.faults, fmt.Sprintf("had %q twice: %.400s", event.Test, e.Data))
	}
	c.seen[event.Test] = true
	if place, number, ok := strings.Cut(event.Test, " trip.log "); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n < c.last[place] {
			c.faults = append(c.faults, fmt.Sprintf("had %q after number %d", event.Test, c.last[place]))
		}
		c.last[place] = n
	}
	return nil
}

func (c *consumer) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// had counts the distinct events so far.
func (c *consumer) had() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

// missing returns those of the events that have not come.
func (c *consumer) missing(events []string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(events) > 0 && c.seen[events[0]] { // most of them come in order: what has come is not looked at again
		events = events[1:]
	}
	return slices.DeleteFunc(slices.Clone(events), func(text string) bool { return c.seen[text] })
}

// await waits until the events have come.
func (c *consumer) await(ctx context.Context, events []string) error {
	err := await(ctx, c.name+" has what was posted before", func() bool {
		events = c.missing(events)
		return len(events) == 0
	})
	if err != nil {
		err = fmt.Errorf("%w; %d events have not come, from %q to %q", err, len(events), events[0], events[len(events)-1])
	}
	return err
}

// verdict is what went wrong so far; nil if nothing did.
func (c *consumer) verdict() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.faults) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %d faults: %s", c.name, len(c.faults), strings.Join(c.faults[:min(len(c.faults), 5)], "; "))
}
