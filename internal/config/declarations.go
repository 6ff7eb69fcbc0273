package config

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/eventplatform/eventplatform/streamconfig"
)

// Usable says whether what stream_config_uri names declares any stream.
func (s *Streams) Usable(c *streamconfig.Config) error {
	if len(c.Streams()) == 0 && !s.Client.Dynamic {
		return fmt.Errorf("stream configuration %s: there are no streams in it; does stream_config_object_path (%q) lead to them?", s.Client.URI, s.Client.ObjectPath)
	}
	return nil
}

// declarations says where stream configuration cannot come from. If the file is only checked it reads what is on this machine, and returns it if that is
// all there is.
func (r *reading) declarations(s *Streams, n *node, path string) *streamconfig.Config {
	if len(s.Sources) > 0 {
		return r.sources(s.Sources)
	}
	uri := s.Client.URI
	file, plain := localPath(uri)
	u, err := url.Parse(uri)
	switch {
	case uri == "":
	case isWeb(uri) && (err != nil || u.Host == ""), !isWeb(uri) && !plain, !isWeb(uri) && !looksLikeFile(file):
		r.fault(n.line, path, "is %q: it must be a file, a file:// or an http(s):// URL with the streams' declarations", uri)
	case !isWeb(uri) && r.over.Checking && r.isHere(file, uri, n.line, path):
		return r.declared(s, n, path)
	}
	return nil
}

// looksLikeFile says whether a text may be a file's name. One word or sentence is one only if there is such a file.
func looksLikeFile(name string) bool {
	return strings.Contains(name, "/") || filepath.Ext(name) != "" || exists(name)
}

// declared reads the file of stream_config_uri as a start does.
func (r *reading) declared(s *Streams, n *node, path string) *streamconfig.Config {
	c := s.Client
	c.CacheFile, c.Retries = "", -1
	client, err := streamconfig.NewClient(context.Background(), c)
	if err != nil {
		r.fault(n.line, path, "%v", err)
		return nil
	}
	defer client.Close()
	streams := client.Current()
	if err := s.Usable(streams); err != nil {
		r.fault(n.line, path, "%v", err)
		return nil
	}
	for _, w := range streams.Warnings() {
		r.warn(n.line, path, "%s", w)
	}
	return streams
}

// sources reads the files and folders of --streams if they are only checked and all are on this machine.
func (r *reading) sources(sources []string) *streamconfig.Config {
	const path = "--streams"
	all := r.over.Checking
	for _, source := range sources {
		file, _ := localPath(source)
		all = all && !isWeb(source) && r.isHere(file, source, 0, path)
	}
	if !all {
		return nil
	}
	streams, err := streamconfig.Load(sources...)
	var load *streamconfig.LoadError
	switch {
	case errors.As(err, &load):
		for _, f := range load.Faults {
			r.fault(0, path, "%s", f)
		}
	case err != nil:
		r.fault(0, path, "%v", err)
	}
	return streams
}
