package streamconfig

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// ClientConfig says where a Client gets the configuration. Only URI is required.
type ClientConfig struct {
	// URI is a file, a file:// or an http(s):// URI, of the action API or of any document with stream declarations.
	URI string
	// Header is sent with each request. "Host" is the request's host.
	Header http.Header
	// ObjectPath is the dotted path of the object of streams in the answer ("streams"). Empty: the answer is a document as Parse reads it.
	ObjectPath string
	// Retries is how often a failed fetch is tried again at once, with growing pauses. Default 3; negative: never.
	Retries int
	// TTL is how often Run fetches again. Zero: only at the start.
	TTL time.Duration
	// Dynamic makes Find fetch when it is asked for a stream that is not known.
	Dynamic bool
	// DynamicInterval is the shortest time between two such fetches, whatever is asked for. Default 10 s.
	DynamicInterval time.Duration
	// CacheFile keeps the last good answer, so that a start while the service is away works. Empty: nothing is kept.
	CacheFile string
	// Timeout bounds one attempt. Default 10 s.
	Timeout time.Duration
	// Transport asks the service. Default: http.DefaultTransport.
	Transport http.RoundTripper
	// Observer hears of fetches. May be nil.
	Observer Observer
	// Logger is told of what does not work. Default: nothing is logged.
	Logger *slog.Logger
}

// Client holds the configuration that a service elsewhere answers, MediaWiki's or ours. A fetch that fails leaves the last good one in use. A
// declaration in the answer that cannot be used is left out and logged: it must not cost the others. Methods may be called from any goroutine.
type Client struct {
	config  ClientConfig
	http    *http.Client
	current atomic.Pointer[fetched]

	ctx     context.Context
	cancel  context.CancelFunc
	fetches sync.WaitGroup

	mu      sync.Mutex
	running *fetch
	last    *fetch // that Find began or waited for
}

// patience is how long those who ask are kept waiting for a fetch; it goes on without them, through all its retries.
const patience = 2 * time.Second

// fetched is a configuration with its age.
type fetched struct {
	config *Config
	at     time.Time
}

// fetch is one that is under way: all who want one wait for it.
type fetch struct {
	began time.Time
	done  chan struct{}
	err   error // once done is closed
}

// wait waits for the outcome until ctx is over.
func (f *fetch) wait(ctx context.Context) error {
	select {
	case <-f.done: // whether ctx is over or not
		return f.err
	default:
	}
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("the stream configuration was not there after %s; the fetch goes on", time.Since(f.began).Round(time.Millisecond))
		}
		return ctx.Err()
	}
}

// NewClient gets the configuration, with retries; if that fails, the one kept on disk. Without either it is an error. Close must be called in the end.
func NewClient(ctx context.Context, c ClientConfig) (*Client, error) {
	if c.Retries == 0 {
		c.Retries = 3
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.DynamicInterval <= 0 {
		c.DynamicInterval = 10 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	client := &Client{config: c, http: &http.Client{Transport: c.Transport, Timeout: c.Timeout}}
	client.ctx, client.cancel = context.WithCancel(context.Background())
	err := client.Refresh(ctx)
	if err == nil {
		warnEmpty(client.Current(), c.Logger)
		return client, nil
	}
	kept, keptErr := client.readCache()
	if keptErr != nil {
		client.Close()
		return nil, fmt.Errorf("stream configuration: %w", err)
	}
	client.current.Store(kept)
	c.Logger.Warn("the stream configuration service does not answer, the configuration kept on disk is used",
		"uri", c.URI, "file", c.CacheFile, "age", time.Since(kept.at).Round(time.Second), "error", err)
	return client, nil
}

// Current returns the configuration in use.
func (c *Client) Current() *Config { return c.current.Load().config }

// Age is how long ago the configuration in use was answered.
func (c *Client) Age() time.Duration { return time.Since(c.current.Load().at) }

// Refresh fetches now and waits for the outcome, or for ctx. If a fetch is under way it waits for that one. The fetch itself ends with the client,
// not with the one who asked first.
func (c *Client) Refresh(ctx context.Context) error {
	c.mu.Lock()
	f, err := c.join()
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return f.wait(ctx)
}

// Reload is Refresh for those who have other things to do: a service that hangs keeps them a short while only, and what it answers later is taken then.
func (c *Client) Reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.Refresh(ctx)
}

// join begins a fetch, unless one is under way. The caller has locked.
func (c *Client) join() (*fetch, error) {
	if c.running != nil {
		return c.running, nil
	}
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	f := &fetch{began: time.Now(), done: make(chan struct{})}
	c.running = f
	c.fetches.Go(func() {
		f.err = c.fetch(c.ctx)
		c.mu.Lock()
		c.running = nil
		c.mu.Unlock()
		close(f.done)
	})
	return f, nil
}

// Close ends a fetch that is under way. The configuration stays.
func (c *Client) Close() {
	c.cancel()
	c.fetches.Wait()
}

// Run fetches every TTL, give or take a tenth, until ctx is over. Without a TTL it returns at once.
func (c *Client) Run(ctx context.Context) {
	if c.config.TTL <= 0 {
		return
	}
	for {
		pause := time.Duration(float64(c.config.TTL) * (0.9 + 0.2*rand.Float64()))
		if !sleep(ctx, pause) {
			return
		}
		_ = c.Refresh(ctx) // a failure is logged and counted where it happens
	}
}

// Find is Lookup, and if the client is dynamic it fetches once for a name that is not known. A flood of unknown names costs one fetch an interval. All
// wait for it together, for a short while from its beginning: several names in a row cost no more than one. The error is that fetch's.
func (c *Client) Find(ctx context.Context, name string) (*Stream, bool, error) {
	if s, ok := c.Current().Writable(name); ok || !c.config.Dynamic {
		return s, ok, nil
	}
	c.mu.Lock()
	var err error
	if c.running != nil || c.last == nil || time.Since(c.last.began) >= c.config.DynamicInterval {
		var f *fetch
		if f, err = c.join(); err == nil {
			c.last = f
		}
	}
	f := c.last
	c.mu.Unlock()
	if err == nil {
		bounded, cancel := context.WithDeadline(ctx, f.began.Add(patience))
		defer cancel()
		err = f.wait(bounded)
	}
	now := c.current.Load()
	s, ok := now.config.Writable(name)
	if ok || f != nil && now.at.After(f.began) { // another fetch may have been the good one
		err = nil
	}
	return s, ok, err
}

// fetch gets an answer, with retries, and takes it.
func (c *Client) fetch(ctx context.Context) error {
	start := time.Now()
	var err error
	var emptied *emptiedError
	for attempt := 0; ; attempt++ {
		var body []byte
		if body, err = c.get(ctx); err == nil {
			var config *Config
			if config, err = parseAnswer(c.config.URI, body, c.config.ObjectPath); err == nil {
				err = c.take(config, body)
			}
		}
		var final *finalError
		if err == nil || attempt >= c.config.Retries || errors.As(err, &final) || errors.As(err, &emptied) || ctx.Err() != nil || !sleep(ctx, backoff(attempt)) {
			break
		}
	}
	switch {
	case emptied != nil:
		c.config.Logger.Error("the newest stream configuration is refused, the one before stays in use", "uri", c.config.URI, "error", err)
	case err != nil:
		c.config.Logger.Warn("the stream configuration could not be fetched", "uri", c.config.URI, "error", err)
	}
	if c.config.Observer != nil {
		c.config.Observer.ConfigReloaded(time.Since(start), err)
	}
	return err
}

// take puts a configuration in use, unless that would leave no stream.
func (c *Client) take(config *Config, body []byte) error {
	if before := c.current.Load(); before != nil {
		if err := compare(before.config, config, c.config.Logger); err != nil {
			return err
		}
	}
	for _, w := range config.warnings {
		c.config.Logger.Warn("a stream's declaration is not used as it is", "fault", w.String())
	}
	c.current.Store(&fetched{config, time.Now()})
	if err := c.writeCache(body); err != nil {
		c.config.Logger.Warn("the stream configuration cannot be kept on disk", "file", c.config.CacheFile, "error", err)
	}
	return nil
}

// backoff is the pause after a failed attempt: up to 0.2, 0.4, 0.8 … 5 s, at random, so that many instances do not ask at once.
func backoff(attempt int) time.Duration {
	longest := min(200*time.Millisecond<<min(attempt, 10), 5*time.Second)
	return longest/2 + time.Duration(rand.Int64N(int64(longest/2)))
}

// sleep reports false if ctx was over first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
