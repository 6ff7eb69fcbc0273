package schema

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// find looks for a schema in the repositories, in order. One that is broken or does not answer in one repository is looked for in the next.
func (r *Repositories) find(ctx context.Context, ref reference) (*Schema, error) {
	var first error
	for _, b := range r.bases {
		s, err := r.findIn(ctx, b, ref)
		if err == nil {
			return s, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && first == nil {
			first = err
		}
	}
	if first == nil {
		return nil, &NotFoundError{URI: ref.uri + ref.ext, Tried: len(r.bases)}
	}
	return nil, first
}

func (r *Repositories) findIn(ctx context.Context, b *watched, ref reference) (*Schema, error) {
	doc, err := readAny(ctx, b, ref, r.config.Extension)
	if errors.Is(err, fs.ErrNotExist) && ref.version == "latest" && ref.ext == "" {
		return r.newest(ctx, b, ref)
	}
	if err != nil {
		return nil, r.readError(ref, err)
	}
	source, err := ToJSON(doc.text)
	if err != nil {
		return nil, &BrokenError{ref.uri, publicReason(err), doc.file, err}
	}
	uri, err := r.identify(ctx, ref, source, doc.file)
	if err != nil {
		return nil, &BrokenError{ref.uri, publicReason(err), doc.file, err}
	}
	if ref.moving() {
		// The version itself, so that one version is one schema. A current.yaml may be ahead of all versions: then it stands in for its own.
		version, _ := parseURI(uri)
		s, err := r.findIn(ctx, b, version)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
	}
	var silent *unreachableError // of a schema that it refers to
	s, err := compile(uri, source, func(uri string) ([]byte, error) {
		source, cause, err := r.source(ctx, uri)
		errors.As(cause, &silent)
		return source, err
	})
	if err != nil && silent != nil {
		return nil, &UnavailableError{URI: ref.uri, Cause: silent}
	}
	if err != nil {
		return nil, &BrokenError{ref.uri, publicReason(err), doc.file, err}
	}
	s.Base, s.File, s.etag = b.name(), doc.file, doc.etag
	return s, nil
}

// identify returns the name under which a document may be used.
func (r *Repositories) identify(ctx context.Context, ref reference, source []byte, file string) (string, error) {
	c, err := checkIdentity(ref, source)
	if err != nil || c.foreign == "" {
		return c.uri, err
	}
	other, err := parseURI(c.foreign)
	if err != nil {
		return "", err
	}
	for _, b := range r.bases {
		if _, err := readAny(ctx, b, other, r.config.Extension); !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("its $id is %q, which is another schema", c.foreign)
		}
	}
	r.config.Logger.Warn("a schema is not called what its place is called", "schema", c.uri, "id", c.foreign, "file", file)
	return c.uri, nil
}

// readError makes a reading failure one that may be told.
func (r *Repositories) readError(ref reference, err error) error {
	var unreachable *unreachableError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.As(err, &unreachable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &UnavailableError{URI: ref.uri, Cause: err}
	}
	return &BrokenError{URI: ref.uri, Message: "it cannot be read", Cause: err}
}

// readAny reads the first of a reference's candidates that the repository has.
func readAny(ctx context.Context, b *watched, ref reference, extension string) (document, error) {
	ctx, cancel := b.part(ctx)
	defer cancel()
	for _, file := range ref.candidates(extension) {
		doc, err := b.read(ctx, file, "")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return doc, err
	}
	return document{}, fs.ErrNotExist
}

// newest finds the newest version of a title whose repository has no "latest".
func (r *Repositories) newest(ctx context.Context, b *watched, ref reference) (*Schema, error) {
	listing, cancel := b.part(ctx)
	newest := newestOf(b.versions(listing, ref.title))
	cancel()
	if newest == "" {
		return nil, fs.ErrNotExist
	}
	version, err := parseURI("/" + ref.title + "/" + newest)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	return r.findIn(ctx, b, version)
}

// source returns the JSON of a schema that another one refers to. The rules are those for events: only the repositories, only what is called so. The
// error is for anybody, its cause is not.
func (r *Repositories) source(ctx context.Context, uri string) (_ []byte, cause, public error) {
	ref, err := parseURI(uri)
	if err != nil {
		return nil, nil, err
	}
	var first error
	for _, b := range r.bases {
		doc, err := readAny(ctx, b, ref, r.config.Extension)
		if err == nil {
			var source []byte
			if source, err = ToJSON(doc.text); err == nil {
				if _, err = r.identify(ctx, ref, source, doc.file); err == nil {
					return source, nil, nil
				}
			}
		}
		if !errors.Is(err, fs.ErrNotExist) && first == nil {
			first = err
		}
	}
	if first != nil {
		return nil, first, fmt.Errorf("the schema %s that it refers to cannot be used", ref.uri)
	}
	return nil, nil, fmt.Errorf("the schema %s that it refers to was not found", ref.uri)
}
