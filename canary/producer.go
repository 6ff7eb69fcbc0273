package canary

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/schema"
	"github.com/eventplatform/eventplatform/streamconfig"
)

// Bounds of a round, and the time between two of them.
const (
	// Interval is how often streams get an event: as often as Wikimedia's streams do.
	Interval = 15 * time.Minute
	// patience bounds one request, roundTime a whole round.
	patience  = 10 * time.Second
	roundTime = 5 * time.Minute
	// atOnce bounds the requests that are under way.
	atOnce = 8
)

// Config says what canary events are made of and where they go.
type Config struct {
	// Streams is the stream configuration as it is now.
	Streams streamconfig.Snapshot
	// Schemas have the examples.
	Schemas *schema.Repositories
	// Services are the intakes.
	Services func(service string) []Target
	// Only are the streams that get events, if there are any; else all that want them.
	Only []string
	// HTTP sends the requests; nil: a client of its own.
	HTTP *http.Client
	// UserAgent is sent with them.
	UserAgent string
	// Observer hears of each round; may be nil.
	Observer Observer
}

// Observer hears what became of canary events, for metrics.
type Observer interface {
	CanaryRound(*Report)
}

// Producer sends canary events.
type Producer struct {
	cfg Config
	now func() time.Time
}

// New makes a producer.
func New(c Config) *Producer {
	if c.HTTP == nil {
		c.HTTP = &http.Client{}
	}
	return &Producer{cfg: c, now: time.Now}
}

// Run makes a round now and then one every interval, give or take a tenth so that several producers do not go in step, until ctx is over. Tell is called
// after each round that was not cut short by that end.
func (p *Producer) Run(ctx context.Context, interval time.Duration, tell func(*Report)) {
	for {
		if report := p.Round(ctx); ctx.Err() == nil {
			tell(report)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval - interval/10 + rand.N(interval/5+1)):
		}
	}
}

// Round sends an event to every stream, in every data centre.
func (p *Producer) Round(ctx context.Context) *Report {
	r := &Report{Began: p.now()}
	ctx, cancel := context.WithTimeoutCause(ctx, roundTime, fmt.Errorf("there was no time for it in the %v of a round", roundTime))
	defer cancel()
	r.Outcomes = p.Plan(ctx)
	var all sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		if o.Result == Impossible {
			continue
		}
		places <- struct{}{}
		all.Go(func() {
			p.deliver(ctx, o)
			<-places
		})
	}
	all.Wait()
	r.Took = p.now().Sub(r.Began)
	r.Streams = countStreams(r.Outcomes)
	if p.cfg.Observer != nil {
		p.cfg.Observer.CanaryRound(r)
	}
	return r
}

// Plan makes the events of a round without sending them: outcomes that have no result yet, and the impossible ones.
func (p *Producer) Plan(ctx context.Context) []Outcome {
	var outcomes []Outcome
	for _, s := range p.streams(&outcomes) {
		if targets := p.cfg.Services(s.DestinationEventService); len(targets) == 0 {
			outcomes = append(outcomes, impossible(s.Name, fmt.Sprintf("no URL is configured for its destination_event_service %q", s.DestinationEventService)))
		} else {
			outcomes = append(outcomes, p.events(ctx, s, targets)...)
		}
	}
	return outcomes
}

func impossible(stream, reason string) Outcome {
	return Outcome{Event: Event{Stream: stream}, Result: Impossible, Reason: reason}
}

// streams are those that get events.
func (p *Producer) streams(outcomes *[]Outcome) []*streamconfig.Stream {
	var chosen []*streamconfig.Stream
	for _, s := range p.cfg.Streams().Streams() {
		named := slices.Contains(p.cfg.Only, s.Name)
		if len(p.cfg.Only) > 0 && !named {
			continue
		}
		wanted, why := wants(s)
		switch {
		case wanted:
			chosen = append(chosen, s)
		case why != "" || named:
			*outcomes = append(*outcomes, impossible(s.Name, strings.TrimSpace(why+" "+"no canary event may be sent to it")))
		}
	}
	for _, name := range p.cfg.Only {
		if !slices.ContainsFunc(p.cfg.Streams().Streams(), func(s *streamconfig.Stream) bool { return s.Name == name }) {
			*outcomes = append(*outcomes, impossible(name, "there is no such stream in the stream configuration"))
		}
	}
	return chosen
}

// wants reports whether a stream gets canary events. A reason for no is given where its configuration contradicts itself.
func wants(s *streamconfig.Stream) (wanted bool, contradiction string) {
	_, said := s.Setting("canary_events_enabled")
	switch {
	case s.IsRegex, said && !s.CanaryEventsEnabled:
		return false, ""
	case s.DestinationEventService == "" && said:
		return false, "canary_events_enabled is true, but there is no destination_event_service:"
	case s.DestinationEventService == "":
		return false, ""
	}
	return true, ""
}

// events makes a stream's events, one for each data centre.
func (p *Producer) events(ctx context.Context, s *streamconfig.Stream, targets []Target) []Outcome {
	found, err := p.newest(ctx, s.SchemaTitle)
	if err != nil {
		return []Outcome{impossible(s.Name, err.Error())}
	}
	outcomes := make([]Outcome, len(targets))
	for i, target := range targets {
		e, err := Make(found, s.Name, p.now())
		if err != nil {
			return []Outcome{impossible(s.Name, err.Error())}
		}
		outcomes[i] = Outcome{Event: e, Service: s.DestinationEventService, Target: target}
	}
	return outcomes
}

func (p *Producer) newest(ctx context.Context, title string) (*schema.Schema, error) {
	if title == "" {
		return nil, errors.New("the stream has no schema_title")
	}
	return p.cfg.Schemas.Latest(ctx, title)
}

func countStreams(outcomes []Outcome) int {
	seen := map[string]bool{}
	for i := range outcomes {
		seen[outcomes[i].Event.Stream] = true
	}
	return len(seen)
}
