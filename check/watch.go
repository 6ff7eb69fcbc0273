package check

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/eventplatform/eventplatform/eventstreams/client"
)

const (
	// maxGroup and maxNames bound the streams of one connection, in number and in bytes of their names.
	maxGroup = 20
	maxNames = 2000
	// maxSightings bounds the canary events that are remembered.
	maxSightings = 50_000
)

// watch listens to streamers for canary events. Several streams share a connection; if a streamer refuses them together, since it does not serve one of
// them, they are asked for in halves.
type watch struct {
	userAgent    string
	header       http.Header
	since, until time.Time // until zero: no end
	changed      chan struct{}
	allOpen      chan struct{} // closed when every connection is open or has failed once
	running      sync.WaitGroup

	lock      sync.Mutex
	opening   int // connections that are not open yet
	sightings []sighting
	unserved  map[place]bool
	trouble   map[string]error // what went wrong last, by streamer
	refusals  map[string]error // why a stream is not served
}

// sighting is a canary event that came out.
type sighting struct {
	streamer string
	event    header
	made, at time.Time
}

type place struct{ streamer, stream string }

// start begins to listen. The channel is closed when nothing is listened to any more.
func (w *watch) start(ctx context.Context, streamers []Streamer, streams []string) (ended <-chan struct{}) {
	w.unserved, w.trouble, w.refusals = map[place]bool{}, map[string]error{}, map[string]error{}
	w.changed, w.allOpen = make(chan struct{}, 1), make(chan struct{})
	w.opens(1) // until all have been begun
	defer w.opens(-1)
	for _, to := range streamers {
		for rest := streams; len(rest) > 0; {
			n, size := 0, 0
			for n < len(rest) && n < maxGroup && (n == 0 || size+len(rest[n]) < maxNames) {
				size += len(rest[n])
				n++
			}
			w.follow(ctx, to, rest[:n])
			rest = rest[n:]
		}
	}
	done := make(chan struct{})
	go func() {
		w.running.Wait()
		close(done)
	}()
	return done
}

// follow listens to some streams of a streamer.
func (w *watch) follow(ctx context.Context, to Streamer, streams []string) {
	w.opens(1)
	opened := sync.OnceFunc(func() { w.opens(-1) })
	w.running.Go(func() {
		defer opened()
		query := url.Values{"since": {strconv.FormatInt(w.since.UnixMilli(), 10)}, "where": {"meta.domain:canary"}}
		if !w.until.IsZero() {
			query.Set("until", strconv.FormatInt(w.until.UnixMilli(), 10))
		}
		err := client.Consume(ctx, client.Config{
			URL: to.URL, Streams: streams, Query: query, UserAgent: w.userAgent,
			HTTP: &http.Client{Transport: adding{w.header, opened}, CheckRedirect: stay},
			OnRetry: func(err error, _ time.Duration) {
				opened()
				w.troubled(to.Name, err)
			},
		}, func(e client.Event) error {
			w.saw(to.Name, e.Data)
			return nil
		})
		var status *client.StatusError
		switch {
		case errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusBadRequest):
			if half := len(streams) / 2; half > 0 {
				w.follow(ctx, to, streams[:half])
				w.follow(ctx, to, streams[half:])
				return
			}
			w.lock.Lock()
			w.unserved[place{to.Name, streams[0]}] = true
			w.refusals[to.Name] = err
			w.lock.Unlock()
		case err != nil && ctx.Err() == nil:
			w.troubled(to.Name, err)
		}
	})
}

// opens counts connections that are not open yet.
func (w *watch) opens(more int) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.opening += more
	if w.opening > 0 {
		return
	}
	select {
	case <-w.allOpen: // a connection that had failed was divided
	default:
		close(w.allOpen)
	}
}

// waitOpen waits until every connection is open or has failed once.
func (w *watch) waitOpen(ctx context.Context, patience time.Duration) {
	select {
	case <-w.allOpen:
	case <-ctx.Done():
	case <-time.After(patience):
	}
}

// waitFor waits until all that is expected has been seen, or nothing more will come.
func (w *watch) waitFor(ctx context.Context, ended <-chan struct{}, streamers []Streamer, expected []Sent) {
	for !w.complete(streamers, expected) {
		select {
		case <-ctx.Done():
			return
		case <-ended:
			return
		case <-w.changed:
		}
	}
}

func (w *watch) complete(streamers []Streamer, expected []Sent) bool {
	if !w.until.IsZero() {
		return false // the newest is wanted, which is known in the end
	}
	for _, to := range streamers {
		for _, sent := range expected {
			if _, seen := w.find(to.Name, sent); !seen && !w.isUnserved(to.Name, sent.Stream) {
				return false
			}
		}
	}
	return true
}

// saw remembers a canary event. Streamers that do not know where send others too.
func (w *watch) saw(streamer string, data []byte) {
	s := sighting{streamer: streamer, at: time.Now()}
	if json.Unmarshal(data, &s.event) != nil || !s.event.isCanary() {
		return
	}
	var err error
	if s.made, err = time.Parse(time.RFC3339Nano, s.event.Meta.Time); err != nil {
		s.made = s.at
	}
	w.lock.Lock()
	if len(w.sightings) < maxSightings {
		w.sightings = append(w.sightings, s)
	}
	w.lock.Unlock()
	w.tell()
}

func (w *watch) tell() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// find returns the newest sighting of an event.
func (w *watch) find(streamer string, sent Sent) (newest sighting, found bool) {
	w.lock.Lock()
	defer w.lock.Unlock()
	for _, s := range w.sightings {
		meta := &s.event.Meta
		switch {
		case s.streamer != streamer, meta.Stream != sent.Stream, s.made.Before(newest.made):
		case sent.ID != "" && meta.ID != sent.ID, sent.ID == "" && sent.Time != "" && meta.Time != sent.Time:
		case sent.ID == "" && sent.Datacenter != "" && s.event.datacenter() != sent.Datacenter:
		default:
			newest, found = s, true
		}
	}
	return newest, found
}

func (w *watch) isUnserved(streamer, stream string) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.unserved[place{streamer, stream}]
}

func (w *watch) troubled(streamer string, err error) {
	w.lock.Lock()
	if err != nil {
		w.trouble[streamer] = err
	}
	w.lock.Unlock()
	w.tell()
}

func (w *watch) troubleOf(streamer string) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.trouble[streamer]
}

func (w *watch) refusalOf(streamer string) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.refusals[streamer]
}
