package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config says what to consume. URL and Streams are required.
type Config struct {
	// URL is the service's, such as https://stream.example.org; the path of the streams is appended.
	URL string
	// Streams are names of streams.
	Streams []string
	// LastEventID is where to go on: the ID of the last event that was had. Empty is where Query's since says, else the end.
	LastEventID string
	// Query are further parameters, such as since, until, limit, where and fields.
	Query url.Values

	// HTTP sends the requests; nil = a client of its own without a timeout for whole answers.
	HTTP *http.Client
	// UserAgent is sent with every request. Say who you are.
	UserAgent string
	// Silence is how long a connection may bring nothing, not even a heartbeat, before it counts as dead; 0 = 45 s.
	Silence time.Duration
	// Longest bounds the time between two tries; 0 = 1 min. It does not bound what the server asks for.
	Longest time.Duration
	// OnPosition, if set, is told of positions that come without an event: where the stream begins, and how far it has come while a filter kept nothing.
	// They are for LastEventID like those of events, and are told in one order with them.
	OnPosition func(id string)
	// OnGap, if set, is told of events that the server does not have any more: a JSON object with topic, partition, from, to and reason.
	OnGap func(gap []byte)
	// OnRetry, if set, is told why a connection ended and when the next is tried.
	OnRetry func(err error, in time.Duration)
}

// Event is one event. Its Data must not be kept after the function that gets it has returned.
type Event struct {
	// ID is the position after the event, for LastEventID. It covers all streams.
	ID string
	// Data is the event, a JSON object.
	Data []byte
}

// StatusError is an answer that trying again does not change.
type StatusError struct {
	Status int
	Body   string // as far as it was read
}

// Error says what was answered.
func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answers %d %s: %s", e.Status, http.StatusText(e.Status), strings.TrimSpace(e.Body))
}

// errStop is wrapped around what the caller's function returned.
type errStop struct{ cause error }

func (e errStop) Error() string { return e.cause.Error() }

// Consume hands every event to take, one after the other, until ctx is over, take returns an error, the server says that the end that Query asks for is
// reached (then it returns nil), or it refuses the request (a *StatusError).
func Consume(ctx context.Context, cfg Config, take func(Event) error) error {
	c, err := newConsumer(cfg, take)
	if err != nil {
		return err
	}
	for failed := 0; ; {
		had := c.had
		err := c.connect(ctx)
		var stop errStop
		var status *StatusError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case c.ended, c.limited():
			return nil
		case errors.As(err, &stop):
			return stop.cause
		case errors.As(err, &status) && !passing(status.Status):
			return err
		}
		if c.had > had {
			failed = 0
		}
		wait := c.wait(failed, err)
		failed++
		if cfg.OnRetry != nil {
			cfg.OnRetry(err, wait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// limited says that all of a limit has been had, though the server's word for it may have been cut off.
func (c *consumer) limited() bool {
	limit, err := strconv.ParseInt(c.cfg.Query.Get("limit"), 10, 64)
	return err == nil && limit > 0 && c.had >= limit
}

func passing(status int) bool { return status >= 500 || status == http.StatusTooManyRequests }

type consumer struct {
	cfg  Config
	url  string
	take func(Event) error

	id    string
	began string        // when the first connection began, by the server's clock; "" if somebody else says where to begin
	retry time.Duration // what the server asked for last
	after time.Duration // Retry-After of the last answer
	had   int64
	ended bool
}

func newConsumer(cfg Config, take func(Event) error) (*consumer, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of a server", cfg.URL)
	}
	if len(cfg.Streams) == 0 {
		return nil, errors.New("no streams are named")
	}
	names := make([]string, len(cfg.Streams))
	for i, name := range cfg.Streams {
		names[i] = url.PathEscape(name)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{}
	}
	if cfg.Silence == 0 {
		cfg.Silence = 45 * time.Second
	}
	if cfg.Longest == 0 {
		cfg.Longest = time.Minute
	}
	return &consumer{cfg: cfg, take: take, id: cfg.LastEventID, retry: time.Second,
		url: strings.TrimSuffix(cfg.URL, "/") + "/v2/stream/" + strings.Join(names, ",")}, nil
}

// query is the request's query: what is left of a limit is what has not been had yet. The server is asked where the stream begins, so that nothing is lost
// if it is cut before the first event; from one that does not tell, events are asked for from the time at which the first connection began.
func (c *consumer) query() string {
	q := maps.Clone(c.cfg.Query)
	if q == nil {
		q = url.Values{}
	}
	q.Set("position", "true")
	if c.id == "" && c.began != "" {
		q.Set("since", c.began)
	}
	if limit, err := strconv.ParseInt(q.Get("limit"), 10, 64); err == nil && limit > c.had {
		q.Set("limit", strconv.FormatInt(limit-c.had, 10))
	}
	return "?" + q.Encode()
}

// wait is how long to wait before the next try: twice as long each time, a little different for each client, and not less than the server asks for.
func (c *consumer) wait(failed int, err error) time.Duration {
	d := min(c.retry<<min(failed, 10), c.cfg.Longest)
	if failed == 0 && err == nil { // a clean end: the server wants to be left, not to be waited for
		d = min(d, time.Second)
	}
	d = d/2 + rand.N(d/2+1)
	return max(d, c.after)
}

// connect consumes one connection. A clean end is no error.
func (c *consumer) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(c.cfg.Silence, cancel)
	defer silence.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+c.query(), nil)
	if err != nil {
		return errStop{err}
	}
	req.Header.Set("Accept", "text/event-stream")
	if c.cfg.UserAgent != "" {
		req.Header.Set("User-Agent", c.cfg.UserAgent)
	}
	if c.id != "" {
		req.Header.Set("Last-Event-ID", c.id)
	}
	c.after = 0
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10)) // the status says enough
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			c.after = time.Duration(seconds) * time.Second
		}
		return &StatusError{resp.StatusCode, string(body)}
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil && c.id == "" && c.began == "" && c.cfg.Query.Get("since") == "" {
		c.began = strconv.FormatInt(at.Add(-time.Second).UnixMilli(), 10) // the header has whole seconds, and the stream begins a little before it
	}
	err = c.read(resp.Body, func() { silence.Reset(c.cfg.Silence) })
	if ctx.Err() != nil && !errors.As(err, new(errStop)) {
		return fmt.Errorf("nothing came for %v: %w", c.cfg.Silence, err)
	}
	return err
}
