package schema

import (
	"context"
	"errors"
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
	// Timeout bounds one fetch from one HTTP repository. Default 10 s.
	Timeout time.Duration
	// NegativeTTL is how long it is remembered that a schema was not found. Default 10 s.
	NegativeTTL time.Duration
	// Revalidate is how long after reading a schema its repository is asked whether it changed. Default 5 minutes; negative: never.
	Revalidate time.Duration
	// TakeChanges uses the new text of a version that changed. Default: the text that was read first stays in use until Reset, and the change is reported.
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

// Repositories finds schemas. Its methods may be called from any goroutine.
type Repositories struct{}

// New opens the repositories. A folder that does not exist is an error with its remedy; an HTTP repository is not asked before it is needed.
func New(c Config) (*Repositories, error) { return nil, errors.New("not yet") }

// Lookup returns the schema that a $schema value names. Errors are *InvalidURIError, *NotFoundError, *BrokenError or *UnavailableError, or ctx's.
func (r *Repositories) Lookup(ctx context.Context, uri string) (*Schema, error) {
	return nil, errors.New("not yet")
}

// LookupBytes returns a schema that is cached, without allocating. The bytes are the text of the URI, not kept.
func (r *Repositories) LookupBytes(uri []byte) (*Schema, bool) { return nil, false }

// Latest returns the newest version of a title.
func (r *Repositories) Latest(ctx context.Context, title string) (*Schema, error) {
	return r.Lookup(ctx, "/"+title+"/latest")
}

// Precache reads schemas before the first event needs them. It returns those that are found nowhere, with their errors, as missing; a schema that is
// found but cannot be used is an error.
func (r *Repositories) Precache(ctx context.Context, uris []string) (missing []error, err error) {
	return nil, nil
}

// Revision says which state of a repository is in use.
type Revision struct {
	Base     string // as configured; "embedded" for the embedded one
	Revision string // a git commit, or "sha256:…" over names, sizes and times of the files; "" for an HTTP repository
}

// Revisions returns the revision of each repository, in order.
func (r *Repositories) Revisions() []Revision { return nil }

// Reset forgets all schemas, so that they are read again.
func (r *Repositories) Reset() {}

// Close ends what runs in the background.
func (r *Repositories) Close() {}
