package schema

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// httpBase is a repository behind a server.
type httpBase struct {
	shown     string // for logs and pages, without credentials
	prefix    string // for requests
	client    *http.Client
	userAgent string
	maxBytes  int64
}

func newHTTPBase(c *Config, location string) (*httpBase, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("schema repository %s: it is no URL of a server", location)
	}
	prefix := strings.TrimRight(location, "/") + "/"
	if u.User != nil {
		u.User = nil
		location = u.String()
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("schema repository %s: a query or fragment has no meaning here: titles are put after the URL", location)
	}
	client := c.Client
	if client == nil {
		client = http.DefaultClient
	}
	return &httpBase{
		shown: location, prefix: prefix, client: client, userAgent: c.UserAgent, maxBytes: c.MaxBytes,
	}, nil
}

func (b *httpBase) name() string     { return b.shown }
func (b *httpBase) revision() string { return "" }

var versionText = regexp.MustCompile(`\b\d+\.\d+\.\d+\b`)

// versions reads them from the listing of the title's folder, whatever form that has.
func (b *httpBase) versions(ctx context.Context, title string) []string {
	doc, err := b.fetch(ctx, title+"/", "")
	if err != nil {
		return nil
	}
	return versionText.FindAllString(string(doc.text), -1)
}

func (b *httpBase) read(ctx context.Context, file, etag string) (document, error) {
	doc, err := b.fetch(ctx, file, etag)
	if err != nil {
		return document{}, err
	}
	if target, ok := linkText(doc.text); ok {
		// A server that serves a repository's files as git keeps them: a link is a text with the other file's name.
		return b.fetch(ctx, file[:strings.LastIndexByte(file, '/')+1]+target, "")
	}
	return doc, nil
}

func (b *httpBase) fetch(ctx context.Context, file, etag string) (document, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.prefix+file, nil)
	if err != nil {
		return document{}, err
	}
	if b.userAgent != "" {
		req.Header.Set("User-Agent", b.userAgent)
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := b.client.Do(req)
	if err != nil {
		if request, ok := errors.AsType[*url.Error](err); ok {
			err = request.Err // without the URL, which is said anyway
		}
		return document{}, &unreachableError{b.shown, file, err}
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotModified && etag != "":
		return document{}, errUnchanged
	case res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusGone:
		return document{}, fs.ErrNotExist
	case res.StatusCode != http.StatusOK:
		return document{}, &unreachableError{b.shown, file, fmt.Errorf("the server answers %s", res.Status)}
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, b.maxBytes+1))
	if err != nil {
		return document{}, &unreachableError{b.shown, file, err}
	}
	place := strings.TrimRight(b.shown, "/") + "/" + file
	if int64(len(text)) > b.maxBytes {
		return document{}, fmt.Errorf("%s has more than %d bytes", place, b.maxBytes)
	}
	return document{text: text, file: place, etag: res.Header.Get("ETag")}, nil
}
