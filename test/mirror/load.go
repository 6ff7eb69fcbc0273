package mirror

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// ledger is what intakes have acknowledged. An event is known by its text, which no other event has and which begins with its data centre. What was
// posted and not acknowledged may be there or not.
type ledger struct {
	mu    sync.Mutex
	acked []string
}

func (l *ledger) acknowledged(texts []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked = append(l.acked, texts...)
}

// from returns the events of one data centre so far; of "", all.
func (l *ledger) from(centre string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.acked), func(text string) bool { return !strings.HasPrefix(text, centre) })
}

// poster posts events to the intake of one data centre, some at a time, one request after the other.
type poster struct {
	centre *DataCentre
	ledger *ledger
	next   int // number of the next event

	posting sync.Mutex // held while something is on its way
	paused  bool       // while set, nothing is posted
}

// pause stops the posting, or lets it go on. When it returns, nothing is on its way.
func (p *poster) pause(paused bool) {
	p.posting.Lock()
	defer p.posting.Unlock()
	p.paused = paused
}

const (
	eventsAPost  = 5
	postInterval = 25 * time.Millisecond
)

// run posts until the context is over. It ends between two posts, so that what was posted to a live intake is acknowledged.
func (p *poster) run(ctx context.Context) {
	tick := time.NewTicker(postInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.posting.Lock()
			if !p.paused {
				_ = p.post(context.WithoutCancel(ctx), eventsAPost) // an intake that is down acknowledges nothing
			}
			p.posting.Unlock()
		}
	}
}

// post posts n events, by turns to one stream and the other.
func (p *poster) post(ctx context.Context, n int) error {
	var texts, events []string
	for range n {
		stream := "trip.log"
		if p.next%2 == 1 {
			stream = "trip.keyed"
		}
		text := fmt.Sprintf("%s %s %d", p.centre.Name, stream, p.next)
		p.next++
		texts = append(texts, text)
		events = append(events, fmt.Sprintf(`{"$schema":"/test/event/1.0.0","meta":{"stream":%q},"test":%q}`, stream, text))
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.centre.Intake(), strings.NewReader("["+strings.Join(events, ",")+"]"))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil || response.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s answered %s: %s (%w)", p.centre.Intake(), response.Status, answer, err)
	}
	p.ledger.acknowledged(texts)
	return nil
}
