package streamconfig

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// StoreConfig says which sources a Store reads. Only Layout.Streams is required.
type StoreConfig struct {
	Layout
	// File is where the layout itself was read from: Watch sees its changes too. Empty: the layout is nobody's file.
	File string
	// Again reads the layout anew; each reload begins with it. Nil: the layout stays as it is.
	Again func() (Layout, error)
	// Interval is how often Watch looks whether a file changed. Default 2 s.
	Interval time.Duration
	// Client reads URLs. Default: 30 s for an answer.
	Client *http.Client
	// Observer hears of reloads. May be nil.
	Observer Observer
	// Logger is told of reloads and refusals. Default: nothing is logged.
	Logger *slog.Logger
}

// Observer hears what becomes of attempts to get a newer configuration, for metrics. It must not block.
type Observer interface {
	// ConfigReloaded is called after each attempt; err is nil if the newest configuration is in use now.
	ConfigReloaded(took time.Duration, err error)
}

// Refusal is a newer configuration that is not used.
type Refusal struct {
	At  time.Time
	Err error
}

// Store holds the configuration of local sources and reads it again when told to, or when they change. A configuration is taken whole or not at all:
// one with a fault, or without any streams, leaves the last good one in use. Its methods may be called from any goroutine.
type Store struct {
	config  StoreConfig
	loader  loader
	current atomic.Pointer[views]
	layout  atomic.Pointer[Layout] // the newest, in use or refused
	refused atomic.Pointer[Refusal]
	reading sync.Mutex
	started uint64 // the fingerprint before the first reading
}

// NewStore reads the sources. A fault in them is an error: there is no last good configuration yet.
func NewStore(ctx context.Context, c StoreConfig) (*Store, error) {
	if len(c.Streams) == 0 {
		return nil, errors.New("no stream configuration is given: name a file, a folder or a URL")
	}
	if c.Interval <= 0 {
		c.Interval = 2 * time.Second
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 30 * time.Second}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{config: c, loader: loader{client: c.Client}}
	s.layout.Store(&c.Layout)
	s.started = s.fingerprint()
	v, err := s.loader.views(ctx, c.Layout)
	if err != nil {
		return nil, err
	}
	s.current.Store(v)
	warnEmpty(v.base, c.Logger)
	return s, nil
}

// Current returns the configuration in use, without any wiki's overlays.
func (s *Store) Current() *Config { return s.current.Load().base }

// View returns the configuration as a wiki sees it, found by its id, else by the host name that was asked. One without overlays sees Current.
func (s *Store) View(wiki, host string) *Config {
	v := s.current.Load()
	if c, ok := v.wikis[wiki]; ok && wiki != "" {
		return c
	}
	if c, ok := v.hosts[host]; ok && wiki == "" {
		return c
	}
	return v.base
}

// Refused returns the newest configuration's refusal; nil if the newest is in use.
func (s *Store) Refused() *Refusal { return s.refused.Load() }

// Read is when the configuration in use was read.
func (s *Store) Read() time.Time { return s.current.Load().at }

// Reload reads the sources again, with Again also which ones they are. On an error, which says what is wrong and where, the configuration in use stays.
func (s *Store) Reload(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	start := time.Now()
	v, err := s.read(ctx)
	if err != nil {
		s.refused.Store(&Refusal{time.Now(), err})
		s.config.Logger.Error("the newest stream configuration is refused, the one before stays in use", "error", err)
	} else {
		s.current.Store(v)
		s.refused.Store(nil)
		s.config.Logger.Info("stream configuration read", "streams", len(v.base.streams))
	}
	if s.config.Observer != nil {
		s.config.Observer.ConfigReloaded(time.Since(start), err)
	}
	return err
}

func (s *Store) read(ctx context.Context) (*views, error) {
	if s.config.Again != nil {
		layout, err := s.config.Again()
		if err != nil {
			return nil, err
		}
		s.layout.Store(&layout)
	}
	v, err := s.loader.views(ctx, *s.layout.Load())
	if err != nil {
		return nil, err
	}
	return v, compare(s.Current(), v.base, s.config.Logger)
}

// Watch reloads whenever a file of the sources is another than it was, until ctx is over. URLs are read again only by Reload.
func (s *Store) Watch(ctx context.Context) {
	seen := s.started
	tick := time.NewTicker(s.config.Interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := s.fingerprint()
		if now == seen {
			continue
		}
		seen = now
		_ = s.Reload(ctx) // it says by itself what is wrong
	}
}

// fingerprint is over the names, sizes and times of all files of the sources.
func (s *Store) fingerprint() uint64 {
	h := fnv.New64a()
	sources := s.layout.Load().all()
	if s.config.File != "" {
		sources = append(sources, s.config.File)
	}
	for _, source := range sources {
		if strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://") {
			continue
		}
		_ = filepath.WalkDir(strings.TrimPrefix(source, "file://"), func(file string, _ fs.DirEntry, _ error) error {
			// A file may be a link that is pointed elsewhere: what counts is where it leads.
			info, err := os.Stat(file)
			switch {
			case err != nil:
				fmt.Fprintf(h, "%s cannot be read\n", file)
			case !info.IsDir():
				fmt.Fprintf(h, "%s %d %d\n", file, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return h.Sum64()
}
