package schema

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"
)

// Config says where schemas are found. The zero value of every field but Bases works.
type Config struct {
	// Bases are tried in this order: a folder (a repository's root or its "jsonschema" folder), a file:// URI or an http(s):// URI.
	Bases []string
	// Embedded is a repository in the program, tried after all Bases. Its root is laid out as a "jsonschema" folder.
	Embedded fs.FS
	// Extension is put after a URI that has none, before any other is tried (".yaml").
	Extension string
	// Client asks HTTP repositories. Default: http.DefaultTransport's settings.
	Client *http.Client
	// UserAgent is sent to HTTP repositories.
	UserAgent string
	// Timeout bounds one lookup, whatever it reads and however many repositories it asks: one that hangs is given its even part of what is left, so that
	// those after it are still asked. Default 10 s.
	Timeout time.Duration
	// NegativeTTL is how long it is remembered that a schema was not found. Default 10 s.
	NegativeTTL time.Duration
	// Revalidate is how long after reading a schema its repository is asked whether it changed. Default 5 minutes; negative: never.
	Revalidate time.Duration
	// TakeChanges uses the new text of a version that changed. Default: the text that was read first stays in use until Reload, and the change is reported.
	TakeChanges bool
	// MaxSchemas bounds the cache. Default 10,000.
	MaxSchemas int
	// MaxBytes bounds a schema's text. Default 10 MB.
	MaxBytes int64
	// Observer hears what happens. May be nil.
	Observer Observer
	// Logger is told what an operator has to know. Default: nothing is logged.
	Logger *slog.Logger
}

// Observer hears what happens in the cache, for metrics. Its methods are called from any goroutine and must not block.
type Observer interface {
	// SchemaLoaded is called after an attempt to find a schema; err is nil, or what Lookup answers.
	SchemaLoaded(uri string, took time.Duration, err error)
	// SchemaChanged is called when a version's text is another than it was.
	SchemaChanged(uri string)
}

// withDefaults fills what was left zero.
func (c Config) withDefaults() Config {
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.NegativeTTL <= 0 {
		c.NegativeTTL = 10 * time.Second
	}
	if c.Revalidate == 0 {
		c.Revalidate = 5 * time.Minute
	}
	if c.MaxSchemas <= 0 {
		c.MaxSchemas = 10_000
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 10 << 20
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
