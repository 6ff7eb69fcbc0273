package schema

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// document is a schema's text as a repository has it.
type document struct {
	text []byte
	file string // where it was read, for the operator
	etag string // of an HTTP repository
}

// errUnchanged is a repository's answer that the text is what it was.
var errUnchanged = errors.New("unchanged")

// base is one repository.
type base interface {
	// name is the repository as configured, without credentials.
	name() string
	// read returns a file by its path in the repository, "title/version.yaml". The error is fs.ErrNotExist if it has none, errUnchanged if its ETag is
	// still the given one, *unreachableError if the repository as a whole cannot say. It ends with the context.
	read(ctx context.Context, file, etag string) (document, error)
	// versions lists the names of a title's files, or its versions; nil if the repository cannot say.
	versions(ctx context.Context, title string) []string
	// revision says which state the repository is in.
	revision() string
}

// openBase makes a repository of its configured name. Folders are looked at, servers are not asked.
func openBase(c *Config, location string) (base, error) {
	if strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://") {
		return newHTTPBase(c, location)
	}
	dir := strings.TrimPrefix(location, "file://")
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("schema repository %s: there is no such folder: give a repository's folder, a file:// or an http(s):// URI", location)
	case err != nil:
		return nil, fmt.Errorf("schema repository %s: %w", location, err)
	case !info.IsDir():
		return nil, fmt.Errorf("schema repository %s: it is a file: give the repository's folder", location)
	}
	return &dirBase{location: location, root: dir, maxBytes: c.MaxBytes, reading: make(chan struct{}, maxLoads)}, nil
}

// dirBase is a repository in a folder.
type dirBase struct {
	location string
	root     string
	maxBytes int64
	reading  chan struct{} // a place for each who reads: bounds those that a file system leaves hanging
}

func (b *dirBase) name() string { return b.location }

// dir is the folder that titles are in: the repository's "jsonschema" folder if it has one. It is looked for each time, so that a repository that is
// filled or replaced after the start is found.
func (b *dirBase) dir() string {
	sub := filepath.Join(b.root, "jsonschema")
	if info, err := os.Stat(sub); err == nil && info.IsDir() {
		return sub
	}
	return b.root
}

func (b *dirBase) read(ctx context.Context, file, _ string) (document, error) {
	doc, err := within(ctx, b.reading, func() (document, error) {
		// A root keeps links that lead out of the repository from being followed.
		root, err := os.OpenRoot(b.dir())
		if err != nil { // no folder says nothing about what is in it, so this is no fs.ErrNotExist: a volume may be mounted again in a moment
			return document{}, &unreachableError{b.location, file, errors.New(err.Error())}
		}
		defer root.Close()
		return readFile(root.FS(), filepath.Join(b.dir(), file), file, b.maxBytes)
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		err = &unreachableError{b.location, file, err}
	}
	return doc, err
}

func (b *dirBase) versions(ctx context.Context, title string) []string {
	names, _ := within(ctx, b.reading, func() ([]string, error) { // what cannot be listed has no versions
		root, err := os.OpenRoot(b.dir())
		if err != nil {
			return nil, err
		}
		defer root.Close()
		return listVersions(root.FS(), title), nil
	})
	return names
}

// within waits for work on files no longer than the context lasts. A call of a file system that hangs cannot be ended: it keeps its place until it
// returns by itself, so that no more than those places can hang.
func within[T any](ctx context.Context, places chan struct{}, work func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	var none T
	select {
	case places <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-places }()
		value, err := work()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

func (b *dirBase) revision() string {
	if commit := gitCommit(b.root); commit != "" {
		return commit
	}
	if commit := gitCommit(filepath.Dir(filepath.Clean(b.root))); commit != "" && filepath.Base(filepath.Clean(b.root)) == "jsonschema" {
		return commit
	}
	return digest(os.DirFS(b.dir()))
}

// fsBase is a repository inside the program.
type fsBase struct {
	files    fs.FS
	maxBytes int64
}

func newFSBase(files fs.FS, maxBytes int64) *fsBase {
	if sub, err := fs.Sub(files, "jsonschema"); err == nil {
		if info, err := fs.Stat(sub, "."); err == nil && info.IsDir() {
			files = sub
		}
	}
	return &fsBase{files, maxBytes}
}

func (b *fsBase) name() string { return "embedded" }

func (b *fsBase) read(_ context.Context, file, _ string) (document, error) {
	return readFile(b.files, "embedded:"+file, file, b.maxBytes)
}

func (b *fsBase) versions(_ context.Context, title string) []string {
	return listVersions(b.files, title)
}

func (b *fsBase) revision() string { return digest(b.files) }

// readFile reads a file, or the one that it links to where links are kept as text (as git does on file systems without links).
func readFile(files fs.FS, place, file string, maxBytes int64) (document, error) {
	text, err := readBounded(files, file, maxBytes)
	if err != nil {
		return document{}, err
	}
	if target, ok := linkText(text); ok {
		file = path.Join(path.Dir(file), target)
		place = path.Join(path.Dir(filepath.ToSlash(place)), target)
		if text, err = readBounded(files, file, maxBytes); err != nil {
			return document{}, err
		}
	}
	return document{text: text, file: place}, nil
}

// readBounded looks before it opens: opening a named pipe would wait for a writer.
func readBounded(files fs.FS, file string, maxBytes int64) ([]byte, error) {
	info, err := fs.Stat(files, file)
	if errors.Is(err, syscall.ENOTDIR) || err == nil && !info.Mode().IsRegular() { // ENOTDIR: a file stands where a folder would have to be
		return nil, &fs.PathError{Op: "read", Path: file, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, err
	}
	f, err := files.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && int64(len(text)) > maxBytes {
		err = fmt.Errorf("the file has more than %d bytes", maxBytes)
	}
	return text, err
}

// linkText reports whether a file's text is nothing but another file's name in the same folder.
func linkText(text []byte) (string, bool) {
	if len(text) > 100 {
		return "", false
	}
	name := strings.TrimSpace(string(text))
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
	default:
		return "", false
	}
	for i := 0; i < len(name); i++ {
		if !allowed(name[i]) {
			return "", false
		}
	}
	return name, name[0] != '.'
}

func listVersions(files fs.FS, title string) []string {
	entries, err := fs.ReadDir(files, title)
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}
